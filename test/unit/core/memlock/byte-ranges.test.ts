import { expect, it } from "vitest";
import { bytesOf, intersections, merged, subtract, type ByteRange } from "../../../../src/core/memlock/byte-ranges.js";

const range = (start: number, end: number): ByteRange => ({ start, end });

/** Every unit of the ranges, one by one: what the arithmetic must agree with. */
const units = (ranges: readonly ByteRange[]): ReadonlySet<number> =>
  new Set(ranges.flatMap(({ start, end }) => Array.from({ length: end - start }, (_, index) => start + index)));

const randomRanges = (count: number): readonly ByteRange[] =>
  Array.from({ length: count }, () => {
    const start = Math.floor(Math.random() * 60);
    return range(start, start + Math.floor(Math.random() * 12));
  });

it("taking ranges away leaves exactly the units that none of them has", () => {
  for (let round = 0; round < 2000; round++) {
    const ranges = merged(randomRanges(5));
    const others = randomRanges(5);
    const away = units(others);
    const left = subtract(ranges, others);
    expect([...units(left)]).toEqual([...units(ranges)].filter((unit) => !away.has(unit)));
    expect(left.every(({ start, end }) => start < end)).toBe(true);
  }
});

it("intersections are exactly the units that both have", () => {
  for (let round = 0; round < 2000; round++) {
    const [ranges, others] = [merged(randomRanges(5)), merged(randomRanges(5))];
    const both = units(others);
    const found = intersections(ranges, others);
    expect([...units(found)]).toEqual([...units(ranges)].filter((unit) => both.has(unit)));
    for (const { start, end, range: from, other } of found) {
      expect(start >= from.start && end <= from.end && start >= other.start && end <= other.end).toBe(true);
    }
  }
});

it("what is left keeps what else a range says", () => {
  expect(subtract([{ start: 0, end: 10, before: "locked" }], [range(2, 4), range(6, 8)])).toEqual([
    { start: 0, end: 2, before: "locked" },
    { start: 4, end: 6, before: "locked" },
    { start: 8, end: 10, before: "locked" },
  ]);
});

it("what overlaps or touches becomes one", () => {
  expect(merged([range(4, 6), range(0, 2), range(2, 3), range(5, 9), range(12, 12)])).toEqual([
    range(0, 3),
    range(4, 9),
  ]);
  expect(bytesOf([range(0, 3), range(4, 9)])).toBe(8);
});
