/** Lists of a JSON text are changed, and everything else stays as people wrote it. */
import { expect, it } from "vitest";
import { editedText } from "../../../../src/core/base/text-edit.js";
import { elementsAdded, elementsRemoved } from "../../../../src/core/base/json-list.js";

function added(text: string, ...names: string[]): string | undefined {
  const edit = elementsAdded(
    text,
    "critical",
    names.map((name) => JSON.stringify(name)),
  );
  return edit && editedText(text, [edit]);
}

function removed(text: string, name: string): string | undefined {
  const edit = elementsRemoved(text, "critical", (element) => element === JSON.stringify(name));
  return edit && editedText(text, [edit]);
}

it.each([
  ["no text", "", '{\n  "critical": [\n    "f"\n  ]\n}\n'],
  ["no member", '{\n\t"program": "a"\n}\n', '{\n\t"program": "a",\n\t"critical": [\n\t\t"f"\n\t]\n}\n'],
  ["a list on one line", '{ "critical": ["a"], "x": 1 }', '{ "critical": ["a", "f"], "x": 1 }'],
  ["a list on lines", '{\n  "critical": [\n    "a"\n  ]\n}', '{\n  "critical": [\n    "a",\n    "f"\n  ]\n}'],
  ["lines of Windows", '{\r\n  "x": 1\r\n}', '{\r\n  "x": 1,\r\n  "critical": [\r\n    "f"\r\n  ]\r\n}'],
])("an element is added to %s, and taken out again", (_, text, expected) => {
  const after = added(text, "f");
  expect(after).toBe(expected);
  if (text !== "") expect(removed(after!, "f")).toBe(text);
});

it.each([
  ["what is no JSON", "{ critical }"],
  ["what is no list", '{ "critical": "f" }'],
])("%s is left alone", (_, text) => {
  expect(added(text, "f")).toBeUndefined();
  expect(removed(text, "f")).toBeUndefined();
});

it("what is not there is not taken out", () => {
  expect(removed('{ "critical": ["a"] }', "f")).toBeUndefined();
});
