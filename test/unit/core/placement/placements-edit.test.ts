/** faultline.json's placements: added as people wrote the file, taken out so that it is what it was. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { editedText } from "../../../../src/core/base/text-edit.js";
import { DEFAULT_LOCKED_SECTIONS } from "../../../../src/core/placement/locked-sections.js";
import { readPlacements, type Placement } from "../../../../src/core/placement/placement.js";
import { placementsAdded, placementsRemoved } from "../../../../src/core/placement/placements-edit.js";

const F: Placement = { symbol: "f", kind: "text", section: "locked_text", by: "source" };
const G: Placement = { symbol: 'g"\\', kind: "data", section: "mine", by: "script" };

function added(text: string, ...placements: Placement[]): string {
  const edit = placementsAdded(text, placements, DEFAULT_LOCKED_SECTIONS);
  if (edit === undefined) throw new Error("refused");
  return editedText(text, [edit]);
}

function removed(text: string, ...symbols: string[]): string {
  const edit = placementsRemoved(
    text,
    symbols.map((symbol) => ({ symbol })),
  );
  return edit === undefined ? text : editedText(text, [edit]);
}

function read(text: string): readonly Placement[] {
  const problems: string[] = [];
  const value = JSON.parse(text) as { placements?: unknown };
  const placements = readPlacements(value.placements, DEFAULT_LOCKED_SECTIONS, problems);
  expect(problems).toEqual([]);
  return placements;
}

it.each([
  [
    '{\n  "program": "a"\n}\n',
    '{\n  "program": "a",\n  "placements": [\n    { "symbol": "f", "kind": "text" }\n  ]\n}\n',
  ],
  [
    '{\r\n\t"program": "a"\r\n}\r\n',
    '{\r\n\t"program": "a",\r\n\t"placements": [\r\n\t\t{ "symbol": "f", "kind": "text" }\r\n\t]\r\n}\r\n',
  ],
  ['{"program": "a"}', '{"program": "a", "placements": [ { "symbol": "f", "kind": "text" } ]}'],
  ['{"placements": [], "budget": 0}', '{"placements": [ { "symbol": "f", "kind": "text" } ], "budget": 0}'],
  [
    '{\n  "placements": [\n    {"symbol": "x", "kind": "bss"}\n  ]\n}',
    '{\n  "placements": [\n    {"symbol": "x", "kind": "bss"},\n    { "symbol": "f", "kind": "text" }\n  ]\n}',
  ],
  ["", '{\n  "placements": [\n    { "symbol": "f", "kind": "text" }\n  ]\n}\n'],
])("%j takes one", (text, expected) => {
  expect(added(text, F)).toBe(expected);
});

it.each(["[]", "nonsense", '{"placements": {}}', '{"placements": [1,]}', "// comment\n{}"])(
  "%s is refused: a person must put it right",
  (text) => {
    expect(placementsAdded(text, [F], DEFAULT_LOCKED_SECTIONS)).toBeUndefined();
    expect(placementsRemoved(text, [{ symbol: "f" }])).toBeUndefined();
  },
);

it("says of a placement what is not the default", () => {
  expect(read(added("{}", F, G))).toEqual([F, G]);
});

it("one, some or all of them are taken out, and the rest stays as it stands", () => {
  const text =
    '{\n  "placements": [\n    { "symbol": "a", "kind": "text" },\n\n    {"symbol":"f","kind":"text"},\n    { "symbol": "b", "kind": "bss" }\n  ],\n  "budget": 0\n}\n';
  expect(removed(text, "f")).toBe(
    '{\n  "placements": [\n    { "symbol": "a", "kind": "text" },\n    { "symbol": "b", "kind": "bss" }\n  ],\n  "budget": 0\n}\n',
  );
  expect(removed(text, "a", "f")).toBe(
    '{\n  "placements": [\n    { "symbol": "b", "kind": "bss" }\n  ],\n  "budget": 0\n}\n',
  );
  expect(removed(text, "a", "b", "f")).toBe('{\n  "placements": [],\n  "budget": 0\n}\n');
  expect(removed(text, "none")).toBe(text);
});

it("whatever the file holds, what is added is read again, and what is taken out leaves the text as before", () => {
  const name = fc.string({ minLength: 1, maxLength: 8 });
  const values = fc.dictionary(
    name.filter((key) => key !== "placements" && key !== "__proto__"),
    fc.jsonValue({ maxDepth: 2 }),
    { minKeys: 1 },
  );
  fc.assert(
    fc.property(
      values,
      fc.constantFrom(undefined, 2, 4, "\t"),
      fc.uniqueArray(name, { minLength: 1, maxLength: 4 }),
      (value, indent, symbols) => {
        const text = JSON.stringify(value, undefined, indent);
        const placements = symbols.map((symbol) => ({ ...F, symbol }));
        const after = added(text, ...placements);
        expect(read(after)).toEqual(placements);
        expect(removed(after, ...symbols)).toBe(text);
      },
    ),
    { numRuns: 300 },
  );
});
