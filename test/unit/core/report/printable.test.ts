import fc from "fast-check";
import { expect, it } from "vitest";
import { printable } from "../../../../src/core/report/printable.js";

it("makes escape sequences visible", () => {
  expect(printable("\u001b[31mred\u0007")).toBe("\\u{1b}[31mred\\u{7}");
});

it("makes text that reorders a line visible", () => {
  expect(printable("a\u202eb\u2066c")).toBe("a\\u{202e}b\\u{2066}c");
});

it("cuts a megabyte of name", () => {
  expect(printable("x".repeat(1 << 20), 10)).toBe(`${"x".repeat(9)}…`);
});

it("leaves other languages alone", () => {
  expect(printable("größe::λ<日本>")).toBe("größe::λ<日本>");
});

it("never lets a control character through", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(printable(text)).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
    }),
  );
});
