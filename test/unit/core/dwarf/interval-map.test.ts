import fc from "fast-check";
import { expect, it } from "vitest";
import { IntervalMap } from "../../../../src/core/dwarf/interval-map.js";

it("each address belongs to the last interval that covers it", () => {
  const interval = fc.tuple(fc.nat(60), fc.integer({ min: 1, max: 30 }));
  fc.assert(
    fc.property(fc.array(interval, { maxLength: 40 }), (intervals) => {
      const lows = intervals.map(([low]) => low);
      const highs = intervals.map(([low, length]) => low + length);
      const map = new IntervalMap(
        lows,
        highs,
        intervals.map((_, index) => index),
      );
      for (let address = 0; address < 100; address++) {
        const expected = intervals.findLastIndex(([low, length]) => low <= address && address < low + length);
        expect(map.ownerAt(address)).toBe(expected);
      }
    }),
  );
});

// Compared each with each, they take many minutes.
it(
  "many intervals over one another are answered for in time that grows with their number alone",
  { timeout: 20_000 },
  () => {
    const count = 200_000;
    const lows = Array.from({ length: count }, (_, index) => index);
    const highs = Array.from({ length: count }, (_, index) => 2 * count - index);
    const map = new IntervalMap(lows, highs, lows);
    const wrong: number[] = [];
    for (let address = 0; address < 2 * count; address++)
      if (map.ownerAt(address) !== Math.min(address, 2 * count - 1 - address)) wrong.push(address);
    expect(wrong).toEqual([]);
  },
);
