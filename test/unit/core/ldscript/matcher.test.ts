/** The matcher against what the linkers' own maps say. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Dialect } from "../../../../src/core/ldscript/dialect.js";
import { matchSections } from "../../../../src/core/ldscript/matcher.js";
import { parse } from "../../../../src/core/ldscript/parse.js";
import { gnuPlacements, lldPlacements, lldProgram, makeObjects, makeScript, type Objects } from "./placements.js";
import { installedScripts, randomly } from "./scripts.js";

/** Scripts a linker, of 193 sections each; FAULTLINE_PLACEMENTS=250 makes 96,500 placements. */
const SCRIPTS = Number(process.env["FAULTLINE_PLACEMENTS"] ?? "25");
const GNU: Dialect = { name: "gnu", version: 240 };
const LLD: Dialect = { name: "lld", version: 19 };

let folder: string;
let objects: Objects;
let lld: string | undefined;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "faultline-matcher-"));
  objects = makeObjects(folder);
  lld = lldProgram();
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** How many placements were compared: each must be the linker's. */
function compare(script: string, dialect: Dialect, theirs: ReadonlyMap<string, string>): number {
  const { tree, problems } = parse(script, "script", dialect);
  expect(problems, script).toEqual([]);
  const wrong = matchSections(tree, objects.inputs, dialect).flatMap(({ input, output }) => {
    const key = `${input.file} ${input.name}`;
    const real = theirs.get(key) ?? "/DISCARD/";
    return real === output ? [] : [`${key}: ${output}, ${dialect.name} says ${real}`];
  });
  expect(wrong, script).toEqual([]);
  return objects.inputs.length;
}

it("places every section where GNU ld does, by scripts made up at random", () => {
  const random = randomly(7);
  let compared = 0;
  for (let round = 0; round < SCRIPTS; round++) {
    const script = makeScript(random, false);
    const theirs = gnuPlacements(folder, script, objects.args);
    if (theirs !== undefined) compared += compare(script, GNU, theirs);
  }
  expect(compared).toBeGreaterThan(objects.inputs.length * SCRIPTS * 0.7);
}, 3_600_000);

it("places every section where lld does, by scripts made up at random", () => {
  expect(lld, "lld is needed: apt install lld-19").toBeDefined();
  const random = randomly(11);
  let compared = 0;
  for (let round = 0; round < SCRIPTS; round++) {
    const script = makeScript(random, true);
    const theirs = lldPlacements(lld!, folder, script, objects.args);
    if (theirs !== undefined) compared += compare(script, LLD, theirs);
  }
  expect(compared).toBeGreaterThan(objects.inputs.length * SCRIPTS * 0.7);
}, 3_600_000);

it("places every section where GNU ld does, by its default scripts", () => {
  const scripts = installedScripts().filter(({ path }) => /verbose|elf_x86_64/.test(path));
  expect(scripts.length).toBeGreaterThan(5);
  for (const { text } of scripts.slice(0, SCRIPTS)) {
    const theirs = gnuPlacements(folder, text, objects.args);
    if (theirs !== undefined) compare(text, GNU, theirs);
  }
}, 3_600_000);
