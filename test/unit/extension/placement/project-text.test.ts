/** faultline.json gets placements and critical functions, and loses them, with as little change as can be. */
import { expect, it } from "vitest";
import { changeBetween } from "../../../../src/core/base/text-edit.js";
import { DEFAULT_LOCKED_SECTIONS } from "../../../../src/core/placement/locked-sections.js";
import type { Placement } from "../../../../src/core/placement/placement.js";
import { withCritical, withoutPlacements, withPlacements } from "../../../../src/extension/placement/project-text.js";

const rotate: Placement = { symbol: "rotate", kind: "text", section: "locked_text", by: "source" };
const TEXT = '{\n  "program": "a",\n  "critical": ["f"]\n}\n';

it("placements are added and taken out again, byte for byte", () => {
  const after = withPlacements(TEXT, [rotate], DEFAULT_LOCKED_SECTIONS)!;
  expect(JSON.parse(after)).toMatchObject({ program: "a", placements: [{ symbol: "rotate", kind: "text" }] });
  expect(withoutPlacements(after, [{ symbol: "rotate" }])).toBe(TEXT);
});

it("what is placed already is not placed twice; another way replaces the one before", () => {
  const once = withPlacements(TEXT, [rotate], DEFAULT_LOCKED_SECTIONS)!;
  expect(withPlacements(once, [rotate], DEFAULT_LOCKED_SECTIONS)).toBe(once);
  const other = withPlacements(once, [{ ...rotate, by: "script" }], DEFAULT_LOCKED_SECTIONS)!;
  expect((JSON.parse(other) as { placements: unknown }).placements).toEqual([
    { symbol: "rotate", kind: "text", by: "script" },
  ]);
});

it("a function is marked as critical once", () => {
  const after = withCritical(TEXT, "g")!;
  expect(after).toContain('"critical": ["f", "g"]');
  expect(withCritical(after, "g")).toBe(after);
});

it("a file that is not there yet is made; one that is no JSON is left alone", () => {
  expect(JSON.parse(withPlacements("", [rotate], DEFAULT_LOCKED_SECTIONS)!)).toHaveProperty("placements");
  expect(withPlacements("{ placements }", [rotate], DEFAULT_LOCKED_SECTIONS)).toBeUndefined();
  expect(withCritical("[]", "g")).toBeUndefined();
});

it.each([
  ["abc", "abXc"],
  ["aaaa", "aaa"],
  ["", "x"],
  ["x", ""],
  ["one two", "one 2 two"],
])("the change from %j to %j leads there", (before, after) => {
  const { offset, length, text } = changeBetween(before, after)!;
  expect(before.slice(0, offset) + text + before.slice(offset + length)).toBe(after);
  expect(changeBetween(before, before)).toBeUndefined();
});
