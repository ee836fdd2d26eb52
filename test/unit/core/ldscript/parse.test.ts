/** The parser gives every byte back, for what linkers ship and for what nobody would write. */
import { describe, expect, it } from "vitest";
import type { Dialect } from "../../../../src/core/ldscript/dialect.js";
import { parse } from "../../../../src/core/ldscript/parse.js";
import { textOf, type Entry } from "../../../../src/core/ldscript/tree.js";
import { GNU_SCRIPT, installedScripts, LLD_SCRIPT, mutation, randomly } from "./scripts.js";

const GNU: Dialect = { name: "gnu", version: 240 };
const LLD: Dialect = { name: "lld", version: 19 };
const ENTRIES: readonly Entry[] = ["script", "sections", "output-section", "memory", "version-script", "dynamic-list"];
/** 100,000 with FAULTLINE_FUZZ=100000: minutes, for a quiet machine. */
const MUTATIONS = Number(process.env["FAULTLINE_FUZZ"] ?? "3000");

it("takes every script of the installed binutils without a problem, and gives back each byte", () => {
  const scripts = installedScripts();
  expect(scripts.length).toBeGreaterThan(50);
  for (const { path, text } of scripts) {
    const { tree, problems } = parse(text, "script", GNU);
    expect({ path, problems }).toEqual({ path, problems: [] });
    expect(textOf(tree) === text, path).toBe(true);
  }
}, 120_000);

describe("whatever it is given", () => {
  it.each([GNU, LLD])("comes to an end and gives back each byte of every prefix ($name)", (dialect) => {
    const text = dialect.name === "lld" ? LLD_SCRIPT : GNU_SCRIPT;
    for (let length = 0; length <= text.length; length++) {
      const prefix = text.slice(0, length);
      expect(textOf(parse(prefix, "script", dialect).tree)).toBe(prefix);
    }
  });

  it.each([GNU, LLD])(
    "comes to an end and gives back each byte of mutations, at every entry ($name)",
    async (dialect) => {
      const random = randomly(1);
      for (let round = 0; round < MUTATIONS / 2; round++) {
        // The runner wants to hear of a test now and then.
        if (round % 500 === 0) await new Promise((resolve) => setImmediate(resolve));
        const text = mutation(dialect.name === "lld" ? LLD_SCRIPT : GNU_SCRIPT, random);
        const entry = round % 4 === 0 ? ENTRIES[random(ENTRIES.length)]! : "script";
        if (textOf(parse(text, entry, dialect).tree) !== text) expect.fail(`${entry}: ${text}`);
      }
    },
    3_600_000,
  );

  it.each([GNU, LLD])("nests no deeper than it can ($name)", (dialect) => {
    for (const [opening, count] of [
      ["a = ", 1],
      ["(", 5_000],
      ["-", 5_000],
      ["SECTIONS { GROUP : { ", 1],
      ["GROUP : { ", 5_000],
      ['VERSION { A { extern "C" { ', 1],
      ['extern "C" { ', 5_000],
      ["INPUT(", 1],
      ["AS_NEEDED(", 5_000],
    ] as const) {
      for (const before of ["", "a = ", "SECTIONS { ", "VERSION { A { ", "INPUT("]) {
        const text = before + opening.repeat(count);
        const { tree, problems } = parse(text, "script", dialect);
        expect(textOf(tree) === text).toBe(true);
        expect(problems.length).toBeGreaterThan(0);
      }
    }
  });
});

it("tells where a name ends as the mode it is in does", () => {
  const accepted = (text: string, dialect = GNU) =>
    parse(text, "script", dialect).problems.every(({ severity }) => severity !== "error");
  expect(accepted("foo-bar = 1;")).toBe(true);
  expect(accepted("SECTIONS { .a : { *(.text) } }")).toBe(true);
  expect(accepted("SECTIONS { .a:{ *(.text) } }")).toBe(false);
  expect(accepted("SECTIONS { .a : { *(.text) } =0x90 /DISCARD/ : { *(.note) } }")).toBe(true);
  expect(accepted("MEMORY { A : o = 0, l = 1 B: o = 1, l = 1 }", LLD)).toBe(true);
  expect(accepted("SECTIONS { .a : { KEEP QUAD(0) KEEP(*(.text)) } }", LLD)).toBe(true);
  expect(accepted("MEMORY { A: o = 0, l = 1 }", LLD)).toBe(false);
  expect(accepted("MEMORY { A : o = 0, l = 1 b-c : o = 1, l = 1 }", LLD)).toBe(false);
  expect(accepted("SECTIONS { .a : { REVERSE(*(.text)) } }", { name: "gnu", version: 247 })).toBe(false);
  expect(accepted("SECTIONS { .a : { *(REVERSE(.text)) } }", { name: "gnu", version: 247 })).toBe(true);
  expect(accepted("SECTIONS { .a : { *(REVERSE(.text)) } }")).toBe(false);
});

it("marks what is filled in before a linker reads the script", () => {
  const { problems } = parse('#include "memory.h"\n. = @START@;\n# a comment\n');
  expect(problems.map(({ code, line, column, severity }) => [code, line, column, severity])).toEqual([
    ["needs-preprocessing", 1, 1, "information"],
    ["needs-preprocessing", 2, 5, "information"],
  ]);
});
