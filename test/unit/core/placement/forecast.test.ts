/** The forecast of placements against the file that the linker then makes. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ImageSymbol } from "../../../../src/core/image/image.js";
import { openImage } from "../../../../src/core/image/open-image.js";
import {
  forecastDifferences,
  forecastPlacements,
  type ForecastOptions,
} from "../../../../src/core/placement/forecast.js";
import { generatedScript } from "../../../../src/core/placement/generated-script.js";
import { DEFAULT_LOCKED_SECTIONS, type SectionKind } from "../../../../src/core/placement/locked-sections.js";
import type { Placement } from "../../../../src/core/placement/placement.js";
import { functionConstants } from "../../../../src/core/reach/function-constants.js";
import { openReachFiles } from "../../../../src/host/reach-files.js";
import { memorySource } from "../../../support/memory-source.js";

const LONG = 60_000;
const PAGE = 4096;
const COUNT = 60;
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "faultline-forecast-"));
  writeFileSync(join(folder, "program.c"), sourceText());
});

beforeEach(async () => {
  await sleep(10);
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function tag(name: string): string {
  return `T_${name}`;
}

/** Functions of many sizes, with jump tables, literals and unlikely halves; variables of every kind. */
function sourceText(): string {
  const parts = ["#include <stdio.h>", "#include <stdlib.h>", '#include "tags.h"'];
  for (let i = 0; i < COUNT; i++) {
    const cases = Array.from(
      { length: 4 + (i % 13) },
      (_, c) => `case ${c}: return ${c * i * 7919 + 3} ^ x * ${c + i};`,
    );
    const steps = Array.from(
      { length: 1 + ((i * 7) % 60) },
      (_, s) => `r += (x << ${s % 13}) ^ (r >> ${(s % 7) + 1}) * ${s + 3};`,
    );
    const rare = i % 4 === 0 ? 'if (__builtin_expect(x == 12345, 0)) { puts("rare"); abort(); }' : "";
    parts.push(
      `${tag(`f${i}`)} __attribute__((noinline)) int f${i}(int x) { int r = x; ${rare} ${steps.join(" ")} switch (x & 31) { ${cases.join(" ")} }`,
      `  printf("function ${i} says %d\\n", r); return r; }`,
      `${tag(`d${i}`)} int d${i}[${1 + ((i * 37) % 300)}] = {${i + 1}};`,
      `${tag(`b${i}`)} char b${i}[${1 + ((i * 101) % 2500)}];`,
      `${tag(`c${i}`)} const short c${i}[${2 + ((i * 53) % 700)}] = {${i + 1}, 2};`,
    );
  }
  parts.push("int main(int argc, char **argv) { int r = 0; (void)argv;");
  for (let i = 0; i < COUNT; i++)
    parts.push(`r += f${i}(argc) + d${i}[argc % 1] + b${i}[argc % 1] + c${i}[argc % 2]; b${i}[0] = r; d${i}[0] = r;`);
  parts.push("return r; }");
  return parts.join("\n");
}

const KINDS: readonly (readonly [string, SectionKind])[] = [
  ["f", "text"],
  ["d", "data"],
  ["b", "bss"],
  ["c", "rodata"],
];

/** Every so many-th of each kind. */
function chosen(step: number, by: Placement["by"]): readonly Placement[] {
  return KINDS.flatMap(([letter, kind], at) =>
    Array.from({ length: COUNT }, (_, i) => i)
      .filter((i) => (i + at) % step === 0)
      .map((i) => ({ symbol: `${letter}${i}`, kind, section: DEFAULT_LOCKED_SECTIONS[kind], by })),
  );
}

function tags(placements: readonly Placement[]): string {
  const placed = new Map(placements.map(({ symbol, section }) => [symbol, section]));
  const names = KINDS.flatMap(([letter]) => Array.from({ length: COUNT }, (_, i) => `${letter}${i}`));
  return names
    .map((name) => {
      const section = placed.get(name);
      return `#define ${tag(name)} ${section === undefined ? "" : `__attribute__((section("${section}")))`}`;
    })
    .join("\n");
}

function built(name: string, command: readonly string[], placements: readonly Placement[], script?: string): string {
  const [compiler = "", ...options] = command;
  writeFileSync(join(folder, "tags.h"), `${tags(placements)}\n`);
  if (script !== undefined) writeFileSync(join(folder, "placed.ld"), script);
  const link = script === undefined ? [] : ["-Wl,-T,placed.ld"];
  const sections = ["-ffunction-sections", "-fdata-sections"];
  execFileSync(compiler, [...options, ...sections, "-w", "program.c", "-o", name, ...link], { cwd: folder });
  return join(folder, name);
}

const builtBefore = new Map<string, string>();

function unplaced(name: string, command: readonly string[]): string {
  const path = builtBefore.get(name) ?? built(`${name}-before`, command, []);
  builtBefore.set(name, path);
  return path;
}

function imageOf(path: string) {
  return openImage(memorySource(readFileSync(path)), path);
}

const COMPILERS = [
  { name: "gcc and GNU ld", command: ["gcc", "-O2"] },
  { name: "gcc and GNU ld, at a fixed address", command: ["gcc", "-O1", "-no-pie", "-fno-pie"] },
  { name: "clang and lld", command: ["clang-14", "-O2", "-fuse-ld=lld", "-fPIE", "-pie"] },
] as const;

describe.each(COMPILERS)("$name", ({ name, command }) => {
  it.each([1, 7])(
    "by script, every %i of each kind: a page at most beside the linked file",
    { timeout: LONG },
    (step) => {
      const before = unplaced(name, command);
      const placements = chosen(step, "script");
      const files = openReachFiles(before);
      const constantsOf = (symbol: ImageSymbol) => functionConstants(files.file, symbol);
      const forecast = forecastPlacements(files.file.image, placements, { pageSize: PAGE, constantsOf });
      files.close();
      const after = imageOf(built(`${name}-script`, command, [], generatedScript(placements)));
      const differences = forecastDifferences(forecast, after);
      expect(differences.map((one) => one.name).sort()).toEqual(Object.values(DEFAULT_LOCKED_SECTIONS).sort());
      for (const { name: section, forecastPages, builtPages } of differences) {
        expect(builtPages, section).toBeGreaterThan(0);
        expect(
          Math.abs(forecastPages - builtPages),
          `${section}: ${forecastPages} for ${builtPages}`,
        ).toBeLessThanOrEqual(1);
      }
      expect(forecast.sections.every(({ alone }) => alone)).toBe(true);
      const sum = forecast.placements.reduce((pages, placed) => pages + placed.addedPages, 0);
      expect(sum * PAGE).toBe(forecast.lockedBytes);
    },
  );

  it.each([3])("by attributes, every %i of each kind: a page at most beside it", { timeout: LONG }, (step) => {
    const before = unplaced(name, command);
    const placements = chosen(step, "source");
    const forecast = forecastPlacements(imageOf(before), placements, { pageSize: PAGE });
    const after = imageOf(built(`${name}-source`, command, placements));
    for (const { name: section, forecastPages, builtPages } of forecastDifferences(forecast, after)) {
      expect(builtPages, section).toBeGreaterThan(0);
      expect(
        Math.abs(forecastPages - builtPages),
        `${section}: ${forecastPages} for ${builtPages}`,
      ).toBeLessThanOrEqual(1);
    }
    expect(forecast.sections.some(({ alone }) => alone)).toBe(false);
  });

  it("of what is placed already, nothing is added", { timeout: LONG }, () => {
    const placements = chosen(5, "source");
    const image = imageOf(built(`${name}-again`, command, placements));
    const again = forecastPlacements(image, placements, { pageSize: PAGE });
    expect(again.placements.every(({ bytes, addedPages }) => bytes === 0 && addedPages === 0)).toBe(true);
    for (const { forecastPages, builtPages } of forecastDifferences(again, image))
      expect(Math.abs(forecastPages - builtPages)).toBeLessThanOrEqual(1);
  });
});

describe("against the limit", () => {
  const options = (softBytes: number): ForecastOptions => ({
    pageSize: PAGE,
    limits: { softBytes, hardBytes: softBytes, privileged: false },
    lockedBytes: 3 * PAGE,
  });

  it("the kernel's answer is told with what is wanted", { timeout: LONG }, () => {
    const image = imageOf(unplaced(COMPILERS[0].name, COMPILERS[0].command));
    const placements = chosen(10, "script");
    const { lockedBytes } = forecastPlacements(image, placements, { pageSize: PAGE });
    const enough = lockedBytes + 3 * PAGE;
    expect(forecastPlacements(image, placements, options(enough)).answer).toEqual({ kind: "fits", spareBytes: 0 });
    expect(forecastPlacements(image, placements, options(enough - 1)).answer).toEqual({
      kind: "refused",
      errno: "ENOMEM",
      wantedBytes: enough,
      limitBytes: enough - 1,
    });
    expect(forecastPlacements(image, placements, options(0)).answer).toMatchObject({ errno: "EPERM" });
  });

  it("what is not in the file is told by having no symbols", { timeout: LONG }, () => {
    const image = imageOf(unplaced(COMPILERS[0].name, COMPILERS[0].command));
    const missing: Placement = { symbol: "nowhere", kind: "text", section: "locked_text", by: "source" };
    const { placements, lockedBytes } = forecastPlacements(image, [missing], { pageSize: PAGE });
    expect(placements).toEqual([{ placement: missing, symbols: [], bytes: 0, addedPages: 0 }]);
    expect(lockedBytes).toBe(0);
  });
});
