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

  it("the script that the build names is a person's own one, whatever faultline.json says of none", () => {
    const makefile = "program: main.o\n\t$(CC) -Wl,-T,board.ld -o $@ $^\n";
    const json = project({}, { "board.ld": OWN, Makefile: makefile });
    build(compiler, "-Wl,-T,board.ld");
    expect(place("handle", "--script").stderr).toMatch(/board\.ld changed\.\n/);
    build(compiler, "-Wl,-T,board.ld");
    expect(placed("handle", "other")).toEqual(["locked_text", ".text"]);
    expect(place("handle", "--remove").status).toBe(0);
    expect([text("board.ld"), text("faultline.json")]).toEqual([OWN, json]);
  });

  it("a function's jump table and strings go with it, where the link's map tells of them", () => {
    const cases = [...Array(9).keys()].map((value) => `case ${value}: return words[${(value * 5) % 9}] + level;`);
    const branching = SOURCE.replace(
      "return level +",
      `extern int words[9]; switch (event) { ${cases.join(" ")} } return level +`,
    );
    const files = { "board.ld": OWN, "main.c": branching, "words.c": "int words[9] = {1};\n" };
    const json = project({ linkerScript: "board.ld" }, files);
    const link = () => build(compiler, "-no-pie", "-fno-pie", "-Wl,-T,board.ld", "-Wl,-Map=program.map");
    link();
    const hasTable = text("program.map").includes(".rodata.handle");
    expect(place("handle", "--script").status).toBe(0);
    expect(text("board.ld").includes(".rodata.handle")).toBe(hasTable);
    link();
    expect(placed("handle")).toEqual(["locked_text"]);
    expect(
      execFileSync("readelf", ["-SW", "program"], { cwd: folder, encoding: "utf8" }).includes("locked_rodata"),
    ).toBe(hasTable);
    rmSync(join(folder, "program.map"));
    expect(place("handle", "--remove").status).toBe(0);
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

describe.each(LINKERS)("two static ones of one name, with %s", (_, compiler) => {
  const twin = (name: string): string =>
    `static int state = 7;\n__attribute__((noinline)) static int step(int x) { return x ? state += x : 0; }\n` +
    `int ${name}(int x) { return step(x) + step(x + 1); }\n`;
  const MAIN =
    "int one(int), two(int);\nint main(int count, char **words) { return (one(count) + two(count)) * (words == 0); }\n";
  const FILES = { "main.c": MAIN, "one.c": twin("one"), "two.c": twin("two") };

  /** Names of the sections of the symbols, of one.c first: each has a section number in the order of the link. */
  function twins(name: string): readonly string[] {
    const lines = execFileSync("readelf", ["-sW", join(folder, "program")], { encoding: "utf8" }).split("\n");
    const sections = execFileSync("readelf", ["-SW", join(folder, "program")], { encoding: "utf8" });
    return lines.flatMap((line) => {
      const found = new RegExp(`\\s(\\d+) ${name}$`).exec(line);
      return found === null ? [] : [new RegExp(`\\[ *${found[1]!}\\] (\\S+)`).exec(sections)![1]!];
    });
  }

  function compiled(archive: boolean, ...link: string[]): void {
    const [program, ...options] = compiler;
    for (const name of ["main", "one", "two"])
      execFileSync(program, ["-O1", "-g", "-ffunction-sections", "-fdata-sections", "-c", `${name}.c`], {
        cwd: folder,
      });
    if (archive) execFileSync("ar", ["rcs", "libboth.a", "one.o", "two.o"], { cwd: folder });
    const objects = archive ? ["main.o", "libboth.a"] : ["main.o", "one.o", "two.o"];
    execFileSync(program, [...options, ...objects, ...link, "-o", "program"], { cwd: folder, stdio: "pipe" });
  }

  it.each([
    ["object files", false],
    ["members of an archive", true],
  ])("the one that is meant is placed, of %s, and verified, and taken back", (_what, archive) => {
    const json = project({}, FILES);
    compiled(archive);
    const unclear = place("state", "--script");
    expect(unclear.stdout).toMatch(/Several are called state: say which one, one\.c:state, two\.c:state/);
    expect([unclear.status, text("faultline.json")]).toEqual([1, json]);
    expect(place("one.c:state", "two.c:step", "--script").status).toBe(0);
    expect(JSON.parse(text("faultline.json"))).toMatchObject({
      placements: [
        { symbol: "state", file: "one.c", kind: "data", by: "script" },
        { symbol: "step", file: "two.c", kind: "text", by: "script" },
      ],
    });
    compiled(archive, "-Wl,-T,locked-sections.ld");
    expect([twins("state"), twins("step")]).toEqual([
      ["locked_data", ".data"],
      [".text", "locked_text"],
    ]);
    expect(place("--verify").stdout).toMatch(/All 2 placements are verified/);
    expect(place("two.c:state", "--script").status).toBe(0);
    expect(place("--verify").stdout).toMatch(/2 of 3 placements are verified/);
    const removed = place("one.c:state", "two.c:state", "two.c:step", "--remove");
    expect([removed.status, text("faultline.json")]).toEqual([0, json]);
  });

  it("is refused where the object files of both could be called alike, or the script is a person's own", () => {
    const json = project({}, { "main.c": MAIN, "one.c": twin("one"), "not-one.c": twin("two") });
    build(compiler);
    expect(place("one.c:state", "--script").stderr).toMatch(/their object files cannot be told apart here/);
    expect([text("faultline.json"), readdirSync(folder).length]).toEqual([json, 5]);
    const own = project({ linkerScript: "board.ld" }, { "board.ld": OWN });
    expect(place("not-one.c:state", "--script").stderr).toMatch(
      /board\.ld is left as it is\. Several are called state/,
    );
    expect([text("board.ld"), text("faultline.json")]).toEqual([OWN, own]);
  });
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

describe("--build", () => {
  const MAKEFILE = "CFLAGS = -O1 -g\nprogram: main.o\n\t$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^\n";

  it("has the Makefile pass the script and its options, once", () => {
    project({}, { Makefile: MAKEFILE });
    make();
    const dry = place("handle", "--script", "--build", "--dry-run");
    expect(dry.stdout).toMatch(/Makefile:\d+: with .*-ffunction-sections/);
    expect(text("Makefile")).toBe(MAKEFILE);
    const { status, stderr } = place("handle", "--script", "--build");
    expect(stderr).toMatch(/locked-sections\.ld: 1 placements\.\n.*Makefile passes it now\. .*make -B/);
    expect(status).toBe(0);
    make("-B");
    expect(placed("handle", "other")).toEqual(["locked_text", ".text"]);
    const once = text("Makefile");
    expect(place("other", "--script", "--build").stderr).toMatch(/Makefile passes it already/);
    expect(text("Makefile")).toBe(once);
  });

  it("says what to pass where there is nothing to edit, and places all the same", () => {
    project({}, { Makefile: "program: main.c\n\tgcc -O1 -g -o $@ $^\n" });
    make();
    expect(place("handle", "--script", "--build").stderr).toMatch(/pass the options there\. Pass -ffunction-sections/);
    rmSync(join(folder, "Makefile"));
    const { status, stderr } = place("other", "--script", "--build");
    expect(stderr).toMatch(/No Makefile, .* is here\. Pass -ffunction-sections .*-Wl,-T,locked-sections\.ld/);
    expect(status).toBe(0);
  });

  function make(...options: string[]): void {
    execFileSync("make", ["--silent", ...options], { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
  }
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

it("what was forecast is compared with what was built, of the same placements and a build since", () => {
  project();
  build(["gcc"]);
  expect(place("handle", "counts", "--script").status).toBe(0);
  const forecast = JSON.parse(place("--forecast", "--json").stdout) as { sections: { name: string; pages: number }[] };
  expect(place("--verify").stdout).not.toContain("Against the forecast");
  build(["gcc"], "-Wl,-T,locked-sections.ld");
  const sizes = execFileSync("readelf", ["-SW", join(folder, "program")], { encoding: "utf8" });
  const { stdout } = place("--verify");
  expect(forecast.sections.map(({ name }) => name).sort()).toEqual(["locked_bss", "locked_text"]);
  for (const { name, pages } of forecast.sections) {
    const [, size = ""] = new RegExp(` ${name} +\\S+ +\\S+ +\\S+ +(\\S+)`).exec(sizes)!;
    expect(stdout).toContain(`${name}: forecast ${pages} pages, is ${parseInt(size, 16) / 4096}; forecast `);
  }
  expect(JSON.parse(place("--verify", "--json").stdout)).toMatchObject({
    forecast: forecast.sections.map(({ name, pages }) => ({ name, forecastPages: pages })),
  });
  expect(place("level", "--script").status).toBe(0);
  expect(place("--verify").stdout).not.toContain("Against the forecast");
});
