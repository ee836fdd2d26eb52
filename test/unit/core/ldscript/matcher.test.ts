/** The matcher against what the linkers' own maps say. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Dialect } from "../../../../src/core/ldscript/dialect.js";
import { matchSections } from "../../../../src/core/ldscript/matcher.js";
import { openScript } from "../../../../src/core/ldscript/opened-script.js";
import { builtInScript } from "../../../../src/host/ldscript-file.js";
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

/** The runner wants to hear of a long test now and then. */
async function breath(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

/** Figures of a long run. */
function say(title: string, compared: number): void {
  if (process.env["FAULTLINE_PLACEMENTS"] !== undefined) process.stderr.write(`${title}: ${compared} placements\n`);
}

/** How many placements were compared: each must be the linker's. */
function compare(script: string, dialect: Dialect, theirs: ReadonlyMap<string, string>): number {
  const readInclude = (name: string) => ({ path: name, text: readFileSync(join(folder, name), "latin1") });
  const defaultScript = dialect.name === "gnu" ? builtInScript("ld") : undefined;
  const { tree, problems, included } = openScript(script, { dialect, readInclude, defaultScript });
  expect(problems, script).toEqual([]);
  const wrong = matchSections(tree, objects.inputs, dialect, included).flatMap(({ input, output }) => {
    const key = `${input.file} ${input.name}`;
    const real = theirs.get(key) ?? "/DISCARD/";
    return real === output ? [] : [`${key}: ${output}, ${dialect.name} says ${real}`];
  });
  expect(wrong, script).toEqual([]);
  return objects.inputs.length;
}

it("places every section where GNU ld does, by scripts made up at random", async () => {
  const random = randomly(7);
  let compared = 0;
  for (let round = 0; round < SCRIPTS; round++) {
    await breath();
    const script = makeScript(random, false);
    const theirs = gnuPlacements(folder, script, objects.args);
    if (theirs !== undefined) compared += compare(script, GNU, theirs);
  }
  say("GNU ld, at random", compared);
  expect(compared).toBeGreaterThan(objects.inputs.length * SCRIPTS * 0.7);
}, 3_600_000);

it("places every section where lld does, by scripts made up at random", async () => {
  expect(lld, "lld is needed: apt install lld-19").toBeDefined();
  const random = randomly(11);
  let compared = 0;
  for (let round = 0; round < SCRIPTS; round++) {
    await breath();
    const script = makeScript(random, true);
    const theirs = lldPlacements(lld!, folder, script, objects.args);
    if (theirs !== undefined) compared += compare(script, LLD, theirs);
  }
  say("lld, at random", compared);
  expect(compared).toBeGreaterThan(objects.inputs.length * SCRIPTS * 0.7);
}, 3_600_000);

it("places every section where GNU ld does, by its default scripts", async () => {
  const scripts = installedScripts().filter(({ path }) => /verbose|elf_x86_64/.test(path));
  expect(scripts.length).toBeGreaterThan(5);
  for (const { text } of scripts.slice(0, SCRIPTS)) {
    const theirs = gnuPlacements(folder, text, objects.args);
    if (theirs !== undefined) compare(text, GNU, theirs);
  }
}, 3_600_000);

it("places every section where both linkers do, by scripts with INSERT on top of their own layout", async () => {
  expect(lld, "lld is needed: apt install lld-19").toBeDefined();
  const random = randomly(17);
  let compared = 0;
  for (let round = 0; round < SCRIPTS; round++) {
    await breath();
    // Sections of lld's own making have no place in such statements, and GNU ld needs what it inserts beside.
    const script = makeScript(random, true)
      .replace("  . = 0x10000;\n", "")
      .replaceAll("/DISCARD/", ".gone")
      .replaceAll(/^ {2}\.(text|data) :/gm, "  .my_$1 :")
      .replace(/\}\n$/, "} INSERT AFTER .text;\n");
    const gnu = gnuPlacements(folder, script, objects.args);
    if (gnu !== undefined) compared += compare(script, GNU, gnu);
    const theirs = lldPlacements(lld!, folder, script, objects.args);
    if (theirs !== undefined) compared += compare(script, LLD, theirs);
  }
  say("INSERT, both", compared);
  expect(compared).toBeGreaterThan(objects.inputs.length * SCRIPTS * 1.2);
}, 3_600_000);

it("places every section where both linkers do, by scripts in pieces that include one another", async () => {
  const random = randomly(19);
  let compared = 0;
  for (let round = 0; round < SCRIPTS; round++) {
    await breath();
    const lines = makeScript(random, true).split("\n");
    const sections = lines
      .slice(2, -2)
      .join("\n")
      .split(/(?<=^ {2}\}\n)/m);
    const [first = "", ...others] = sections;
    const [header, ...body] = first.split("\n");
    writeFileSync(join(folder, "body.ld"), body.slice(0, -2).join("\n"));
    writeFileSync(join(folder, "first.ld"), `${header}\n INCLUDE body.ld\n }\n`);
    writeFileSync(join(folder, "rest.ld"), `${others.join("")}\n`);
    writeFileSync(join(folder, "whole.ld"), "SECTIONS { . = 0x10000; INCLUDE first.ld\n INCLUDE rest.ld\n }\n");
    const script = "INCLUDE whole.ld\n";
    const gnu = gnuPlacements(folder, script, objects.args);
    if (gnu !== undefined) compared += compare(script, GNU, gnu);
    const theirs = lldPlacements(lld!, folder, script, objects.args);
    if (theirs !== undefined) compared += compare(script, LLD, theirs);
  }
  say("INCLUDE, both", compared);
  expect(compared).toBeGreaterThan(objects.inputs.length * SCRIPTS);
}, 3_600_000);
