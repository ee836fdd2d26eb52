import { describe, expect, it } from "vitest";
import { mapCsv, mapJson } from "../../../../webview/map/export.js";
import { layout } from "../../../../webview/map/layout.js";
import { mapProcess, PAGE } from "../../../support/map-process.js";

const options = { pageSize: PAGE, lost: 3, width: 700, height: 550 };

/** RFC 4180, as spreadsheets read it. */
function rowsOf(csv: string): readonly (readonly string[])[] {
  const rows: string[][] = [[]];
  for (const [, quoted, plain, end] of csv.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/g)) {
    rows.at(-1)!.push((quoted ?? plain ?? "").replaceAll('""', '"'));
    if (end !== ",") rows.push([]);
  }
  return rows.filter((row) => row.length > 1);
}

describe("a map as a table", () => {
  it("has a row a page, with what is on it", () => {
    const [head, ...rows] = rowsOf(mapCsv(layout(mapProcess(), options)));
    expect(head).toEqual(["pid", "address", "minor", "major", "time_ns", "region", "section", "objects"]);
    expect(rows).toHaveLength(8);
    expect(rows[1]).toEqual([
      ...["42", "0x5591c2e02000", "1", "1", "200600"],
      ...["/home/dev/build/input-thread", ".data", "history"],
    ]);
  });

  it("starts no formula in a spreadsheet, and breaks no row, whatever things are called", () => {
    const names = ["=HYPERLINK(1)", "+1", "-1", "@x", "\tx", 'a "b", c', "two\r\nlines"];
    const process = mapProcess();
    const objects = names.map((name, i) => ({ ...process.objects[0]!, name, start: process.pages.address[i]! }));
    const placed = objects.map((object) => ({ ...object, end: object.start + 1 })).sort((a, b) => a.start - b.start);
    const rows = rowsOf(mapCsv(layout({ ...process, objects: placed }, options))).slice(1);
    expect(rows).toHaveLength(8);
    expect(rows.slice(0, 7).map((row) => row.at(-1))).toEqual([
      ...["'=HYPERLINK(1)", "'+1", "'-1", "'@x", "'\tx"],
      ...['a "b", c', "two\r\nlines"],
    ]);
  });

  it("of a binary speaks of symbols", () => {
    const csv = mapCsv(layout(mapProcess(), { ...options, counted: "symbols" }));
    expect(rowsOf(csv)[0]).toEqual(["address", "symbols", "file", "section", "names"]);
  });
});

it("a map as data is the process with what is needed to read it", () => {
  const data = JSON.parse(mapJson(layout(mapProcess(), options))) as object;
  expect(data).toEqual(
    JSON.parse(JSON.stringify({ pageSize: PAGE, lost: 3, counted: "faults", process: mapProcess() })),
  );
});
