import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { movedPlace, type Change } from "../../../../src/extension/editor/moved-lines.js";

const at = (line: number, character: number) => ({ line, character });
const change = (from: [number, number], to: [number, number], text: string): Change => ({
  start: at(...from),
  end: at(...to),
  text,
});
const lineAfter = (...changes: Change[]) => movedPlace(at(5, 4), changes)?.line;

describe("a line whose document is edited", () => {
  it("stays where text after it changes", () => {
    expect(lineAfter(change([6, 0], [6, 0], "x\ny\n"), change([5, 9], [5, 9], "\n"))).toBe(5);
  });

  it("moves by the lines that come or go before it", () => {
    expect(lineAfter(change([0, 0], [0, 0], "#include <a>\r\n#include <b>\r\n"))).toBe(7);
    expect(lineAfter(change([1, 0], [4, 0], ""))).toBe(2);
    expect(lineAfter(change([4, 8], [5, 4], ""))).toBe(4);
  });

  it("goes along when a line break is typed before its first word", () => {
    expect(movedPlace(at(5, 4), [change([5, 4], [5, 4], "\n    ")])).toEqual(at(6, 4));
    expect(lineAfter(change([5, 0], [5, 0], "\n"))).toBe(6);
  });

  it("is still that line when it is indented or retyped", () => {
    expect(movedPlace(at(5, 4), [change([5, 0], [5, 4], "\t")])).toEqual(at(5, 1));
    expect(lineAfter(change([5, 0], [5, 20], "something else;"))).toBe(5);
  });

  it("is gone when it was deleted", () => {
    expect(lineAfter(change([5, 0], [6, 0], ""))).toBeUndefined();
    expect(lineAfter(change([2, 0], [9, 0], "all\nnew\n"))).toBeUndefined();
  });

  it("does not depend on the order in which an edit lists its changes", () => {
    const two = [change([1, 0], [1, 0], "a\n"), change([5, 4], [5, 4], "b\n")];
    expect(movedPlace(at(5, 4), two)).toEqual(movedPlace(at(5, 4), two.toReversed()));
    expect(lineAfter(...two)).toBe(7);
  });
});

it("a mark is found again at the character it stood at, after any edit that keeps it", () => {
  const line = fc.string({ unit: fc.constantFrom("a", " ", "b"), maxLength: 4 });
  const text = fc.array(line, { maxLength: 4 }).map((lines) => lines.join("\n"));
  fc.assert(
    fc.property(text, text, fc.boolean(), text, text, (before, removed, isBefore, after, added) => {
      const edited = isBefore ? `${before}${removed}${after}#` : `#${before}${removed}${after}`;
      const start = isBefore ? before.length : before.length + 1;
      const now = edited.slice(0, start) + added + edited.slice(start + removed.length);
      const edit = { start: placeOf(edited, start), end: placeOf(edited, start + removed.length), text: added };
      expect(movedPlace(placeOf(edited, edited.indexOf("#")), [edit])).toEqual(placeOf(now, now.indexOf("#")));
    }),
  );
});

function placeOf(text: string, offset: number) {
  const lines = text.slice(0, offset).split("\n");
  return at(lines.length - 1, lines.at(-1)!.length);
}
