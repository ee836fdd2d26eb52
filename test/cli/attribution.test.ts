/** Real programs, recorded: every instruction and every data address against llvm-symbolizer and nm. */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { attribute } from "../../src/core/attribution/attribute.js";
import type { Findings } from "../../src/core/attribution/findings.js";
import type { Trace } from "../../src/core/trace/trace.js";
import { imageResolver } from "../../src/host/image-resolver.js";
import { openTrace } from "../../src/host/read-trace.js";
import { installFaultline, type Installed } from "../support/faultline.js";

const PROGRAMS = [
  { example: "input-thread", program: "input-thread", language: "C" },
  { example: "cpp-mixer", program: "mixer", language: "C++" },
  { example: "rust-ring", program: "ring", language: "Rust" },
] as const;

let faultline: Installed;
let scratch: string;

beforeAll(async () => {
  faultline = await installFaultline();
  scratch = mkdtempSync(join(tmpdir(), "faultline-attribution-"));
});

afterAll(() => {
  faultline.remove();
  rmSync(scratch, { recursive: true, force: true });
});

describe.each(PROGRAMS)("$language ($example)", ({ example, program }) => {
  let image: string;
  let trace: Trace;
  let findings: Findings;

  beforeAll(() => {
    const folder = join(scratch, example);
    cpSync(join("examples", example), folder, { recursive: true });
    execFileSync("make", ["-s", "-C", folder, "clean", "all"]);
    image = join(folder, "build", program);
    const output = join(scratch, `${example}-trace`);
    const { status, stderr } = spawnSync(process.execPath, [faultline.cli, "record", "-o", output, "--", image], {
      cwd: folder,
      encoding: "utf8",
    });
    expect(stderr).toContain("Trace:");
    expect(status).toBe(0);
    ({ trace } = openTrace(output));
    findings = attribute(trace, imageResolver({ tracedAt: undefined, vdso: undefined }), true);
  });

  it("gives every instruction of the program the frames llvm-symbolizer gives", () => {
    const own = findings.sites.filter((site) => site.image === image);
    expect(own.length).toBeGreaterThanOrEqual(3);
    const expected = symbolized(
      image,
      own.map(({ address }) => address),
    );
    own.forEach((site, i) => {
      const ours = site.frames.map(({ linkageName, file, line }) => ({ function: linkageName, file, line }));
      expect({ at: site.address.toString(16), frames: ours }).toEqual({
        at: site.address.toString(16),
        frames: expected[i],
      });
    });
  });

  it("gives every data address the symbol nm gives", () => {
    const symbols = dataSymbols(image);
    let checked = 0;
    findings.objects.forEach((object, number) => {
      if (object.image !== image) return;
      trace.faults.pid.forEach((_pid, fault) => {
        if (findings.perFault?.object[fault] !== number || object.symbol === undefined) return;
        const names = symbols.filter(
          ({ address, size }) => address <= object.address && object.address < address + Math.max(size, 1),
        );
        if (object.kind !== "variable") return;
        expect(names.map(({ name }) => name)).toContain(object.symbol);
        checked++;
      });
    });
    // A symbol that nm puts around a touched address must have been found.
    for (const { object, address } of touchedAddresses(trace, findings, image)) {
      const covering = symbols.filter(
        (one) => one.size > 0 && one.address <= address && address < one.address + one.size,
      );
      if (covering.length === 0) continue;
      expect({ at: address.toString(16), names: covering.map(({ name }) => name) }).toMatchObject({
        names: expect.arrayContaining([object.symbol]),
      });
    }
    expect(checked).toBeGreaterThan(0);
  });

  it("calls nothing just unknown", () => {
    for (const { label } of findings.sites) expect(label).toMatch(/\S/);
    for (const { name, kind } of findings.objects) {
      expect(name).toMatch(/\S/);
      expect(name).not.toMatch(/^unknown$/i);
      expect(kind).not.toBe("unmapped");
    }
    expect(findings.unavailable).toEqual([]);
  });

  it("counts every fault once in cells, pages and threads", () => {
    const { cells, pages } = findings;
    const sum = (...columns: Float64Array[]) => columns.reduce((all, column) => column.reduce((a, b) => a + b, all), 0);
    expect(sum(cells.minor, cells.major, cells.other)).toBe(trace.faults.length);
    expect(sum(pages.minor, pages.major, pages.other)).toBe(trace.faults.length);
  });
});

interface SymbolizedFrame {
  readonly function: string;
  readonly file: string;
  readonly line: number;
}

function symbolized(image: string, addresses: readonly number[]): readonly (readonly SymbolizedFrame[])[] {
  const output = execFileSync(
    "llvm-symbolizer-19",
    ["--obj", image, "--output-style=JSON", "--inlines", "--no-demangle"],
    { input: addresses.map((address) => `0x${address.toString(16)}\n`).join(""), encoding: "utf8" },
  );
  return output
    .trim()
    .split("\n")
    .map((line) => {
      const { Symbol: frames } = JSON.parse(line) as {
        Symbol: { FunctionName: string; FileName: string; Line: number }[];
      };
      return frames.map((frame) => ({ function: frame.FunctionName, file: frame.FileName, line: frame.Line }));
    });
}

/** Without thread-local ones: their values are offsets, not addresses. */
function dataSymbols(image: string) {
  const table = execFileSync("readelf", ["-sW", image], { encoding: "utf8", maxBuffer: 1 << 26 });
  const threadLocal = new Set([...table.matchAll(/ TLS +\S+ +\S+ +\S+ (\S+)$/gm)].map(([, name]) => name));
  return execFileSync("nm", ["-S", "--defined-only", image], { encoding: "utf8" })
    .trim()
    .split("\n")
    .flatMap((line) => {
      const match = /^([0-9a-f]+) (?:([0-9a-f]+) )?([a-zA-Z]) (.*)$/.exec(line);
      if (match === null || !/[bBdDrRvVu]/.test(match[3] ?? "") || threadLocal.has(match[4])) return [];
      return [
        {
          address: parseInt(match[1] ?? "", 16),
          size: parseInt(match[2] ?? "0", 16),
          name: (match[4] ?? "").split("@")[0],
        },
      ];
    });
}

/** Link-time addresses of the faults on the program's data: the bias from the lowest mapping of the file. */
function touchedAddresses(trace: Trace, findings: Findings, image: string) {
  const base = Math.min(
    ...trace.mappings
      .of(trace.run?.pid ?? 0)
      .filter(({ name }) => name === image)
      .map(({ start }) => start),
  );
  expect(basename(image)).not.toBe("");
  return Array.from(trace.faults.pid, (_pid, fault) => ({
    object: findings.objects[findings.perFault!.object[fault]!]!,
    address: trace.faults.addressGranule[fault]! * 4096 + trace.faults.addressOffset[fault]! - base,
    pid: trace.faults.pid[fault]!,
  })).filter(({ object, pid }) => object.image === image && pid === trace.run?.pid);
}
