/** What linkers take without a word: each planted once and told, with the linker showing that it is so; none in what they ship. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { diagnose } from "../../../../src/core/ldscript/diagnoses/diagnose.js";
import type { ScriptFacts } from "../../../../src/core/ldscript/diagnoses/subject.js";
import type { Dialect } from "../../../../src/core/ldscript/dialect.js";
import type { ReadInclude } from "../../../../src/core/ldscript/included.js";
import { placeInScript } from "../../../../src/core/ldscript/edits.js";
import { scriptValues } from "../../../../src/core/ldscript/script-values.js";
import type { PlacedSections } from "../../../../src/core/placement/section-patterns.js";
import { openScript } from "../../../../src/core/ldscript/opened-script.js";
import { problemSentence } from "../../../../src/core/ldscript/problems.js";
import { DEFAULT_LOCKED_SECTIONS } from "../../../../src/core/placement/locked-sections.js";
import { english } from "../../../../src/core/report/translate.js";
import { inputsOf } from "../../../../src/host/ldscript-inputs.js";
import { gnuPlacements, lldPlacements, lldProgram } from "./placements.js";
import { installedScripts, randomly, mutation, GNU_SCRIPT } from "./scripts.js";

const GNU: Dialect = { name: "gnu", version: 240 };
const LLD: Dialect = { name: "lld", version: 19 };
const GOLD: Dialect = { name: "gold", version: 240 };

const SOURCE = `
int state = 3; int zeroes[100]; const int table[30] = {1, 2, 3};
__attribute__((section(".locked_bss"))) int tagged; __attribute__((section(".locked_text"))) int tagged_function(void) { return 1; }
__attribute__((constructor)) void before(void) { tagged = 1; }
int f(int x) { return x + table[x & 7]; } int g(int x) { return f(x) + zeroes[x & 7] + state; }
int main(void) { return g(tagged_function()); }
`;

let folder: string;
let facts: Omit<ScriptFacts, "dialect">;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "faultline-diagnoses-"));
  writeFileSync(join(folder, "a.c"), SOURCE);
  const options = ["-O1", "-fno-inline", "-ffunction-sections", "-fdata-sections", "-c"];
  execFileSync("gcc", [...options, "a.c"], { cwd: folder });
  execFileSync("gcc", [...options, "-flto", "-o", "lto.o", "a.c"], { cwd: folder });
  facts = {
    inputs: inputsOf([join(folder, "a.o")]).map((input) => ({ ...input, file: "a.o" })),
    lockedSections: Object.values(DEFAULT_LOCKED_SECTIONS),
    dropsUnreferenced: false,
  };
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Told {
  readonly code: string;
  readonly line: number;
  readonly sentence: string;
}

function told(text: string, dialect = GNU, more: Partial<ScriptFacts> = {}, readInclude?: ReadInclude): Told[] {
  const script = openScript(text, { dialect, readInclude, defaultScript: undefined });
  return diagnose(script, { ...facts, dialect, ...more }).map((problem) => {
    expect(text.slice(problem.offset, problem.offset + problem.length)).not.toBe("");
    const sentence = problemSentence(problem, english);
    expect(sentence).toMatch(/^\S.*\.$/);
    return { code: problem.code, line: problem.line, sentence };
  });
}

/** Wraps the statements of one locked section into a script that is complete. */
function locked(statements: string, name = "locked_text"): string {
  return `SECTIONS {\n  ${name} : {\n    start = .;\n    ${statements}\n    end = .;\n  }\n  .text : { *(.text .text.*) }\n}\n`;
}

describe("told where it is", () => {
  it("a statement that an earlier one shadows", () => {
    const text = "SECTIONS {\n  .text : { *(.text .text.*) }\n  locked_text : { *(.text.f) }\n}\n";
    const [found, ...others] = told(text);
    expect(others).toEqual([]);
    expect(found).toMatchObject({ code: "shadowed", line: 3 });
    expect(found!.sentence).toBe(".text.f goes to .text by line 2 already: move this statement above it.");
    expect(gnuPlacements(folder, text, ["a.o"])?.get("a.o .text.f")).toBe(".text");
    expect(told(text, GNU, { inputs: undefined })).toMatchObject([{ code: "shadowed", line: 3 }]);
    const before = "SECTIONS {\n  locked_text : { *(.text.f) }\n  .text : { *(.text .text.*) }\n}\n";
    expect(told(before)).toEqual([]);
    expect(told(before, GNU, { inputs: undefined })).toEqual([]);
  });

  it("by patterns alone only what is sure to be shadowed", () => {
    const by = (earlier: string, later: string) =>
      told(`SECTIONS { .a : { ${earlier} } .b : { ${later} } }`, GNU, { inputs: undefined }).map(({ code }) => code);
    expect(by("*(.x*)", "*(.xy*)")).toEqual(["shadowed"]);
    expect(by("*(.x.?)", "*(.x.y)")).toEqual(["shadowed"]);
    expect(by("a.o(.x)", "a.o(.x)")).toEqual(["shadowed"]);
    for (const [earlier, later] of [
      ["*(.x.?)", "*(.x.*)"],
      ["a.o(.x)", "*(.x)"],
      ["*(EXCLUDE_FILE(b.o) .x)", "*(.x)"],
      ["INPUT_SECTION_FLAGS(SHF_WRITE) *(.x)", "*(.x)"],
      ["*(.xy*)", "*(.x*)"],
    ] as const)
      expect(by(earlier, later), `${earlier} ${later}`).toEqual([]);
  });

  it("a tag that no input has", () => {
    const found = told(locked("*(.text.f)\n    *(.text.ff .text.ff.*)"));
    expect(found).toMatchObject([{ code: "unmatched-tag", line: 5 }]);
    expect(found[0]!.sentence).toContain("No input has a section .text.ff:");
    expect(told(locked("*(locked_text)\n    *(.text.f)"))).toEqual([]);
    expect(told(locked("*(locked_text)"))).toMatchObject([{ code: "unmatched-tag", line: 4 }]);
    expect(told(locked("*(.text.ff)", "other"))).toEqual([]);
  });

  it("an orphan behind the end symbol", () => {
    const text = locked("*(.text.f)", ".locked_text");
    const found = told(text);
    expect(found).toMatchObject([{ code: "orphan-behind-end", line: 5 }]);
    expect(found[0]!.sentence).toBe(
      "No statement names .locked_text of a.o: the linker puts it behind end. Name it before that symbol.",
    );
    spawnSync("ld", ["-T", "script.ld", "-e", "0", "-o", "out", "a.o"], { cwd: folder });
    expect(gnuPlacements(folder, text, ["a.o", "-o", "out"])?.get("a.o .locked_text")).toBe(".locked_text");
    const symbols = new Map(
      execFileSync("nm", ["out"], { cwd: folder, encoding: "utf8" })
        .split("\n")
        .map((line) => [line.split(" ")[2] ?? "", parseInt(line, 16)] as const),
    );
    expect(symbols.get("tagged_function")).toBeGreaterThanOrEqual(symbols.get("end")!);
    expect(told(locked("*(.text.f .locked_text)", ".locked_text"))).toEqual([]);
  });

  it("names that a comma, an equals sign or a comment is part of", () => {
    const text =
      "SECTIONS {\n  .a : {\n    *(.text.f,.text.g)\n    b=.;\n    *(.x/*c*/)\n  }\n  .text : { *(.text.*) }\n}\n";
    const found = told(text, GNU, { inputs: undefined });
    expect(found.map(({ code, line }) => [code, line])).toEqual([
      ["glued-name", 3],
      ["glued-name", 4],
      ["glued-name", 5],
    ]);
    const plain = text.replace("    b=.;\n", "");
    expect(gnuPlacements(folder, plain, ["a.o"])?.get("a.o .text.f")).toBe(".text");
    expect(gnuPlacements(folder, text, ["a.o"])).toBeUndefined();
    expect(told("SECTIONS { .a : { *(.f .g) b = .; *(.x /*c*/) } }", GNU, { inputs: undefined })).toEqual([]);
    expect(told("SECTIONS {\n .a : { *(.f,.g) } }", LLD, { inputs: undefined })).toMatchObject([
      { code: "glued-name", line: 2 },
    ]);
  });

  it("a file that is not linked", () => {
    const text = "SECTIONS {\n  .a : { startup.o(.text) a.o(.text.f) lib.a:x.o(.text) *z.o(.text) }\n}\n";
    expect(told(text)).toMatchObject([{ code: "unlinked-file", line: 2 }]);
    writeFileSync(join(folder, "file.ld"), text);
    const { stderr } = spawnSync("ld", ["-T", "file.ld", "a.o"], { cwd: folder, encoding: "utf8" });
    expect(stderr).toContain("cannot find startup.o");
    expect(stderr).not.toMatch(/cannot find (lib|a\.o)/);
    expect(told(text, LLD)).toEqual([]);
  });

  it("an EXCLUDE_FILE that lld takes for a file", () => {
    const text = "SECTIONS {\n  .a : { EXCLUDE_FILE(*a.o) *(.text.f) }\n  .text : { *(.text.*) }\n}\n";
    expect(told(text, LLD, { inputs: undefined })).toMatchObject([{ code: "ignored-exclusion", line: 2 }]);
    expect(told(text, GNU)).toEqual([]);
    expect(gnuPlacements(folder, text, ["a.o"])?.get("a.o .text.f")).toBe(".text");
    expect(lldPlacements(lldProgram()!, folder, text, ["a.o"])?.get("a.o .text.f")).toBe(".a");
    const inside = text.replace("EXCLUDE_FILE(*a.o) *(.text.f)", "*(EXCLUDE_FILE(*a.o) .text.f)");
    expect(told(inside, LLD, { inputs: undefined })).toEqual([]);
  });

  it("symbols that lld's INSERT leaves behind", () => {
    const text = "SECTIONS {\n  start = .;\n  locked_text : { *(.text.f) }\n  stop = .;\n} INSERT AFTER .text;\n";
    expect(told(text, LLD).map(({ code, line }) => [code, line])).toEqual([
      ["symbol-outside-braces", 2],
      ["symbol-outside-braces", 4],
    ]);
    expect(told(text)).toEqual([]);
    expect(told(text.replace("INSERT AFTER .text;", ""), LLD)).toEqual([]);
    expect(told(`SECTIONS { locked_text : { a = .; *(.text.f) b = .; } } INSERT AFTER .text;`, LLD)).toEqual([]);
  });

  it("what --gc-sections drops", () => {
    const text = locked("*(.text.f)");
    expect(told(text, GNU, { dropsUnreferenced: true })).toMatchObject([{ code: "missing-keep", line: 4 }]);
    expect(told(text)).toEqual([]);
    expect(told(locked("KEEP(*(.text.f))"), GNU, { dropsUnreferenced: true })).toEqual([]);
  });

  it.each([GNU, LLD])("attributes in another order than the linker's ($name)", (dialect) => {
    const text = "SECTIONS {\n  .a :\n    SUBALIGN(4) ALIGN(16) { *(.a) }\n}\n";
    const found = told(text, dialect, { inputs: undefined });
    expect(found).toMatchObject([{ code: "attribute-order", line: 3 }]);
    expect(told("SECTIONS { .a : ALIGN(16) SUBALIGN(4) { *(.a) } }", dialect, { inputs: undefined })).toEqual([]);
    expect(told("SECTIONS { .a : ALIGN(16) foo { *(.a) } }", dialect, { inputs: undefined })[0]!.code).toBe("syntax");
  });

  it("zeroes that take space in the file", () => {
    const text = "SECTIONS {\n  locked_bss : { *(.bss.zeroes .locked_bss) }\n}\n";
    expect(told(text)).toMatchObject([{ code: "bss-file-space", line: 2 }]);
    const typeOf = (script: string): string => {
      gnuPlacements(folder, script, ["a.o", "-o", "out"]);
      const sections = execFileSync("readelf", ["-SW", "out"], { cwd: folder, encoding: "utf8" });
      return / locked_bss +(\w+)/.exec(sections)?.[1] ?? "";
    };
    expect(typeOf(text)).toBe("PROGBITS");
    const plain = "SECTIONS {\n  locked_bss : { *(.bss.zeroes) }\n}\n";
    expect(told(plain)).toEqual([]);
    expect(typeOf(plain)).toBe("NOBITS");
    expect(told(text.replace("locked_bss :", "locked_bss (NOLOAD) :"))).toEqual([]);
  });

  it("objects whose code is made at link time", () => {
    const inputs = inputsOf([join(folder, "lto.o")]);
    const found = told(locked("*(.text.f)"), GNU, { inputs });
    expect(found.map(({ code }) => code)).toContain("link-time-code");
    expect(found.find(({ code }) => code === "link-time-code")!.sentence).toContain("lto.o");
    expect(told(locked("*(.text.f)"))).toEqual([]);
  });

  it("INSERT for gold, which knows none", () => {
    const text = "SECTIONS {\n  locked_text : { *(.text.f) }\n} INSERT AFTER .text;\n";
    expect(told(text, GOLD)).toMatchObject([{ code: "unsupported-insert", line: 3 }]);
    expect(told(text)).toEqual([]);
    if (spawnSync("ld.gold", ["--version"]).status !== 0) return;
    writeFileSync(join(folder, "gold.ld"), text);
    const { stderr } = spawnSync("ld.gold", ["-T", "gold.ld", "a.o"], { cwd: folder, encoding: "utf8" });
    expect(stderr).toContain("gold.ld:3:");
  });

  it("what is wrong with an included file, where it is included", () => {
    const text = "INCLUDE one.ld\nSECTIONS {\n  INCLUDE two.ld\n}\n";
    const files: Record<string, string> = { "one.ld": "x = 1;\n", "two.ld": "  .a : {\n    *(.a\n  }\n" };
    const read: ReadInclude = (name) => (files[name] === undefined ? undefined : { path: name, text: files[name] });
    expect(told(text, GNU, {}, read)).toMatchObject([{ code: "included-mistake", line: 3 }]);
    expect(told(text).map(({ code, line }) => [code, line])).toEqual([
      ["included-unknown", 1],
      ["included-unknown", 3],
    ]);
    for (const [name, inner] of Object.entries(files)) writeFileSync(join(folder, name), inner);
    writeFileSync(join(folder, "including.ld"), text);
    const { stderr } = spawnSync("ld", ["-T", "including.ld", "a.o"], { cwd: folder, encoding: "utf8" });
    expect(stderr).toContain("two.ld:3: syntax error");
  });
});

it("is silent about every script that binutils ship, with inputs and without", () => {
  const scripts = installedScripts();
  expect(scripts.length).toBeGreaterThan(50);
  for (const { path, text } of scripts) {
    const script = openScript(text, { dialect: GNU, readInclude: undefined, defaultScript: undefined });
    // Two of ARC's are mistaken: .text.init and .data.init stand behind .text.* and .data.*.
    const expected = path.includes("/arcelf.") ? "shadowed" : "included-unknown";
    for (const inputs of [facts.inputs, undefined]) {
      const found = diagnose(script, { ...facts, dialect: GNU, inputs, dropsUnreferenced: true });
      expect(
        found.filter(({ code }) => code !== expected),
        path,
      ).toEqual([]);
    }
  }
}, 3_600_000);

it("comes to an end whatever the script", () => {
  const random = randomly(5);
  for (let round = 0; round < 400; round++) {
    const text = mutation(GNU_SCRIPT, random);
    const dialect = [GNU, LLD, GOLD][round % 3]!;
    const script = openScript(text, { dialect, readInclude: undefined, defaultScript: undefined });
    for (const { line, column } of diagnose(script, { ...facts, dialect, dropsUnreferenced: true }))
      expect(line * column).toBeGreaterThan(0);
  }
}, 60_000);

it("follows chains that are deeper than a stack", () => {
  const chain = `1${" + 1".repeat(15_000)}`;
  for (const text of [
    `a = ${chain};\nSECTIONS { .text : { *(.text .text.*) } }\n`,
    `SECTIONS {\n  a = ${chain};\n  .text : { *(.text .text.*) }\n}\n`,
    `SECTIONS {\n  .text : { *(.text .text.*) a = ${chain}; }\n}\n`,
    `SECTIONS {\n  .text : { *(.text .text.*) }\n  ASSERT(${chain}, "x")\n}\n`,
    `SECTIONS {\n  .text : ALIGN(${chain}) { *(.text .text.*) LONG(${chain}) }\n}\n`,
    `SECTIONS {\n  .text (${chain}) : { *(.text .text.*) }\n}\n`,
  ])
    for (const dialect of [GNU, LLD]) {
      const surroundings = { dialect, readInclude: undefined, defaultScript: undefined };
      const script = openScript(text, surroundings);
      expect(diagnose(script, { ...facts, dialect })).toEqual([]);
      expect([...scriptValues(script, { dialect, linked: undefined, pageSizes: undefined })].length).toBeLessThan(2);
      const wanted: PlacedSections = { output: "locked_text", kind: "text", patterns: [".text.f"] };
      const edits = placeInScript(text, [wanted], { ...surroundings, inputs: facts.inputs ?? [] });
      expect(edits.kind === "edits" ? edits.text : edits).toContain("*(.text.f)");
    }
}, 60_000);
