/** A small report for the HTML page's tests; what a test is about, it sets itself. */
import type { LineRow, Report, TouchedObject } from "../../src/core/report/report.js";

export const SOURCE = `/* A file
   of a few lines. */
int main(void) {
  const char *s = "a < b";
  return handle(s); // 1 & 2
}
`;

export function touched(name: string, faults = 1): TouchedObject {
  return { name, kind: "variable", faults, declaration: { file: "/src/main.c", line: 1, column: 1 } };
}

export function lineRow(line: number, fields: Partial<LineRow> = {}): LineRow {
  return {
    file: "/src/main.c",
    line,
    function: "main",
    image: "/bin/program",
    addresses: [],
    faults: 1,
    minor: 1,
    major: 0,
    timeNs: 1500,
    objects: [],
    inlinedInto: [],
    ...fields,
  };
}

export function smallReport(fields: Partial<Report> = {}): Report {
  const cost = (faults: number, major = 0) => ({ faults, minor: faults - major, major, timeNs: faults * 1000 });
  const image = "/bin/program";
  return {
    version: 1,
    command: ["./program", "--fast"],
    arch: "x86_64",
    pageSize: 4096,
    counted: "faults",
    spanNs: 5_000_000,
    faults: { total: 12, minor: 10, major: 2, user: 12, kernel: 0, refused: 0, lost: 0, timeNs: 12_000 },
    completeness: { complete: true, completed: 12, refused: 0, lost: 0, rusage: { minor: 10, major: 2 }, notes: [] },
    lines: [lineRow(5, { faults: 9, minor: 7, major: 2, objects: [touched("history", 9)] })],
    callSites: [],
    functions: [
      { name: "main", image, file: "/src/main.c", line: 3, ...cost(9, 2) },
      { name: "handle", image, file: undefined, line: undefined, ...cost(3) },
      { name: "another", image, file: undefined, line: undefined, ...cost(1) },
    ],
    objects: [
      {
        name: "history",
        kind: "variable",
        symbol: "history",
        section: ".bss",
        image,
        pages: 3,
        size: 12288,
        declaration: undefined,
        ...cost(9),
      },
    ],
    sections: [{ image, section: ".bss", pages: 3, ...cost(9) }],
    regions: [{ kind: "image", name: image, pages: 4, ...cost(12) }],
    pages: [
      { address: "0x5591c2e02000", pid: 42, region: image, section: ".bss", objects: ["history"], ...cost(9) },
      { address: "0x7f3a1e800000", pid: 42, region: image, section: ".text", objects: [], ...cost(3) },
    ],
    threads: [{ pid: 42, tid: 43, name: "input", ...cost(12) }],
    ...fields,
  };
}
