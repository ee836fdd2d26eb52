/** `faultline place SYMBOL… --script`: generated scripts and people's own, linked by GNU ld and lld, and taken back. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { installFaultline, type Installed } from "../support/faultline.js";
import { sectionsOf } from "../support/placed-source.js";

let faultline: Installed;
let folder: string;

beforeAll(async () => {
  faultline = await installFaultline();
});
afterAll(() => faultline.remove());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "faultline-place-script-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const SOURCE = `#include <stdio.h>
int level = 3;
static int counts[600];
__attribute__((noinline)) int handle(int event) { return level + counts[event & 3]++; }
__attribute__((noinline)) int other(int event) { return event * 3; }
int main(int count, char **words) { return printf("%s %d\\n", words[0], handle(count) + other(count)) < 0; }
`;
const OWN = `/* The board's own sections. */
SECTIONS
{
    .board :
    {
        KEEP (*(.board .board.*))
    }
}
INSERT AFTER .rodata;
`;
const LINKERS = [
  ["GNU ld", ["gcc"]],
  ["lld", ["clang-19", "-fuse-ld=lld"]],
] as const;

function project(own: object = {}, files: Readonly<Record<string, string>> = {}): string {
  const json = `${JSON.stringify({ program: "program", ...own }, undefined, 2)}\n`;
  for (const [name, content] of Object.entries({ "main.c": SOURCE, ...files, "faultline.json": json }))
    writeFileSync(join(folder, name), content);
  return json;
}

function build([compiler = "gcc", ...options]: readonly string[], ...link: readonly string[]): void {
  const sources = readdirSync(folder).filter((name) => name.endsWith(".c"));
  const sections = ["-ffunction-sections", "-fdata-sections"];
  execFileSync(compiler, ["-O1", "-g", ...sections, ...options, ...sources, ...link, "-o", "program"], {
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe"],
  });
}

function place(...args: string[]) {
  return spawnSync(process.execPath, [faultline.cli, "place", ...args], { cwd: folder, encoding: "utf8" });
}

const text = (name: string): string => readFileSync(join(folder, name), "utf8");
const placed = (...names: string[]): unknown[] => names.map((name) => sectionsOf(join(folder, "program")).get(name));

describe.each(LINKERS)("with %s", (_, compiler) => {
  it("a person's own script gets the statements, links, is verified, and gives them back to the byte", () => {
    const json = project({ linkerScript: "board.ld" }, { "board.ld": OWN });
    build(compiler, "-Wl,-T,board.ld");
    const { status, stderr } = place("handle", "level", "counts", "--script");
    expect(stderr).toMatch(/board\.ld changed\.\n.*-ffunction-sections/);
    expect(status).toBe(0);
    expect(text("board.ld")).toContain("The board's own sections");
    build(compiler, "-Wl,-T,board.ld");
    expect(place("--verify").stdout).toMatch(/All 3 placements are verified/);
    expect(placed("handle", "level", "counts", "other")).toEqual(["locked_text", "locked_data", "locked_bss", ".text"]);
    expect(execFileSync(join(folder, "program"), { encoding: "utf8" })).toMatch(/program 6/);

    const removed = place("handle", "level", "counts", "--remove");
    expect(removed.stdout).toMatch(/✓ handle {2}was text, locked_text by board\.ld/);
    expect(removed.status).toBe(0);
    expect([text("board.ld"), text("faultline.json")]).toEqual([OWN, json]);
  });

  it("what faultline.json places by a script already goes into a person's own one", () => {
    const placements = [
      { symbol: "handle", kind: "text", by: "script" },
      { symbol: "level", kind: "data", by: "script" },
    ];
    const json = project({ linkerScript: "board.ld", placements }, { "board.ld": OWN });
    build(compiler, "-Wl,-T,board.ld");
    expect(place("--script").stderr).toMatch(/board\.ld changed/);
    build(compiler, "-Wl,-T,board.ld");
    expect(place("--verify").stdout).toMatch(/All 2 placements are verified/);
    const once = text("board.ld");
    expect(place("--script").stderr).toMatch(/board\.ld places them already/);
    expect([text("board.ld"), text("faultline.json")]).toEqual([once, json]);
  });

  it("a generated script that places nothing any more links as if it were not there", () => {
    const json = project();
    build(compiler);
    expect(place("handle", "--script").status).toBe(0);
    build(compiler, "-Wl,-T,locked-sections.ld");
    expect(placed("handle", "other")).toEqual(["locked_text", ".text"]);
    expect(place("handle", "--remove").stderr).toMatch(/locked-sections\.ld places nothing any more/);
    build(compiler, "-Wl,-T,locked-sections.ld");
    expect(placed("handle", "other")).toEqual([".text", ".text"]);
    expect(execFileSync(join(folder, "program"), { encoding: "utf8" })).toMatch(/program 6/);
    expect(text("faultline.json")).toBe(json);
  });
});

it("a whole script of GNU ld's, taken over by a person, is edited", () => {
  const whole = execFileSync("ld", ["-pie", "--verbose"], { encoding: "utf8" }).split(/^={20,}\n/m)[1]!;
  const json = project({ linkerScript: "whole.ld" }, { "whole.ld": whole });
  build(["gcc"], "-Wl,-T,whole.ld");
  expect(place("handle", "--script").status).toBe(0);
  build(["gcc"], "-Wl,-T,whole.ld");
  expect(placed("handle", "other")).toEqual(["locked_text", ".text"]);
  expect(place("handle", "--remove").status).toBe(0);
  expect([text("whole.ld"), text("faultline.json")]).toEqual([whole, json]);
});

it("--dry-run shows the edits and --json gives them, and neither --dry-run writes", () => {
  const json = project({ linkerScript: "board.ld" }, { "board.ld": OWN });
  build(["gcc"]);
  expect(place("handle", "--script", "--dry-run").stdout).toMatch(/board\.ld:\d+: with ".*\.text\.handle/);
  const { stdout } = place("handle", "--script", "--dry-run", "--json");
  const answer = JSON.parse(stdout) as { applied: boolean; files: { path: string; edits: { text: string }[] }[] };
  expect(answer).toMatchObject({ applied: false, placements: [{ symbol: "handle", by: "script" }] });
  expect(answer.files.map(({ path }) => path)).toEqual([join(folder, "board.ld")]);
  expect(answer.files[0]!.edits[0]!.text).toContain(".text.handle");
  expect([text("board.ld"), text("faultline.json")]).toEqual([OWN, json]);
});

describe("nothing is written", () => {
  it("where the script is somebody's and faultline.json does not name it", () => {
    const json = project({}, { "locked-sections.ld": OWN });
    build(["gcc"]);
    const { status, stderr } = place("handle", "--script");
    expect(stderr).toMatch(/was written by somebody else.*"linkerScript"/);
    expect(status).toBe(2);
    expect([text("locked-sections.ld"), text("faultline.json")]).toEqual([OWN, json]);
  });

  it("where a statement of the script takes the symbol first", () => {
    const whole = "SECTIONS { INCLUDE elsewhere.ld .text : { *(.text*) } }\n";
    const json = project({ linkerScript: "board.ld" }, { "board.ld": whole });
    build(["gcc"]);
    const { status, stderr } = place("handle", "--script");
    expect(stderr).toMatch(/board\.ld is left as it is\. Line 1 includes elsewhere\.ld/);
    expect(status).toBe(2);
    expect([text("board.ld"), text("faultline.json")]).toEqual([whole, json]);
  });

  it("where the script's folder is not there", () => {
    const json = project({ linkerScript: "scripts/locked.ld" });
    build(["gcc"]);
    const { status, stderr } = place("handle", "--script");
    expect(stderr).toMatch(/Nothing was changed: /);
    expect(status).toBe(2);
    expect(text("faultline.json")).toBe(json);
    expect(readdirSync(folder).sort()).toEqual(["faultline.json", "main.c", "program"]);
  });

  it.each([
    ["unlikely", ".text.unlikely", {}],
    ["hot", ".text.hot", { linkerScript: "board.ld" }],
  ])("where %s is named like a section of many functions, %s", (name, section, own) => {
    const json = project(own, { "board.ld": OWN, "main.c": SOURCE.replaceAll("other(", `${name}(`) });
    build(["gcc"]);
    const { status, stderr } = place(name, "--script");
    expect(stderr).toContain(`things of many symbols into ${section}: place this one in the source`);
    expect(status).toBe(2);
    expect([text("board.ld"), text("faultline.json")]).toEqual([OWN, json]);
    expect(readdirSync(folder).sort()).toEqual(["board.ld", "faultline.json", "main.c", "program"]);
  });

  it("where an attribute in the source places it", () => {
    const json = project({ placements: [{ symbol: "handle", kind: "text" }] });
    build(["gcc"]);
    const { status, stderr } = place("handle", "--script");
    expect(stderr).toMatch(/handle is placed in the source: take that back first/);
    expect(status).toBe(2);
    expect(text("faultline.json")).toBe(json);
    expect(readdirSync(folder).sort()).toEqual(["faultline.json", "main.c", "program"]);
  });
});
