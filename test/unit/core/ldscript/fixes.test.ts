import { expect, it } from "vitest";
import { editedText } from "../../../../src/core/base/text-edit.js";
import { diagnose } from "../../../../src/core/ldscript/diagnoses/diagnose.js";
import type { ScriptFacts } from "../../../../src/core/ldscript/diagnoses/subject.js";
import { NEWEST } from "../../../../src/core/ldscript/dialect.js";
import { fixOf } from "../../../../src/core/ldscript/fixes.js";
import { openScript } from "../../../../src/core/ldscript/opened-script.js";

const surroundings = { dialect: NEWEST.gnu, readInclude: undefined, defaultScript: undefined };
const facts: ScriptFacts = {
  dialect: NEWEST.gnu,
  inputs: undefined,
  lockedSections: [".locked_text"],
  dropsUnreferenced: false,
};

/** Each text after the fix of its first problem with the code; undefined where there is none. */
function mended(text: string, code: string, changes: Partial<ScriptFacts> = {}): string | undefined {
  const script = openScript(text, surroundings);
  const all = { ...facts, ...changes };
  const problem = diagnose(script, all).find((each) => each.code === code);
  expect(problem, `${code} in ${text}`).toBeDefined();
  const fix = fixOf(problem!, script, surroundings, all);
  return fix === undefined ? undefined : editedText(text, fix.edits);
}

it("names that are glued are separated", () => {
  expect(mended("SECTIONS { .a : { *(.x,.y) } }", "glued-name")).toBe("SECTIONS { .a : { *(.x .y) } }");
  expect(mended("SECTIONS { .a : { *(.x/*all*/) } }", "glued-name")).toBe("SECTIONS { .a : { *(.x /*all*/) } }");
});

it("what must stay is kept", () => {
  const text = "SECTIONS { .locked_text : { *(.text.locked.*) } }";
  expect(mended(text, "missing-keep", { dropsUnreferenced: true })).toBe(
    "SECTIONS { .locked_text : { KEEP(*(.text.locked.*)) } }",
  );
});

it("an output section that comes too late goes above, with its comment, and nothing else moves", () => {
  const text = `SECTIONS
{
  . = 0x1000;
  .text : { *(.text .text.*) }

  /* Locked. */
  .locked_text : {
    *(.text.locked.*)
  }
  .data : { *(.data) }
}
`;
  expect(mended(text, "shadowed")).toBe(`SECTIONS
{
  . = 0x1000;
  /* Locked. */
  .locked_text : {
    *(.text.locked.*)
  }
  .text : { *(.text .text.*) }

  .data : { *(.data) }
}
`);
});

it("none is offered where statements share their lines, or are in different SECTIONS", () => {
  expect(mended("SECTIONS { .text : { *(.text.*) } .l : { *(.text.locked.*) } }", "shadowed")).toBeUndefined();
  expect(
    mended("SECTIONS {\n .text : { *(.text.*) }\n}\nSECTIONS {\n .l : { *(.text.locked.*) }\n}\n", "shadowed"),
  ).toBeUndefined();
});

it("none is offered that would make another statement the one that gets nothing", () => {
  const text = `SECTIONS {
  .text : { *(.text.locked.*) }
  .locked_text : {
    *(.text.locked.*)
  }
}
`;
  expect(mended(text, "shadowed")).toBeUndefined();
});

it("a character that linkers ignore goes, and a file is found in any folder", () => {
  expect(mended("a = 1;\n\u0001b = 2;", "invalid-character")).toBe("a = 1;\nb = 2;");
  const inputs = [{ file: "build/main.o", name: ".text", type: "PROGBITS", flags: "AX" }];
  expect(mended("SECTIONS { .a : { main.o(.text) } }", "unlinked-file", { inputs })).toBe(
    "SECTIONS { .a : { *main.o(.text) } }",
  );
});
