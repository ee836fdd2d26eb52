/** Reads /proc/PID/pagemap of one mapping, in pieces. */
import { readSync } from "node:fs";
import { endianness } from "node:os";
import { addRuns, PAGEMAP_ENTRY_BYTES, type PageRun } from "../core/proc/pagemap.js";

/** Entries read at once: 2 MiB of file for 1 GiB of memory in pages of 4 kB. */
const ENTRIES_AT_ONCE = 1 << 18;
const LITTLE_ENDIAN = endianness() === "LE";

/** @param most pages that are looked at; `whole` is false where there are more, or the process ended. */
export function readPageRuns(
  pagemap: number,
  { start, end }: { readonly start: number; readonly end: number },
  pageSize: number,
  most: number,
): { runs: PageRun[]; whole: boolean } {
  const runs: PageRun[] = [];
  const pages = (end - start) / pageSize;
  const scanned = Math.min(pages, most);
  const entries = Buffer.allocUnsafe(Math.min(scanned, ENTRIES_AT_ONCE) * PAGEMAP_ENTRY_BYTES);
  for (let page = 0; page < scanned;) {
    const wanted = Math.min(entries.length, (scanned - page) * PAGEMAP_ENTRY_BYTES);
    const length = readAt(pagemap, entries, wanted, (start / pageSize + page) * PAGEMAP_ENTRY_BYTES);
    if (length < PAGEMAP_ENTRY_BYTES) return { runs, whole: false };
    addRuns(runs, entries.subarray(0, length), start + page * pageSize, pageSize, LITTLE_ENDIAN);
    page += Math.floor(length / PAGEMAP_ENTRY_BYTES);
  }
  return { runs, whole: scanned === pages };
}

function readAt(file: number, into: Buffer, length: number, at: number): number {
  try {
    return readSync(file, into, 0, length, at);
  } catch {
    return 0; // The process ended, or the mapping lies where the kernel shows nothing ([vsyscall]).
  }
}
