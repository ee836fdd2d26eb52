/** What the lines of a file cost by the command line's report, summed up without the extension's own code. */
import type { Report } from "../../../src/core/report/report.js";

export interface LineSum {
  /** 0-based, as VS Code counts. */
  readonly line: number;
  readonly faults: number;
}

/** Ascending by line. */
export function linesOf(report: Report, file: string): readonly LineSum[] {
  const sums = new Map<number, number>();
  for (const row of report.lines) {
    if (row.line > 0 && row.file.endsWith(`/${file}`)) sums.set(row.line, (sums.get(row.line) ?? 0) + row.faults);
  }
  return [...sums].sort(([a], [b]) => a - b).map(([line, faults]) => ({ line: line - 1, faults }));
}

/** "12 faults", as it is written before all else. */
export function faultsText(faults: number): string {
  return `${faults.toLocaleString("en")} ${faults === 1 ? "fault" : "faults"}`;
}
