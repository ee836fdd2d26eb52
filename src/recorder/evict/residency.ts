/** Which pages of a process are in memory: /proc/PID/pagemap over its mappings. */
import { closeSync, openSync, readSync } from "node:fs";
import { endianness } from "node:os";
import { addRuns, PAGEMAP_ENTRY_BYTES, type PageRun } from "../../core/proc/pagemap.js";
import type { ProcMapping } from "../../core/proc/maps.js";

/** Entries read at once: 1 GiB of memory in pages of 4 kB. */
const ENTRIES_AT_ONCE = 1 << 18;
/** Of one mapping: 64 GiB of 4 kB pages. What lies behind is not looked at, and the caller is told. */
const MAX_SCANNED_PAGES = 1 << 24;
const LITTLE_ENDIAN = endianness() === "LE";

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
      const found = readRuns(pagemap, mapping, pageSize);
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

function readRuns(pagemap: number, mapping: ProcMapping, pageSize: number): { runs: PageRun[]; whole: boolean } {
  const runs: PageRun[] = [];
  const pages = (mapping.end - mapping.start) / pageSize;
  const scanned = Math.min(pages, MAX_SCANNED_PAGES);
  const entries = Buffer.allocUnsafe(Math.min(scanned, ENTRIES_AT_ONCE) * PAGEMAP_ENTRY_BYTES);
  for (let page = 0; page < scanned;) {
    const wanted = Math.min(entries.length, (scanned - page) * PAGEMAP_ENTRY_BYTES);
    const length = readSync(pagemap, entries, 0, wanted, (mapping.start / pageSize + page) * PAGEMAP_ENTRY_BYTES);
    if (length < PAGEMAP_ENTRY_BYTES) return { runs, whole: false };
    addRuns(runs, entries.subarray(0, length), mapping.start + page * pageSize, pageSize, LITTLE_ENDIAN);
    page += Math.floor(length / PAGEMAP_ENTRY_BYTES);
  }
  return { runs, whole: scanned === pages };
}
