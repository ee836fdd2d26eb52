import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { NEWEST } from "../../../../../src/core/ldscript/dialect.js";
import { coloursOf } from "../../../../../src/core/ldscript/language/colours.js";
import { commandHelp, helpOf } from "../../../../../src/core/ldscript/language/command-help.js";
import { completionsAt } from "../../../../../src/core/ldscript/language/completion.js";
import { foldsOf } from "../../../../../src/core/ldscript/language/folding.js";
import { nameAt, namesOf, sameAs } from "../../../../../src/core/ldscript/language/names.js";
import { outlineOf, type OutlineItem } from "../../../../../src/core/ldscript/language/outline.js";
import { parse } from "../../../../../src/core/ldscript/parse.js";
import { english } from "../../../../../src/core/report/translate.js";

const SCRIPT = `/* A board
   with flash. */
ENTRY(_start)
MEMORY { FLASH (rx) : ORIGIN = 0x8000, LENGTH = 64K
  RAM (rwx) : ORIGIN = 0x20000000, LENGTH = 16K }
REGION_ALIAS("DATA", RAM)
PHDRS { text PT_LOAD; data PT_LOAD; }
stack_size = 2K; # bytes
SECTIONS
{
  .text : {
    KEEP(*(.vectors))
    *(EXCLUDE_FILE(*crt?.o) .text .text.*)
    _etext = .;
  } > FLASH :text
  .data : { _sdata = .; *(.data) . = ALIGN(4); PROVIDE(_edata = .); } > DATA AT> FLASH :data
  _load = LOADADDR(.data) + SIZEOF(.data) + stack_size + SIZEOF_HEADERS;
}
`;

describe.each(["gnu", "lld"] as const)("a script as %s reads it", (name) => {
  const { tree, problems } = parse(SCRIPT, "script", NEWEST[name]);

  it("has nothing wrong with it", () => {
    expect(problems).toEqual([]);
  });

  it("is outlined by what stands in it, with where sections go", () => {
    expect(lines(outlineOf(tree))).toEqual([
      "command ENTRY _start",
      "memory MEMORY",
      "  region FLASH",
      "  region RAM",
      'command REGION_ALIAS "DATA" RAM',
      "program-headers PHDRS",
      "  segment text",
      "  segment data",
      "symbol stack_size",
      "sections SECTIONS",
      "  output-section .text > FLASH :text",
      "    symbol _etext",
      "  output-section .data > DATA AT> FLASH :data",
      "    symbol _sdata",
      "    symbol _edata PROVIDE",
      "  symbol _load",
    ]);
  });

  it("leads from each name to where it is defined, and to its other uses", () => {
    const names = namesOf(tree);
    const at = (text: string) => nameAt(names, SCRIPT.indexOf(text) + text.length)!;
    const uses = (text: string) => sameAs(names, at(text)).map(({ offset, isDefinition }) => [offset, isDefinition]);
    const places = (...texts: readonly [string, boolean][]) =>
      texts.map(([text, isDefinition]) => [SCRIPT.indexOf(text) + text.search(/[\w.]+$/), isDefinition]);
    expect(uses("+ stack_size")).toEqual(places(["\nstack_size", true], ["+ stack_size", false]));
    expect(uses("SIZEOF(.data")).toEqual(places(["  .data", true], ["LOADADDR(.data", false], ["SIZEOF(.data", false]));
    expect(uses("AT> FLASH")).toEqual(places(["{ FLASH", true], ["> FLASH", false], ["AT> FLASH", false]));
    expect(uses(":text")).toEqual(places(["{ text", true], [":text", false]));
    expect(sameAs(names, at("> DATA")).map(({ isDefinition }) => isDefinition)).toEqual([true, false]);
    expect(names.filter(({ name: each }) => each === ".")).toEqual([]);
  });

  it("folds at braces and long comments", () => {
    const folds = foldsOf(tree).map(({ start, end }) => SCRIPT.slice(start, end));
    expect(folds[0]).toMatch(/^\/\* A board[^]*flash\. \*\/$/);
    expect(folds).toContainEqual(expect.stringMatching(/^\{\n {4}KEEP[^]*_etext = \.;\n {2}$/));
  });

  it("is coloured by what words mean where they stand", () => {
    const colours = coloursOf(tree);
    const meaning = (text: string, inside = text) => {
      const start = SCRIPT.indexOf(text) + text.indexOf(inside);
      return colours.find(({ offset, length }) => offset === start && length === inside.length)?.meaning;
    };
    expect(meaning("ENTRY")).toBe("command");
    expect(meaning("SECTIONS")).toBe("command");
    expect(meaning("KEEP")).toBe("command");
    expect(meaning("EXCLUDE_FILE")).toBe("command");
    expect(meaning("LOADADDR")).toBe("function");
    expect(meaning("SIZEOF_HEADERS")).toBe("function");
    expect(meaning("0x8000")).toBe("number");
    expect(meaning("64K")).toBe("number");
    expect(meaning(" > FLASH", "FLASH")).toBe("region");
    expect(meaning(".vectors")).toBe("section-pattern");
    expect(meaning("*crt?.o")).toBe("file-pattern");
    expect(meaning("  .data :", ".data")).toBe("output-section");
    expect(meaning("_etext = .", ".")).toBe("location");
    expect(meaning("_etext")).toBe("symbol");
    expect(meaning("# bytes")).toBe("comment");
    const ends = colours.map(({ offset, length }) => offset + length);
    expect(colours.every(({ offset }, index) => index === 0 || offset >= ends[index - 1]!)).toBe(true);
  });
});

it("colours a word as a function or a number only where it is one", () => {
  const text = "SECTIONS { .a ALIGN(8) : ALIGN(16) { 0x10 (MAX) LOG2CEIL = ALIGN(0x10); } }";
  for (const dialect of [NEWEST.gnu, NEWEST.lld]) {
    const colours = coloursOf(parse(text, "script", dialect).tree);
    const meanings = (word: string) =>
      colours
        .filter(({ offset, length }) => text.slice(offset, offset + length) === word)
        .map(({ meaning }) => meaning);
    expect(meanings("ALIGN")).toEqual(["function", "command", "function"]);
    expect(meanings("0x10")).toEqual(["file-pattern", "number"]);
    expect(meanings("MAX")).toEqual(["section-pattern"]);
    expect(meanings("LOG2CEIL")).toEqual(["symbol"]);
  }
});

describe("what may be written", () => {
  const offered = (text: string) => {
    const offset = text.indexOf("|");
    const whole = text.replace("|", "");
    return completionsAt(parse(whole).tree, whole, offset, english).map(({ word }) => word);
  };

  it("at the top are the commands of a script", () => {
    expect(offered("|")).toEqual(expect.arrayContaining(["SECTIONS", "MEMORY", "ENTRY"]));
    expect(offered("|")).not.toContain("KEEP");
  });

  it("among output sections, in one, and in its parentheses are others", () => {
    expect(offered("SECTIONS { | }")).toContain("/DISCARD/");
    expect(offered("SECTIONS { .a : { | } }")).toEqual(expect.arrayContaining(["KEEP", "BYTE", "ASSERT"]));
    expect(offered("SECTIONS { .a : { *(S|) } }")).toContain("SORT_BY_ALIGNMENT");
    expect(offered("SECTIONS { .a : { KE|")).not.toContain("MEMORY");
    expect(offered("SECTIONS { .a ALIGN(4) : S| { } }")).toContain("SUBALIGN");
  });

  it("behind = are functions and symbols, in parentheses what fits the function", () => {
    expect(offered("top = 1; x = |;")).toEqual(expect.arrayContaining(["top", "ALIGN", "SIZEOF"]));
    expect(offered("SECTIONS { .a : { } x = SIZEOF(|); }")).toEqual([".a"]);
    expect(offered("MEMORY { M : ORIGIN = 0, LENGTH = 1K } x = ORIGIN(|);")).toEqual(["M"]);
    expect(offered("MEMORY { M : ORIGIN = 0, LENGTH = 1K } SECTIONS { .a : { } > | }")).toEqual(["M"]);
    expect(offered("PHDRS { text PT_LOAD; } SECTIONS { .a : { } :t| }")).toEqual(["text"]);
  });

  it("in a comment is nothing", () => {
    expect(offered("/* S| */")).toEqual([]);
  });

  it("is never a reason to fail", () => {
    for (let end = 0; end <= SCRIPT.length; end++) {
      const text = SCRIPT.slice(0, end);
      completionsAt(parse(text).tree, text, end, english);
      outlineOf(parse(text).tree);
    }
  });
});

describe("the help of commands", () => {
  it("names each word once, and words the linker knows", () => {
    const words = commandHelp(english).map(({ word }) => word);
    expect(new Set(words).size).toBe(words.length);
    const ld = execFileSync("which", ["ld"], { encoding: "utf8" }).trim();
    const known = execFileSync("strings", ["-n", "2", ld], { encoding: "utf8", maxBuffer: 1 << 26 });
    const newer = [
      "LINKER_VERSION",
      "ASCIZ",
      "REVERSE",
      "READONLY",
      "TYPE",
      "OVERWRITE_SECTIONS",
      "/DISCARD/",
      "BLOCK",
    ];
    expect(words.filter((word) => !newer.includes(word) && !known.includes(word))).toEqual([]);
  });

  it("knows the short spellings", () => {
    expect(helpOf("org", english)?.word).toBe("ORIGIN");
    expect(helpOf("len", english)?.word).toBe("LENGTH");
    expect(helpOf("constructor", english)).toBeUndefined();
  });
});

function lines(items: readonly OutlineItem[], indent = ""): string[] {
  return items.flatMap(({ kind, name, detail, children }) => [
    `${indent}${kind} ${name} ${detail}`.trimEnd(),
    ...lines(children, `${indent}  `),
  ]);
}
