/** Which pages of a process are in memory: /proc/PID/pagemap over its mappings. */
import { closeSync, openSync } from "node:fs";
import type { PageRun } from "../../core/proc/pagemap.js";
import type { ProcMapping } from "../../core/proc/maps.js";
import { readPageRuns } from "../pagemap-file.js";

/** Of one mapping: 64 GiB of 4 kB pages. What lies behind is not looked at, and the caller is told. */
const MAX_SCANNED_PAGES = 1 << 24;

export interface Residency<Mapping extends ProcMapping> {
  /** By mapping: the pages that are in memory or in swap, in address order. */
  readonly runs: ReadonlyMap<Mapping, readonly PageRun[]>;
  /** Mappings that were too large, or vanished while we looked. */
  readonly incomplete: readonly Mapping[];
}

/** Looks without touching: the target takes no fault from it. Throws what opening pagemap throws. */
export function readResidency<Mapping extends ProcMapping>(
  pid: number,
  mappings: readonly Mapping[],
  pageSize: number,
): Residency<Mapping> {
  const pagemap = openSync(`/proc/${pid}/pagemap`, "r");
  try {
    const runs = new Map<Mapping, readonly PageRun[]>();
    const incomplete: Mapping[] = [];
    for (const mapping of mappings) {
      const found = readPageRuns(pagemap, mapping, pageSize, MAX_SCANNED_PAGES);
      runs.set(mapping, found.runs);
      if (!found.whole) incomplete.push(mapping);
    }
    return { runs, incomplete };
  } finally {
    closeSync(pagemap);
  }
}

/** Numbers (address / page size) of the pages of the runs that are in memory, swapped ones left out. */
export function* presentPages(runs: readonly PageRun[], pageSize: number): Generator<number> {
  for (const { start, pages, swapped } of runs) {
    if (swapped) continue;
    for (let page = start / pageSize, end = page + pages; page < end; page++) yield page;
  }
}
