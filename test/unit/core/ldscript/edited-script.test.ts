/** A script that is edited reads as if it were new: tree, places and problems, whatever the edit. */
import { expect, it } from "vitest";
import { diagnose } from "../../../../src/core/ldscript/diagnoses/diagnose.js";
import type { Dialect } from "../../../../src/core/ldscript/dialect.js";
import { EditedScript } from "../../../../src/core/ldscript/edited-script.js";
import { openScript, type Surroundings } from "../../../../src/core/ldscript/opened-script.js";
import { parse, scriptReader } from "../../../../src/core/ldscript/parse.js";
import { textOf, tokensOf, type Entry } from "../../../../src/core/ldscript/tree.js";
import { edit, GNU_SCRIPT, installedScripts, LLD_SCRIPT, randomly } from "./scripts.js";

const DIALECTS: readonly Dialect[] = [
  { name: "gnu", version: 240 },
  { name: "gnu", version: 247 },
  { name: "lld", version: 19 },
  { name: "lld", version: 21 },
  { name: "gold", version: 240 },
];
const ENTRIES: readonly Entry[] = ["sections", "output-section", "memory", "version-script", "dynamic-list"];
/** 100,000 with FAULTLINE_FUZZ=100000: minutes, for a quiet machine. */
const EDITS = Number(process.env["FAULTLINE_FUZZ"] ?? "2000");
const EDITS_OF_ONE = 20;

it("is what a first reading of the text gives", async () => {
  const random = randomly(5);
  const installed = installedScripts().filter(({ text }) => text.length < 9_000);
  for (let round = 0; round < EDITS / EDITS_OF_ONE; round++) {
    // The runner wants to hear of a test now and then.
    if (round % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
    const dialect = DIALECTS[random(DIALECTS.length)]!;
    const entry = random(6) === 0 ? ENTRIES[random(ENTRIES.length)]! : "script";
    const own = dialect.name === "lld" ? LLD_SCRIPT : GNU_SCRIPT;
    const texts = [random(4) === 0 ? installed[random(installed.length)]!.text : own];
    const read = scriptReader(entry, dialect);
    read(texts[0]!);
    for (let count = 0; count < EDITS_OF_ONE; count++) {
      // Now and then back to an earlier text, as undo does.
      const text = random(7) === 0 ? texts[random(texts.length)]! : edit(texts.at(-1)!, random);
      texts.push(text);
      const expected = JSON.stringify(parse(text, entry, dialect));
      if (JSON.stringify(read(text)) !== expected) expect.fail(JSON.stringify({ entry, dialect, texts }));
    }
  }
}, 3_600_000);

const INCLUDED = ".included : { *(.text) a*(.x) *(.foo,.bar) } included = .;";
const KNOWN = { inputs: undefined, lockedSections: ["text", "foo"], dropsUnreferenced: true } as const;

it("has the problems that a first look at the text finds", async () => {
  const random = randomly(11);
  const installed = installedScripts().filter(({ text }) => text.length < 9_000);
  for (let round = 0; round < EDITS / EDITS_OF_ONE; round++) {
    if (round % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
    const dialect = DIALECTS[random(DIALECTS.length)]!;
    const own = dialect.name === "lld" ? LLD_SCRIPT : GNU_SCRIPT;
    // With what is told of such scripts, and with files that are included.
    let text = `${random(4) === 0 ? installed[random(installed.length)]!.text : own}${TOLD}`;
    if (dialect.name === "lld") text += OF_LLD;
    const readInclude = random(3) === 0 ? () => ({ path: "f.ld", text: INCLUDED }) : undefined;
    const surroundings: Surroundings = { dialect, readInclude, defaultScript: undefined };
    const script = new EditedScript(dialect);
    for (let count = 0; count < EDITS_OF_ONE; count++) {
      text = edit(text, random);
      const opened = script.open(text, surroundings);
      // Not every version of a text is diagnosed.
      if (random(4) === 0) continue;
      const expected = diagnose(openScript(text, surroundings), { ...KNOWN, dialect });
      expect(script.diagnose(opened, KNOWN), JSON.stringify({ dialect, text })).toEqual(expected);
    }
  }
}, 3_600_000);

const TOLD = `SECTIONS {
  .early : { *(.text* .foo.*) INCLUDE inner.ld }
  .text : { *(.text .foo.bar) KEEP(*(.x.*)) b.o(.text.b) "a.o"(.early) }
  .late : { *(.text.late,.y /*c*/ .z) EXCLUDE_FILE(*a.o) *(.x.y) b.o(.text.b.*) *(.x.*) }
  late_end = .; }
INSERT AFTER .data;
`;
const OF_LLD = `OVERWRITE_SECTIONS { .first : { *(.x.*) } }
SECTIONS { CLASS(some) { *(.some.*) } .uses : { CLASS(some) } .after : { *(.some.a .some.b*) } }
`;

it("takes over what the edit does not touch", () => {
  const { text } = installedScripts().find(({ path }) => path.endsWith("elf_x86_64.x"))!;
  const read = scriptReader("script", DIALECTS[0]!);
  const before = new Set(tokensOf(read(text).tree));
  const at = text.indexOf("KEEP (*(SORT_NONE(.init)))");
  const edited = `${text.slice(0, at)}*(.typed_in)\n    ${text.slice(at)}`;
  const { tree } = read(edited);
  expect(textOf(tree)).toBe(edited);
  expect(tokensOf(tree).filter((token) => !before.has(token)).length).toBeLessThan(40);
});
