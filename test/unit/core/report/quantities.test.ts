import { expect, it } from "vitest";
import { bytes, duration, grouped } from "../../../../src/core/report/quantities.js";

it.each([
  [0, "0 ns"],
  [850, "850 ns"],
  [1500, "1.5 µs"],
  [12_345, "12.3 µs"],
  [3_400_000, "3.4 ms"],
  [250_000_000, "250 ms"],
  [1_200_000_000, "1.2 s"],
  [999_999, "1 ms"],
  [999_499, "999 µs"],
])("%d ns reads %s", (ns, text) => {
  expect(duration(ns)).toBe(text);
});

it.each([
  [0, "0 B"],
  [4096, "4 kB"],
  [1_572_864, "1.5 MB"],
  [3 * 2 ** 30, "3 GB"],
])("%d bytes read %s", (count, text) => {
  expect(bytes(count)).toBe(text);
});

it.each([
  [0, "0"],
  [999, "999"],
  [1000, "1,000"],
  [1234567, "1,234,567"],
])("%d is grouped %s", (count, text) => {
  expect(grouped(count)).toBe(text);
});
