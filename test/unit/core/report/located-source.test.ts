import { describe, expect, it } from "vitest";
import { commonEnd, recordedPath, sourceMapping } from "../../../../src/core/report/located-source.js";
import { sourceMapper } from "../../../../src/core/report/source-map.js";

describe("the mapping of a file that was located", () => {
  it("leaves out what both paths have in common, so that it fits the files beside it", () => {
    const mapping = sourceMapping("/build/job-7/src/io/ring.c", "/home/ann/project/src/io/ring.c")!;
    expect(mapping).toEqual({ from: "/build/job-7", to: "/home/ann/project" });
    const map = sourceMapper({ [mapping.from]: mapping.to });
    expect(map("/build/job-7/include/ring.h")).toBe("/home/ann/project/include/ring.h");
  });

  it.each([
    ["/a/ring.c", "/b/a/ring.c"],
    ["/b/a/ring.c", "/a/ring.c"],
    ["/a/one.c", "/b/two.c"],
    ["/one.c", "/two.c"],
    ["/one.c", "/b/one.c"],
    ["/x/y/one.c", "/one.c"],
  ])("leads from %s to %s", (recorded, located) => {
    const { from, to } = sourceMapping(recorded, located)!;
    expect(sourceMapper({ [from]: to })(recorded)).toBe(located);
  });

  it("is none for a file that is where it was recorded", () => {
    expect(sourceMapping("/a/b.c", "/a/b.c")).toBeUndefined();
  });
});

it("a path that was mapped leads back to what was recorded", () => {
  const map = { "/build": "/home/ann", "/build/lib/": "/home/ann/third-party" };
  for (const recorded of ["/build/a.c", "/build/lib/b.c"]) {
    expect(recordedPath(sourceMapper(map)(recorded), map)).toBe(recorded);
  }
  expect(recordedPath("/home/annabel/a.c", map)).toBe("/home/annabel/a.c");
});

it("paths are the likelier one file the more of their ends is the same", () => {
  expect(commonEnd("/a/src/io/ring.c", "/b/src/io/ring.c")).toBe(3);
  expect(commonEnd("/a/ring.c", "/b/ring.c")).toBe(1);
  expect(commonEnd("/a/b", "/a/b")).toBe(3);
});
