import { expect, it } from "vitest";
import { sourceMapper } from "../../../../src/core/report/source-map.js";

const map = sourceMapper({
  "/rustc/abc": "/usr/lib/rustlib/src/rust",
  "/build": "/home/me/src",
  "/build/generated/": "/home/me/out",
});

it("replaces a prefix", () => {
  expect(map("/rustc/abc/library/core/src/ptr.rs")).toBe("/usr/lib/rustlib/src/rust/library/core/src/ptr.rs");
});

it("prefers the longest prefix, with or without a slash at its end", () => {
  expect(map("/build/generated/parser.c")).toBe("/home/me/out/parser.c");
});

it("matches whole components only", () => {
  expect(map("/builder/main.c")).toBe("/builder/main.c");
});

it("leaves other paths alone", () => {
  expect(map("/src/main.c")).toBe("/src/main.c");
});
