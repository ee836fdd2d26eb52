import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodeLockSet } from "../../../../src/core/memlock/decode-lock-set.js";
import type { LockSet } from "../../../../src/core/memlock/lock-set.js";
import { generatedSource } from "../../../../src/core/report/generated-source.js";

const WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Werror", "-I", resolve("runtime")];
const MAIN = `#include "faultline.h"
int main(void) {
  struct faultline_locks locks;
  if (faultline_lock(0) != 0 || faultline_status(&locks) != 0) {
    puts(faultline_error());
    return 1;
  }
  printf("%lu %lu %lu\\n", (unsigned long)locks.parts[FAULTLINE_SECTIONS].bytes,
         (unsigned long)locks.parts[FAULTLINE_SECTIONS].locked, (unsigned long)locks.parts[FAULTLINE_SECTIONS].resident);
  return 0;
}
`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "faultline-generated-"));
  writeFileSync(join(folder, "main.c"), MAIN);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the generated file", () => {
  it.each([
    ["gcc", "-std=c99"],
    ["gcc", "-std=c17"],
    ["clang-19", "-std=c99"],
    ["g++", "-std=c++11"],
    ["clang++-19", "-std=c++17"],
  ])("compiles without a warning by %s %s, whatever the names in it", (compiler, standard) => {
    const names = 'a*/b??/\\\n\u001b[2J" \u2028 ä';
    const source = generatedSource(
      lockSet({
        command: [names],
        intervals: [{ name: names, stimulus: names, runs: 1 }],
        parts: [
          part({ name: `/lib/${names.replaceAll("/", "")}`, section: names, objects: [object(names)] }),
          part({ region: "thread-stack", name: `stack of ${names} (tid 2)`, section: undefined }),
          part({ region: "anonymous", name: names, section: undefined }),
        ],
      }),
    );
    const language = standard.includes("++") ? "c++" : "c";
    const file = write("names.c", source);
    execFileSync(compiler, [standard, ...WARNINGS, "-x", language, "-c", file, "-o", `${file}.o`], { stdio: "pipe" });
  });

  it("has nothing in its table where nothing lies in an image", () => {
    const source = generatedSource(lockSet({ parts: [part({ region: "heap", name: "[heap]" })] }));
    expect(source).not.toContain("faultline_generated_lock_set");
    expect(source).toContain("mlock(pointer, size)");
  });

  it("makes a program lock exactly these ranges of a library, found by its build id", () => {
    const { image, buildId, text } = libc();
    const page = Number(execFileSync("getconf", ["PAGESIZE"], { encoding: "utf8" }));
    const first = Math.ceil(text / page) * page;
    const set = lockSet({
      parts: [part({ name: image, buildId, ranges: [range(first, 3), range(first + 10 * page, 1)], pages: 4 })],
    });
    expect(run(generatedSource(set))).toBe(`${4 * page} ${4 * page} ${4 * page}\n`);
  });

  it("is refused, by name, with another build of the library", () => {
    const { image } = libc();
    const set = lockSet({ parts: [part({ name: image, buildId: "00", ranges: [range(0, 1)] })] });
    expect(run(generatedSource(set))).toContain("is another build than the lock set was found with");
  });

  it("locks all of a small program, whatever build it is", () => {
    const own = part({ own: true, name: "/bin/program", ranges: [range(0, 1)] });
    const program = { path: "/bin/program", buildId: "00", bytes: 65_536, writableBytes: 4096 };
    const [bytes, locked, resident] = run(generatedSource(lockSet({ parts: [own], program })))
      .trim()
      .split(" ")
      .map(Number);
    expect(bytes).toBeGreaterThan(16_384);
    expect([locked, resident]).toEqual([bytes, bytes]);
  });
});

function run(source: string): string {
  const program = join(folder, "program");
  execFileSync("gcc", ["-std=c99", ...WARNINGS, join(folder, "main.c"), write("set.c", source), "-o", program]);
  try {
    return execFileSync(program, { encoding: "utf8" });
  } catch (error) {
    return String((error as { stdout: string }).stdout);
  }
}

/** The C library that programs here are linked with, and where its code begins. */
function libc(): { readonly image: string; readonly buildId: string; readonly text: number } {
  const listed = execFileSync("ldd", [process.execPath], { encoding: "utf8" });
  const image = /(\/\S*libc\.so\S*)/.exec(listed)![1]!;
  const notes = execFileSync("readelf", ["-n", image], { encoding: "utf8" });
  const sections = execFileSync("readelf", ["-SW", image], { encoding: "utf8" });
  return {
    image,
    buildId: /Build ID: ([0-9a-f]+)/.exec(notes)![1]!,
    text: Number.parseInt(/ \.text +PROGBITS +([0-9a-f]+)/.exec(sections)![1]!, 16),
  };
}

function write(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

function range(linkAddress: number, pages: number) {
  return { address: "0x1000", pages, fileOffset: linkAddress, linkAddress };
}

function object(name: string) {
  return { kind: "function", name, symbol: name, size: 1, section: ".text", reached: true };
}

function part(fields: Readonly<Record<string, unknown>>) {
  return {
    region: "image",
    name: "/lib/library.so",
    own: false,
    buildId: "00",
    section: ".text",
    address: "0x1000",
    pages: 1,
    bytes: 4096,
    ranges: [range(4096, 1)],
    objects: [],
    sites: [],
    diagnoses: [],
    ...fields,
  };
}

function lockSet(fields: Readonly<Record<string, unknown>>): LockSet {
  const set = decodeLockSet({ version: 1, verdict: "irreducible", pageSize: 4096, pages: 1, bytes: 4096, ...fields });
  if (set === undefined) throw new Error("no lock set");
  return set;
}
