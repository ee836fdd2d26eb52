/** `faultline inspect` against readelf and nm, on a program with locked sections. */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Inspection } from "../../src/core/report/inspection.js";
import { installFaultline, type Installed } from "../support/faultline.js";

let faultline: Installed;
let example: string;

beforeAll(async () => {
  faultline = await installFaultline();
  example = mkdtempSync(join(tmpdir(), "faultline-inspect-"));
  cpSync("examples/input-thread", example, { recursive: true });
  execFileSync("make", ["-s", "-C", example, "clean", "all"]);
});

afterAll(() => {
  faultline.remove();
  rmSync(example, { recursive: true, force: true });
});

function run(args: readonly string[]) {
  return spawnSync(process.execPath, [faultline.cli, "inspect", ...args], {
    cwd: example,
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
}

function inspected(...args: string[]): Inspection {
  const { status, stdout, stderr } = run([...args, "--json"]);
  expect(stderr).toBe("");
  expect(status).toBe(0);
  return JSON.parse(stdout) as Inspection;
}

describe("as JSON", () => {
  it("keeps to its schema, for a program, a library and an object file", () => {
    const schema = JSON.parse(readFileSync("schemas/inspect.schema.json", "utf8")) as object;
    const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(schema);
    execFileSync("gcc", ["-c", "-O2", "-o", join(example, "pointer.o"), join(example, "pointer.c")]);
    const libc = execFileSync("gcc", ["-print-file-name=libc.so.6"], { encoding: "utf8" }).trim();
    for (const file of ["build/input-thread", "pointer.o", libc]) {
      validate(inspected(file));
      expect(validate.errors ?? []).toEqual([]);
    }
  });

  it("has the sections of readelf, at their addresses", () => {
    const text = execFileSync("readelf", ["-SW", join(example, "build/input-thread")], { encoding: "utf8" });
    const expected = [...text.matchAll(/^ +\[ *[1-9]\d*\] (\S+) +\S+ +([0-9a-f]{16}) \S+ ([0-9a-f]+)/gm)].map(
      ([, name, address, size]) => [name, parseInt(address!, 16), parseInt(size!, 16)],
    );
    const { sections } = inspected("build/input-thread");
    expect(expected.length).toBeGreaterThan(20);
    expect(sections.map(({ name, address, size }) => [name, Number(address), size])).toEqual(expected);
  });

  it("gives each locked section what nm finds in it, and whoever shares its pages", () => {
    const { lockedSections, pageSize, sections } = inspected("build/input-thread");
    expect(lockedSections.map(({ name, kind }) => [name, kind])).toEqual([
      ["input_code", "text"],
      ["input_table", "rodata"],
      ["input_data", "data"],
    ]);
    const symbols = execFileSync("nm", ["-S", "--defined-only", join(example, "build/input-thread")], {
      encoding: "utf8",
    });
    for (const { name, address, size, symbols: held, neighbours, lockedBytes } of lockedSections) {
      const start = Number(address);
      const within = [...symbols.matchAll(/^([0-9a-f]{16}) [0-9a-f]{16} \S (\S+)$/gm)]
        .filter(([, at]) => parseInt(at!, 16) >= start && parseInt(at!, 16) < start + size)
        .map(([, , symbol]) => symbol);
      expect([...held].toSorted()).toEqual(within.toSorted());
      const from = start - (start % pageSize);
      const beside = sections.filter(
        (other) =>
          other.pages > 0 &&
          other.name !== name &&
          Number(other.address) < from + lockedBytes &&
          Number(other.address) + other.size > from,
      );
      expect(neighbours.map(({ section }) => section)).toEqual(beside.map((other) => other.name));
    }
  });

  it("counts pages of the size that is asked for", () => {
    const here = inspected("build/input-thread").sections.find(({ name }) => name === ".bss")!;
    const there = inspected("build/input-thread", "--page-size", "65536").sections.find(({ name }) => name === ".bss")!;
    expect([here.pages, there.pages]).toEqual([9, 2]);
  });
});

describe("as text", () => {
  it("says what is locked with a locked section", () => {
    const { stdout, status } = run(["build/input-thread"]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/Position-independent program for x86-64|Position-independent program for aarch64/);
    expect(stdout).toMatch(/input_code +locked/);
    expect(stdout).toMatch(/holds .*pointer_handle/);
    expect(stdout).toMatch(/locked with it: .* of \.text \(main, /);
  });

  it("refuses what is no ELF file in one sentence", () => {
    writeFileSync(join(example, "text"), "no ELF file\n");
    for (const [args, sentence] of [
      [["text"], /text is not an ELF file/],
      [["missing"], /missing does not exist here/],
      [["."], /not a regular file/],
      [[], /Name one ELF file/],
      [["build/input-thread", "--page-size", "12"], /--page-size takes 4096/],
    ] as const) {
      const { status, stderr } = run(args);
      expect(stderr).toMatch(sentence);
      expect(stderr.trimEnd().split("\n")).toHaveLength(1);
      expect(status).toBe(2);
    }
  });
});
