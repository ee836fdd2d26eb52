import { describe, expect, it } from "vitest";
import { annotationsOf, costText, inlineText, type InlinePart } from "../../../../src/core/report/annotations.js";
import type { CallSiteRow } from "../../../../src/core/report/report.js";
import { english } from "../../../../src/core/report/translate.js";
import { lineRow, smallReport, touched } from "../../../support/small-report.js";

const FILE = "/src/main.c";
const PARTS: readonly InlinePart[] = ["faults", "major", "time"];

function callSite(line: number, faults: number): CallSiteRow {
  return { file: FILE, line, function: "main", faults, minor: faults, major: 0, timeNs: 0 };
}

function only(report: Parameters<typeof annotationsOf>[0]) {
  const annotations = annotationsOf(report, FILE);
  expect(annotations).toHaveLength(1);
  return annotations[0]!;
}

describe("the annotations of a file", () => {
  it("are its own lines only, in ascending order", () => {
    const lines = [lineRow(9), lineRow(3), lineRow(5, { file: "/src/other.c" })];
    expect(annotationsOf({ lines, callSites: [] }, FILE).map(({ line }) => line)).toEqual([3, 9]);
    expect(annotationsOf({ lines, callSites: [] }, "/src/nowhere.c")).toEqual([]);
  });

  it("leave out code that has no line, and do not measure heat against it", () => {
    const lines = [lineRow(0, { file: "", faults: 1000 }), lineRow(2)];
    expect(annotationsOf({ lines, callSites: [] }, "")).toEqual([]);
    expect(annotationsOf({ lines, callSites: [] }, FILE)[0]!.heat).toBe(3);
  });

  it("sum the instances of a template on one line, and keep each", () => {
    const lines = [
      lineRow(4, { function: "f<int>", faults: 7, minor: 5, major: 2, timeNs: 900 }),
      lineRow(4, { function: "f<char>", faults: 5, minor: 4, major: 1, timeNs: 100 }),
    ];
    const annotation = only({ lines, callSites: [] });
    expect(annotation).toMatchObject({ line: 4, faults: 12, minor: 9, major: 3, timeNs: 1000 });
    expect(annotation.rows).toHaveLength(2);
  });

  it("do not count the faults of inlined code as the line's own", () => {
    const annotation = only({ lines: [lineRow(4, { faults: 1 })], callSites: [callSite(4, 6)] });
    expect([annotation.faults, annotation.inlined.faults]).toEqual([1, 6]);
  });

  it("have heat against the hottest line of all files, and none where only inlined code faulted", () => {
    const lines = [
      lineRow(1, { faults: 1 }),
      lineRow(2, { faults: 40, file: "/src/hot.c" }),
      lineRow(3, { faults: 5 }),
    ];
    const report = { lines, callSites: [callSite(8, 40)] };
    expect(annotationsOf(report, FILE).map(({ line, heat }) => [line, heat])).toEqual([
      [1, 0],
      [3, 1],
      [8, undefined],
    ]);
    expect(annotationsOf(report, "/src/hot.c")[0]!.heat).toBe(3);
  });
});

describe("the text after a line", () => {
  const twelve = lineRow(4, { faults: 12, minor: 9, major: 3, timeNs: 1_800_000, objects: [touched("history", 12)] });

  it("tells what is asked for, in that order", () => {
    const annotation = only({ lines: [twelve], callSites: [] });
    expect(inlineText(annotation, PARTS, undefined, english)).toBe("12 faults · 3 major · 1.8 ms");
    expect(inlineText(annotation, ["time", "minor"], undefined, english)).toBe("1.8 ms · 9 minor");
    expect(inlineText(annotation, ["objects", "faults"], undefined, english)).toBe("history · 12 faults");
    expect(inlineText(annotation, [], undefined, english)).toBe("");
  });

  it("is silent about what did not happen or is not known", () => {
    const annotation = only({ lines: [lineRow(4, { timeNs: 0 })], callSites: [] });
    expect(inlineText(annotation, PARTS, undefined, english)).toBe("1 fault");
    expect(inlineText(annotation, ["major", "time"], "edited", english)).toBe("");
  });

  it("tells calls that were inlined from the line's own faults", () => {
    const both = only({ lines: [twelve], callSites: [callSite(4, 4)] });
    expect(inlineText(both, ["faults"], undefined, english)).toBe("12 faults · 4 faults in code inlined here");
    const called = only({ lines: [], callSites: [callSite(4, 1)] });
    expect(inlineText(called, PARTS, undefined, english)).toBe("1 fault in code inlined here");
  });

  it("says that it is stale", () => {
    const annotation = only({ lines: [twelve], callSites: [] });
    expect(inlineText(annotation, ["faults"], "edited", english)).toBe("12 faults · stale");
    expect(inlineText(annotation, ["faults"], "rebuilt", english)).toBe("12 faults · stale");
  });

  it("names two objects, and makes hostile names visible", () => {
    const objects = [touched("a\u202eb"), touched("c"), touched("d"), touched("c")];
    const annotation = only({ lines: [lineRow(4, { objects })], callSites: [] });
    expect(inlineText(annotation, ["objects"], undefined, english)).toBe("a\\u{202e}b, c and 1 more");
  });

  it("has the numbers of the report", () => {
    const annotation = only(smallReport());
    expect(inlineText(annotation, PARTS, undefined, english)).toBe("9 faults · 2 major · 1.5 µs");
  });
});

it("a cost is told with all that is known of it", () => {
  const cost = { faults: 12, minor: 9, major: 3, timeNs: 1_800_000 };
  expect(costText(cost, english)).toBe("12 faults · 9 minor · 3 major · 1.8 ms");
});
