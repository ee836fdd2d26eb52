/** The generated script under real linkers: each symbol lands in its section, whole pages, with bounds. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { generatedScript } from "../../../../src/core/placement/generated-script.js";
import type { Placement } from "../../../../src/core/placement/placement.js";
import { verifyPlacements } from "../../../../src/core/placement/verify.js";
import { openImageFile } from "../../../../src/host/images.js";

const SOURCE = `#include <stdio.h>
#include <stdlib.h>
int input_state = 3;
static int input_zeroes[5000];
const int table[3000] = {1, 2, 3};
__attribute__((cold, noinline)) static void complain(int x) { fprintf(stderr, "%d is too much\\n", x); if (x > 5000) abort(); }
__attribute__((noinline)) int dispatch(int op, int v) {
  if (__builtin_expect(v > 1000, 0)) { complain(v); complain(v + 1); complain(v * 2); }
  switch (op) {
  case 0: return v * input_state;
  case 1: return v + table[v & 1023];
  case 2: input_zeroes[v & 4095]++; return input_zeroes[v & 4095];
  case 3: return v << 4;
  case 4: return puts("four");
  case 5: return v - 5;
  default: return -1;
  }
}
__attribute__((noinline)) int other(int x) { return x * 11; }
int main(int c, char **v) { (void)v; for (int i = 0; i < 7; i++) if (dispatch(i, i + c) == 12345) return 1; return other(c) != 11; }
`;

const PLACEMENTS: readonly Placement[] = [
  { symbol: "dispatch", kind: "text", section: "locked_text", by: "script" },
  { symbol: "table", kind: "rodata", section: "locked_rodata", by: "script" },
  { symbol: "input_state", kind: "data", section: "locked_data", by: "script" },
  { symbol: "input_zeroes", kind: "bss", section: "locked_bss", by: "script" },
];

let scratch: string;
let script: string;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), "faultline-script-"));
  script = join(scratch, "locked.ld");
  writeFileSync(script, generatedScript(PLACEMENTS));
  writeFileSync(join(scratch, "program.c"), SOURCE);
});
afterAll(() => {
  rmSync(scratch, { recursive: true, force: true });
});

const LINKERS = [
  ["gcc", []],
  ["clang-19", []],
  ["clang-19", ["-fuse-ld=lld"]],
] as const;
const WAYS = [["-fPIE", "-pie"], ["-fno-pie", "-no-pie"], ["-Wl,--gc-sections"], ["-static"]] as const;

describe.each(LINKERS)("%s %s", (compiler, linker) => {
  it.each<readonly string[]>(WAYS)("%s %s: every placement comes true", (...way) => {
    const program = join(scratch, "program");
    const options = ["-O2", "-g", "-ffunction-sections", "-fdata-sections", ...way, ...linker];
    execFileSync(compiler, [...options, join(scratch, "program.c"), `-Wl,-T,${script}`, "-o", program], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    expect(spawnSync(program).status).toBe(0);
    const opened = openImageFile(program);
    if (!opened.ok) throw new Error(opened.message);
    const found = verifyPlacements(opened.image, PLACEMENTS, 4096);
    expect(found.map(({ mismatches }) => mismatches)).toEqual([[], [], [], []]);
    expect(found.map(({ takesFileSpace }) => takesFileSpace)).toEqual([false, false, false, false]);
    for (const name of ["locked_text", "locked_rodata", "locked_data", "locked_bss"]) {
      const section = opened.image.sections.find((one) => one.name === name)!;
      const bound = (which: string) => opened.image.symbols().find((one) => one.name === `__${which}_${name}`)?.address;
      expect(section.address % 4096).toBe(0);
      expect([bound("start"), bound("stop")]).toEqual([section.address, section.address + section.size]);
      expect(section.size % 4096).toBe(0);
    }
    // What was not placed stayed where it was.
    const other = opened.image.symbols().find(({ name }) => name === "other")!;
    expect(opened.image.sectionAt(other.address)?.name).toBe(".text");
    opened.close();
  });
});

it("takes no name that would match others", () => {
  expect(() => generatedScript([{ symbol: "a*", kind: "text", section: "locked_text" }])).toThrow(RangeError);
});

it.each([
  ["unlikely", "text"],
  ["startup", "text"],
  ["cst16", "rodata"],
  ["rel", "data"],
  ["local", "data"],
] as const)("takes no %s of kind %s, whose section holds things of many", (symbol, kind) => {
  expect(() => generatedScript([{ symbol, kind, section: "locked" }])).toThrow(RangeError);
});

it("leaves the strings of all where they are for a function that is called like them", () => {
  const program = join(scratch, "named-like-strings");
  const source = SOURCE.replaceAll("other(", "str1(").replace("return x * 11;", 'return puts("eleven") * 0 + x * 11;');
  writeFileSync(`${program}.c`, source);
  writeFileSync(`${program}.ld`, generatedScript([{ symbol: "str1", kind: "text", section: "locked_text" }]));
  execFileSync("gcc", ["-O2", "-g", "-ffunction-sections", `${program}.c`, `-Wl,-T,${program}.ld`, "-o", program]);
  const opened = openImageFile(program);
  if (!opened.ok) throw new Error(opened.message);
  const symbol = opened.image.symbols().find(({ name }) => name === "str1")!;
  expect(opened.image.sectionAt(symbol.address)?.name).toBe("locked_text");
  expect(opened.image.sections.map(({ name }) => name)).not.toContain("locked_rodata");
  opened.close();
});
