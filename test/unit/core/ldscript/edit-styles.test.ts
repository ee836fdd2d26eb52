/** Placements in scripts as people write them: in their style, at the right place, or not at all. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Dialect } from "../../../../src/core/ldscript/dialect.js";
import { refusalSentence } from "../../../../src/core/ldscript/edit-refusal.js";
import { placeInScript, removeFromScript, type EditContext } from "../../../../src/core/ldscript/edits.js";
import { parse } from "../../../../src/core/ldscript/parse.js";
import type { PlacedSections } from "../../../../src/core/placement/section-patterns.js";
import { english } from "../../../../src/core/report/translate.js";
import { gnuPlacements, lldPlacements, lldProgram } from "./placements.js";
import { GNU_SCRIPT, mutation, randomly } from "./scripts.js";

const GNU: Dialect = { name: "gnu", version: 240 };
/** More with FAULTLINE_FUZZ. */
const ROUNDS = Math.max(400, Number(process.env["FAULTLINE_FUZZ"] ?? "0") / 10);
const FUNCTION: PlacedSections = { output: "locked_text", kind: "text", patterns: [".text.f", ".text.f.*"] };
const SECOND: PlacedSections = { output: "locked_text", kind: "text", patterns: [".text.g"] };
const GLOBAL: PlacedSections = { output: "locked_data", kind: "data", patterns: [".data.v"] };
const ZEROES: PlacedSections = { output: "locked_bss", kind: "bss", patterns: [".bss.z"] };

const INPUTS = [
  { file: "a.o", name: ".text", type: "PROGBITS", flags: "AX" },
  { file: "a.o", name: ".text.f", type: "PROGBITS", flags: "AX" },
  { file: "a.o", name: ".text.g", type: "PROGBITS", flags: "AX" },
  { file: "a.o", name: ".text.h", type: "PROGBITS", flags: "AX" },
  { file: "a.o", name: ".data.v", type: "PROGBITS", flags: "WA" },
  { file: "a.o", name: ".data.w", type: "PROGBITS", flags: "WA" },
  { file: "a.o", name: ".bss.z", type: "NOBITS", flags: "WA" },
];
const CONTEXT: EditContext = { dialect: GNU, inputs: INPUTS, readInclude: undefined, defaultScript: undefined };

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "faultline-edit-styles-"));
  const lines = INPUTS.map(({ name, type, flags }) => {
    const letters = { AX: "ax", WA: "aw" }[flags];
    return `.section ${name},"${letters}",@${type.toLowerCase()}\n${type === "NOBITS" ? ".zero 8" : ".quad 1"}`;
  });
  writeFileSync(join(folder, "a.s"), `${lines.join("\n")}\n`);
  execFileSync("as", ["-o", "a.o", "a.s"], { cwd: folder });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Placed, removed again byte for byte, and linked by both linkers with the outcome the matcher proved. */
function placed(text: string, wanted: readonly PlacedSections[], context = CONTEXT): string {
  const result = placeInScript(text, wanted, context);
  if (result.kind === "refused") return expect.fail(refusalSentence(result.refusal, english));
  const back = removeFromScript(result.text, wanted, context);
  expect(back.kind === "edits" ? back.text : back).toBe(text);
  const lld = lldProgram();
  expect(lld, "lld is needed: apt install lld-19").toBeDefined();
  for (const placements of [
    gnuPlacements(folder, result.text, ["a.o"]),
    lldPlacements(lld!, folder, result.text, ["a.o"]),
  ]) {
    expect(placements, result.text).toBeDefined();
    for (const { output, patterns } of wanted) expect(placements!.get(`a.o ${patterns[0]}`)).toBe(output);
    expect(placements!.get("a.o .text.h")).toBe(".text");
  }
  return result.text;
}

function refusalOf(text: string, wanted: readonly PlacedSections[], context = CONTEXT) {
  const result = placeInScript(text, wanted, context);
  if (result.kind === "edits") return expect.fail(result.text);
  expect(refusalSentence(result.refusal, english)).toMatch(/^\S.*[.:].*\.$/);
  return result.refusal;
}

describe("a new section", () => {
  it("stands before the statement that would shadow it, above its comment, indented and ended like it", () => {
    const text =
      "SECTIONS\r\n{\r\n\t. = 0x10000;\r\n\r\n\t/* the code */\r\n\t.text :\r\n\t{\r\n\t\t*(.text .text.*)\r\n\t}\r\n" +
      "\t.data : { *(.data .data.*) }\r\n}\r\n";
    expect(placed(text, [FUNCTION])).toBe(
      text.replace(
        "\t/* the code */",
        "\tlocked_text : ALIGN(CONSTANT(COMMONPAGESIZE))\r\n\t{\r\n\t\t__start_locked_text = .;\r\n\t\t*(locked_text)\r\n" +
          "\t\t*(.text.f .text.f.*)\r\n\t\t. = ALIGN(CONSTANT(COMMONPAGESIZE));\r\n\t\t__stop_locked_text = .;\r\n\t}\r\n" +
          "\t/* the code */",
      ),
    );
  });

  it("stays on the line where the script is one line", () => {
    const text = "SECTIONS { . = 0x10000; .text : { *(.text .text.*) } .data : { *(.data*) } }";
    const edited = placed(text, [FUNCTION, GLOBAL]);
    expect(edited.split("\n")).toHaveLength(1);
    expect(edited).toContain("; locked_text : ALIGN(CONSTANT(COMMONPAGESIZE)) { ");
  });

  it("takes over the regions and segments of its neighbour", () => {
    const text = `MEMORY { ROM : ORIGIN = 0x10000, LENGTH = 1M\n RAM : ORIGIN = 0x800000, LENGTH = 1M }
PHDRS { code PT_LOAD; data PT_LOAD; }
SECTIONS {
  .text : { *(.text .text.*) } >ROM :code
  .data : { *(.data .data.*) } >RAM :data
  .bss : { *(.bss .bss.*) } >RAM :data
}
`;
    const edited = placed(text, [FUNCTION, GLOBAL, ZEROES]);
    expect(edited).toContain("  } >ROM :code\n  .text");
    expect(edited).toContain("locked_bss (NOLOAD) : ALIGN");
    expect(edited).toContain("  } >RAM :data\n  .bss");
  });

  it("computes its load address as its neighbour does", () => {
    const text = `SECTIONS {
  . = 0x810000;
  .text : AT(ADDR(.text) - 0x800000) { *(.text .text.*) }
  .data : AT(0x500000) { *(.data .data.*) }
}
`;
    expect(placed(text, [FUNCTION])).toContain("locked_text : AT(ADDR(locked_text) - 0x800000) ALIGN(");
    expect(refusalOf(text, [GLOBAL])).toMatchObject({ code: "load-address", section: ".data", line: 4 });
  });

  it("is put behind a section that has an address of its own", () => {
    const text = "ENTRY(f)\n\nSECTIONS {\n  .text 0x10000 : { *(.text .text.*) }\n  .data : { *(.data .data.*) }\n}\n";
    const edited = placed(text, [FUNCTION]);
    expect(edited).toMatch(/^ENTRY\(f\)\n\nSECTIONS \{\n {2}locked_text [^]*?\n\} INSERT AFTER \.text;\nSECTIONS \{\n/);
  });

  it("keeps what the shadowing statement keeps", () => {
    const text = "SECTIONS {\n  .text : { KEEP(*(.text .text.*)) }\n}\n";
    expect(placed(text, [FUNCTION])).toContain("KEEP(*(.text.f .text.f.*))");
  });

  it("is added with INSERT to a script that adds to the linker's own", () => {
    for (const text of ["", "EXTERN(x)\n", "EXTERN(x)", "SECTIONS { .mine : { *(.mine) } } INSERT AFTER .data;\n"]) {
      const result = placeInScript(text, [FUNCTION], CONTEXT);
      if (result.kind === "refused") return expect.fail(refusalSentence(result.refusal, english));
      expect(result.text.startsWith(text)).toBe(true);
      expect(result.text).toContain("} INSERT AFTER .text;");
      expect(removeFromScript(result.text, [FUNCTION], CONTEXT)).toMatchObject({ text });
    }
  });

  it("takes them out of /DISCARD/ too, beside what is like them", () => {
    const text = "SECTIONS {\n  .text : { *(.text .text.h) }\n  /DISCARD/ : { *(.text.*) }\n}\n";
    expect(placed(text, [FUNCTION])).toMatch(/^SECTIONS \{\n {2}locked_text [^]* INSERT AFTER \.text;\nSECTIONS/);
  });
});

describe("a section that is there", () => {
  const TEXT = `SECTIONS {
  locked_text : ALIGN(0x1000) {
    first = .;
    *(locked_text)
    *(.text.x)   /* measured */
    . = ALIGN(0x1000);
    last = .;
  }
  .text : { *(.text .text.*) }
}
`;

  it("takes the statement before its end symbol, and gives it back", () => {
    const edited = placed(TEXT, [FUNCTION, SECOND]);
    expect(edited).toBe(TEXT.replace("/* measured */\n", "/* measured */\n    *(.text.f .text.f.*)\n    *(.text.g)\n"));
    const one = removeFromScript(edited, [FUNCTION], CONTEXT);
    expect(one).toMatchObject({ text: TEXT.replace("/* measured */\n", "/* measured */\n    *(.text.g)\n") });
  });

  it("is left by one pattern of a statement that a person wrote for several", () => {
    const text = TEXT.replace(".text.x", ".text.x .text.g .text.y");
    expect(removeFromScript(text, [SECOND], CONTEXT)).toMatchObject({ text: text.replace(" .text.g", "") });
  });

  it("is not written to where an earlier statement would shadow it", () => {
    const text = TEXT.replace("  locked_text :", "  .first : { *(.text.f) }\n  locked_text :");
    expect(refusalOf(text, [FUNCTION])).toEqual({ code: "shadowed", section: ".text.f", line: 2 });
  });

  it("is told from one that places them already", () => {
    const text = TEXT.replace(".text.x", ".text.f");
    expect(refusalOf(text, [FUNCTION])).toEqual({ code: "already-there", section: ".text.f", line: 5 });
  });
});

describe("a script is left alone", () => {
  const PLAIN = "SECTIONS {\n  .text : { *(.text .text.*) }\n}\n";

  it("where something else would move", () => {
    const wide = { ...FUNCTION, patterns: [".text.unlikely"] };
    expect(refusalOf(PLAIN, [wide])).toEqual({ code: "shared-section", section: ".text.unlikely" });
    expect(refusalOf(`__stop_locked_text = 3;\n${PLAIN}`, [FUNCTION])).toMatchObject({ code: "symbol-taken", line: 1 });
    expect(refusalOf("SECTIONS {\n  .text: {\n", [FUNCTION])).toMatchObject({ code: "syntax" });
    expect(removeFromScript(PLAIN, [FUNCTION], CONTEXT)).toMatchObject({ refusal: { code: "not-there" } });
    // Without the only writable section in it .a takes nothing.
    const writable = "SECTIONS {\n  .a : ONLY_IF_RW { *(.data.v .text.h) }\n  .b : { *(.text.*) *(.data.*) }\n}\n";
    expect(refusalOf(writable, [GLOBAL])).toMatchObject({ code: "moves-others", section: ".text.h" });
  });

  it("where a file it includes is not known, and edited where it is", () => {
    const text = "SECTIONS {\n  . = 0x10000;\n  INCLUDE code.ld\n}\n";
    expect(refusalOf(text, [FUNCTION])).toEqual({ code: "included", file: "code.ld", line: 3 });
    const inner = "  .text : { *(.text .text.*) }\n";
    writeFileSync(join(folder, "code.ld"), inner);
    const readInclude = (name: string) => (name === "code.ld" ? { path: "code.ld", text: inner } : undefined);
    const edited = placed(text, [FUNCTION], { ...CONTEXT, readInclude });
    expect(edited).toMatch(/ {2}locked_text [^]*? {2}\}\n {2}INCLUDE code\.ld\n/);
    const there = (name: string) => ({ path: name, text: "  locked_text : { *(.text.x) }\n" });
    expect(refusalOf(text, [FUNCTION], { ...CONTEXT, readInclude: there })).toMatchObject({ code: "in-included" });
  });
});

it("whatever the script, an edit is proved and undone byte for byte, or refused", () => {
  const random = randomly(23);
  let edited = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const text = mutation(GNU_SCRIPT, random);
    const wanted = [[FUNCTION], [GLOBAL], [ZEROES], [FUNCTION, GLOBAL]][round % 4]!;
    const result = placeInScript(text, wanted, CONTEXT);
    if (result.kind === "refused") continue;
    edited += 1;
    expect(parse(result.text, "script", GNU).problems.filter(({ severity }) => severity === "error")).toEqual([]);
    const back = removeFromScript(result.text, wanted, CONTEXT);
    if (back.kind === "refused" || back.text !== text) expect.fail(`${JSON.stringify(back)}\n${result.text}`);
  }
  expect(edited).toBeGreaterThan(ROUNDS / 5);
}, 120_000);
