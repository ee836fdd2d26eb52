/** /proc/PID/pagemap: which pages a process has (Documentation/admin-guide/mm/pagemap.rst). The present bit needs no privilege. */

/** Bytes of the file for each page of address space, in the machine's byte order. */
export const PAGEMAP_ENTRY_BYTES = 8;

/** Pages in a row that are in the same state. */
export interface PageRun {
  /** Address of the first page, below 2^53. */
  readonly start: number;
  readonly pages: number;
  /** Of a file or of shared memory, or the process's own (a private copy of a file's page is its own). */
  readonly kind: "file" | "anonymous";
  /** Not in memory now, but in swap: it came in and went out again. */
  readonly swapped: boolean;
}

/**
 * The runs of pages that are present or swapped, added to `runs`; the last of those is continued where it fits.
 * `entries` is what the file has for the pages from address `start` on; a rest shorter than an entry is ignored.
 */
export function addRuns(
  runs: PageRun[],
  entries: Uint8Array,
  start: number,
  pageSize: number,
  littleEndian = true,
): void {
  const view = new DataView(entries.buffer, entries.byteOffset, entries.byteLength);
  const high = littleEndian ? 4 : 0;
  const count = Math.floor(entries.length / PAGEMAP_ENTRY_BYTES);
  for (let page = 0; page < count; page += 1) {
    const state = view.getUint32(page * PAGEMAP_ENTRY_BYTES + high, littleEndian) & STATE;
    if ((state & (PRESENT | SWAPPED)) === 0) continue;
    let last = page + 1;
    while (last < count && (view.getUint32(last * PAGEMAP_ENTRY_BYTES + high, littleEndian) & STATE) === state)
      last += 1;
    append(runs, start + page * pageSize, last - page, state, pageSize);
    page = last - 1;
  }
}

/** What is in `runs` and was not present in `before` (both in address order): the pages that came in meanwhile. */
export function withoutPresent(runs: readonly PageRun[], before: readonly PageRun[], pageSize: number): PageRun[] {
  const rest: PageRun[] = [];
  let at = 0;
  for (const run of runs) {
    let start = run.start;
    const end = run.start + run.pages * pageSize;
    while (at < before.length && endOf(before[at]!, pageSize) <= start) at += 1;
    for (let next = at; next < before.length && before[next]!.start < end; next += 1) {
      const old = before[next]!;
      if (old.swapped) continue; // It was out then: to be present now it came in.
      if (old.start > start) rest.push({ ...run, start, pages: (old.start - start) / pageSize });
      start = Math.min(end, Math.max(start, endOf(old, pageSize)));
    }
    if (start < end) rest.push({ ...run, start, pages: (end - start) / pageSize });
  }
  return rest;
}

/** In the high half of an entry: bits 63, 62 and 61. */
const PRESENT = 0x8000_0000;
const SWAPPED = 0x4000_0000;
const FILE = 0x2000_0000;
const STATE = PRESENT | SWAPPED | FILE;

function append(runs: PageRun[], start: number, pages: number, state: number, pageSize: number): void {
  const kind = (state & FILE) === 0 ? "anonymous" : "file";
  const swapped = (state & PRESENT) === 0;
  const last = runs.at(-1);
  if (last !== undefined && endOf(last, pageSize) === start && last.kind === kind && last.swapped === swapped) {
    runs[runs.length - 1] = { ...last, pages: last.pages + pages };
  } else {
    runs.push({ start, pages, kind, swapped });
  }
}

function endOf(run: PageRun, pageSize: number): number {
  return run.start + run.pages * pageSize;
}
