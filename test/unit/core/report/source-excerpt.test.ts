import { describe, expect, it } from "vitest";
import type { CallSiteRow, LineRow } from "../../../../src/core/report/report.js";
import { sourceExcerpt, sourceExcerpts, type SourceText } from "../../../../src/core/report/source-excerpt.js";

const text: SourceText = { kind: "text", text: Array.from({ length: 30 }, (_, i) => `line ${i + 1}`).join("\n") };

function row(line: number, faults = 1, file = "a.c"): LineRow {
  const cost = { faults, minor: faults, major: 0, timeNs: 10 * faults };
  return { ...cost, file, line, function: "f", image: "/bin/a", addresses: [], objects: [], inlinedInto: [] };
}

function site(line: number): CallSiteRow {
  return { file: "a.c", line, function: "g", faults: 2, minor: 2, major: 0, timeNs: 0 };
}

describe("a source excerpt", () => {
  it("has context around each line, joined where it meets, and no line twice", () => {
    const { lines } = sourceExcerpt("a.c", text, [row(5), row(8), row(20)], [], 2);
    expect(lines.map(({ number }) => number)).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 18, 19, 20, 21, 22]);
    expect(lines.every(({ number, text: words }) => words === `line ${number}`)).toBe(true);
    expect(lines.filter(({ rows }) => rows.length > 0).map(({ number }) => number)).toEqual([5, 8, 20]);
  });

  it("stays inside the file", () => {
    const { lines } = sourceExcerpt("a.c", text, [row(1), row(30)], [], 3);
    expect([lines[0]!.number, lines.at(-1)!.number]).toEqual([1, 30]);
  });

  it("keeps all rows of a line: a template has one for each function", () => {
    const { lines, faults, timeNs } = sourceExcerpt("a.c", text, [row(5, 2), row(5, 3)], [], 0);
    expect(lines[0]!.rows).toHaveLength(2);
    expect([faults, timeNs]).toEqual([5, 50]);
  });

  it("shows call sites without counting their faults again", () => {
    const { lines, faults } = sourceExcerpt("a.c", text, [row(5)], [site(9)], 0);
    expect(lines.map(({ number, callSites }) => [number, callSites.length])).toEqual([
      [5, 0],
      [9, 1],
    ]);
    expect(faults).toBe(1);
  });

  it("says under which path a missing file was looked for, and still lists its lines", () => {
    const excerpt = sourceExcerpt("a.c", { kind: "missing", lookedFor: "/src/a.c" }, [row(7)], []);
    expect(excerpt).toMatchObject({ found: false, lookedFor: "/src/a.c" });
    expect(excerpt.lines).toMatchObject([{ number: 7, text: undefined }]);
  });

  it("has lines without text where the file is shorter than it was", () => {
    const { found, lines } = sourceExcerpt("a.c", { kind: "text", text: "one\ntwo" }, [row(9)], [], 1);
    expect(found).toBe(true);
    expect(lines.find(({ number }) => number === 9)).toMatchObject({ text: undefined });
  });

  it("reads any line ending", () => {
    const { lines } = sourceExcerpt("a.c", { kind: "text", text: "one\r\ntwo\rthree\n" }, [row(3)], [], 2);
    expect(lines.map((line) => line.text)).toEqual(["one", "two", "three", ""]);
  });
});

describe("the excerpts of a report", () => {
  it("come with most faults first and ask for each file once", () => {
    const asked: string[] = [];
    const excerpts = sourceExcerpts(
      { lines: [row(1, 1, "few.c"), row(2, 9, "many.c"), row(3, 1, "many.c"), row(0, 50, "")], callSites: [] },
      (file) => {
        asked.push(file);
        return text;
      },
    );
    expect(excerpts.map(({ file, faults }) => [file, faults])).toEqual([
      ["many.c", 10],
      ["few.c", 1],
    ]);
    expect(asked.sort()).toEqual(["few.c", "many.c"]);
  });
});
