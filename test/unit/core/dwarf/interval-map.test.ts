import fc from "fast-check";
import { expect, it } from "vitest";
import { flattenIntervals, ownerAt } from "../../../../src/core/dwarf/interval-map.js";

it("each address belongs to the last interval that covers it", () => {
  const interval = fc.tuple(fc.nat(60), fc.integer({ min: 1, max: 30 }));
  fc.assert(
    fc.property(fc.array(interval, { maxLength: 40 }), (intervals) => {
      const lows = intervals.map(([low]) => low);
      const highs = intervals.map(([low, length]) => low + length);
      const map = flattenIntervals(
        lows,
        highs,
        intervals.map((_, index) => index),
      );
      for (let address = 0; address < 100; address++) {
        const expected = intervals.findLastIndex(([low, length]) => low <= address && address < low + length);
        expect(ownerAt(map, address)).toBe(expected);
      }
    }),
  );
});

it("many intervals over one another are flattened in time that grows with their number alone", () => {
  const count = 200_000;
  const lows = Array.from({ length: count }, (_, index) => index);
  const highs = Array.from({ length: count }, (_, index) => 2 * count - index);
  const before = performance.now();
  const map = flattenIntervals(lows, highs, lows);
  expect(performance.now() - before).toBeLessThan(2000);
  expect(ownerAt(map, count)).toBe(count - 1);
  expect(ownerAt(map, 2 * count - 1)).toBe(0);
});
