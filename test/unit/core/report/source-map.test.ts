import { describe, expect, it } from "vitest";
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

it("replaces the root", () => {
  expect(sourceMapper({ "/": "/container" })("/src/main.c")).toBe("/container/src/main.c");
  expect(sourceMapper({ "/container": "/" })("/container/src/main.c")).toBe("/src/main.c");
});

it("leaves other paths alone", () => {
  expect(map("/src/main.c")).toBe("/src/main.c");
});

describe("what others say of where sources are", () => {
  const files = new Set(["/mine/here.c", "/first/a.c", "/second/a.c", "/second/b.c", "/outer/sub/c.c"]);
  const others = {
    mappings: [
      { from: "/build", to: "/first" },
      { from: "/build/", to: "/second" },
      { from: "/", to: "/nowhere" },
      { from: "/build/sub", to: "/gone" },
      { from: "/build", to: "/outer" },
    ],
    isHere: (path: string) => files.has(path),
  };

  it("is tried one after the other, until the file is there", () => {
    const find = sourceMapper({}, others);
    expect(find("/build/a.c")).toBe("/first/a.c");
    expect(find("/build/b.c")).toBe("/second/b.c");
    expect(find("/build/sub/c.c")).toBe("/outer/sub/c.c");
  });

  it("changes nothing where none of them has the file: then it can be located as what was recorded", () => {
    expect(sourceMapper({}, others)("/build/missing.c")).toBe("/build/missing.c");
    expect(sourceMapper({ "/build": "/mine" }, others)("/build/missing.c")).toBe("/mine/missing.c");
  });

  it("comes after what the project says, where that file is there", () => {
    const find = sourceMapper({ "/build": "/mine" }, others);
    expect(find("/build/here.c")).toBe("/mine/here.c");
    expect(find("/build/b.c")).toBe("/second/b.c");
  });
});
