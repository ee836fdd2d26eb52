import { expect, it } from "vitest";
import type { Findings } from "../../../../src/core/attribution/findings.js";
import { pageRows } from "../../../../src/core/report/table-rows.js";
import { traceOfPages } from "../../../../src/core/trace/pages-trace.js";

/** Faults (minor, major, of unknown kind) and time of each page, and the pages of each object by its name. */
function rowsOf(
  counts: readonly (readonly [minor: number, major: number, other: number, timeNs: number])[],
  objects: Readonly<Record<string, readonly number[]>>,
) {
  const column = (index: 0 | 1 | 2 | 3) => Float64Array.from(counts, (each) => each[index]);
  const findings: Findings = {
    sites: [],
    objects: Object.keys(objects).map((name) => ({
      kind: "variable",
      name,
      symbol: name,
      image: "/bin/program",
      section: ".data",
      address: 0,
      size: 8,
      declaration: () => undefined,
    })),
    regions: [{ kind: "image", name: "/bin/program", section: ".data" }],
    regionOfObject: Object.keys(objects).map(() => 0),
    threads: [],
    cells: {
      length: 0,
      ...{ site: new Uint32Array(), object: new Uint32Array(), thread: new Uint32Array() },
      ...{ minor: new Float64Array(), major: new Float64Array(), other: new Float64Array() },
      ...{ kernel: new Float64Array(), timeNs: new Float64Array() },
    },
    pages: {
      length: counts.length,
      pid: new Int32Array(counts.length).fill(7),
      page: Float64Array.from(counts.keys(), (row) => 0x5_5555_5555 + row),
      region: new Uint32Array(counts.length),
      minor: column(0),
      major: column(1),
      other: column(2),
      timeNs: column(3),
    },
    pagesOfObject: Object.values(objects),
    perFault: undefined,
    unavailable: [],
  };
  const trace = traceOfPages({ version: 1, pageSize: 4096, method: "held", processes: [] }, undefined, []);
  return pageRows(findings, trace);
}

it("pages come by their faults, then by their time, then as they came", () => {
  const rows = rowsOf(
    [
      [1, 0, 0, 5],
      [1, 1, 1, 9],
      [0, 1, 0, 8],
      [1, 0, 0, 5],
      [2, 0, 0, 0],
    ],
    {},
  );
  expect(rows.map(({ address, faults, timeNs }) => [address, faults, timeNs])).toEqual([
    ["0x555555556000", 3, 9],
    ["0x555555559000", 2, 0],
    ["0x555555557000", 1, 8],
    ["0x555555555000", 1, 5],
    ["0x555555558000", 1, 5],
  ]);
});

it("each page names its own objects, in the order they were found", () => {
  const once = [1, 0, 0, 0] as const;
  const rows = rowsOf([once, once, once, once, once], { table: [0, 1, 2], counter: [1, 2], flag: [2, 3] });
  expect(rows.map(({ objects }) => objects)).toEqual([
    ["table"],
    ["table", "counter"],
    ["table", "counter", "flag"],
    ["flag"],
    [],
  ]);
});
