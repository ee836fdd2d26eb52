import { describe, expect, it } from "vitest";
import { rowOrder } from "../../../../src/core/base/row-order.js";

describe("the order of rows", () => {
  it.each([
    ["nothing", []],
    ["one value", [7]],
    ["equal values", [3, 1, 3, 1, 2, 3]],
    ["values below zero", [-5, 4, -5, 0]],
    ["values too far apart to share a number with a row", [2 ** 64, 1, 2 ** 63, 1, 0, 2 ** 64]],
  ])("is that of a stable sort: %s", (_, values) => {
    const expected = values.map((_, row) => row).sort((a, b) => values[a]! - values[b]! || a - b);
    expect([...rowOrder(Float64Array.from(values))]).toEqual(expected);
  });
});
