/** One look at a process: its mappings and the pages it has in them, by /proc. */
import { closeSync, openSync, readFileSync, readlinkSync, readSync } from "node:fs";
import { endianness } from "node:os";
import { PAGEMAP_ENTRY_BYTES, addRuns, withoutPresent, type PageRun } from "../core/proc/pagemap.js";
import type { PageMapping } from "../core/trace/pages.js";

export interface ProcessSnapshot {
  readonly name: string;
  readonly program: string | undefined;
  readonly parent: number | undefined;
  /** The process's own, since it exists. */
  readonly faults: { readonly minor: number; readonly major: number } | undefined;
  readonly mappings: readonly PageMapping[];
  readonly unscanned: number;
}

/** undefined where the process is gone or must not be looked into. */
export function snapshotOf(pid: number, pageSize: number): ProcessSnapshot | undefined {
  let pagemap: number;
  try {
    pagemap = openSync(`/proc/${pid}/pagemap`, "r");
  } catch {
    return undefined; // Exactly the question.
  }
  try {
    const sizes = residentSizes(pid);
    let unscanned = 0;
    const mappings = mappingsOf(pid).map((mapping) => {
      // Empty ones need not be read: reservations of terabytes are common.
      if (sizes.get(mapping.start) === 0) return mapping;
      const { runs, whole } = readRuns(pagemap, mapping, pageSize);
      if (!whole) unscanned += 1;
      return { ...mapping, runs };
    });
    if (mappings.length === 0) return undefined; // It is past the point where its memory went.
    return { ...identityOf(pid), mappings, unscanned };
  } finally {
    closeSync(pagemap);
  }
}

/** The mappings with pages that came in between two looks. What lay elsewhere or was something else before is all new. */
export function cameIn(before: ProcessSnapshot | undefined, after: ProcessSnapshot, pageSize: number): PageMapping[] {
  const old = before?.mappings.filter(({ runs }) => runs.length > 0) ?? [];
  return after.mappings.flatMap((mapping) => {
    const known = old.filter((one) => one.end > mapping.start && one.start < mapping.end && isSame(one, mapping));
    const present = known.flatMap(({ runs }) => runs);
    const runs = withoutPresent(mapping.runs, present, pageSize);
    return runs.length === 0 ? [] : [{ ...mapping, runs }];
  });
}

/** Text of /proc/PID/NAME, "" where it cannot be read. */
export function procText(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "latin1");
  } catch {
    return ""; // Gone, or not ours to read.
  }
}

/** Entries read at once: 2 MiB of file for 1 GiB of memory in pages of 4 kB. */
const ENTRIES_AT_ONCE = 1 << 18;
/** Per mapping: 256 GiB of 4 kB pages, about a second. */
const MAX_SCANNED_PAGES = 1 << 26;
const LITTLE_ENDIAN = endianness() === "LE";

function readRuns(pagemap: number, mapping: PageMapping, pageSize: number): { runs: PageRun[]; whole: boolean } {
  const runs: PageRun[] = [];
  const pages = (mapping.end - mapping.start) / pageSize;
  const scanned = Math.min(pages, MAX_SCANNED_PAGES);
  const entries = Buffer.allocUnsafe(Math.min(scanned, ENTRIES_AT_ONCE) * PAGEMAP_ENTRY_BYTES);
  for (let page = 0; page < scanned;) {
    const wanted = Math.min(entries.length, (scanned - page) * PAGEMAP_ENTRY_BYTES);
    const at = (mapping.start / pageSize + page) * PAGEMAP_ENTRY_BYTES;
    const length = readAt(pagemap, entries, wanted, at);
    if (length < PAGEMAP_ENTRY_BYTES) return { runs, whole: false };
    addRuns(runs, entries.subarray(0, length), mapping.start + page * pageSize, pageSize, LITTLE_ENDIAN);
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

/** proc_pid_maps(5): "start-end rwxp offset major:minor inode path". */
const MAPS_LINE = /^([0-9a-f]+)-([0-9a-f]+) ([r-])([w-])([x-])([ps]) ([0-9a-f]+) ([0-9a-f]+):([0-9a-f]+) (\d+) *(.*)$/;

function mappingsOf(pid: number): PageMapping[] {
  return Buffer.from(procText(pid, "maps"), "latin1")
    .toString("utf8")
    .split("\n")
    .flatMap((line) => {
      const [, start, end, r, w, x, shared, offset, major, minor, inode, name] = MAPS_LINE.exec(line) ?? [];
      // [vsyscall] lies in the kernel's half, and has no page of the process's.
      if (start === undefined || end === undefined || start.length > USER_DIGITS) return [];
      return {
        start: Number.parseInt(start, 16),
        end: Number.parseInt(end, 16),
        fileOffset: Number.parseInt(offset ?? "0", 16),
        name: name ?? "",
        readable: r === "r",
        writable: w === "w",
        executable: x === "x",
        shared: shared === "s",
        inode: Number(inode),
        device: { major: Number.parseInt(major ?? "0", 16), minor: Number.parseInt(minor ?? "0", 16) },
        runs: [],
      };
    });
}

/** Addresses of more digits are above 2^52. */
const USER_DIGITS = 13;

/** kB in memory or in swap, by start of the mapping: smaps. */
function residentSizes(pid: number): Map<number, number> {
  const sizes = new Map<number, number>();
  let start = 0;
  for (const line of procText(pid, "smaps").split("\n")) {
    const head = /^([0-9a-f]+)-[0-9a-f]+ /.exec(line)?.[1];
    if (head !== undefined) start = Number.parseInt(head, 16);
    const kilobytes = /^(?:Rss|Swap):\s+(\d+) kB/.exec(line)?.[1];
    if (kilobytes !== undefined) sizes.set(start, (sizes.get(start) ?? 0) + Number(kilobytes));
  }
  return sizes;
}

function identityOf(pid: number): Pick<ProcessSnapshot, "name" | "program" | "parent" | "faults"> {
  const stat = procText(pid, "stat");
  // The name is in parentheses and may hold any; fields are counted from behind it: the third is first.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const parent = Number(fields[1]);
  return {
    name: procText(pid, "comm").replace(/\n$/, ""),
    program: programOf(pid),
    parent: parent > 0 ? parent : undefined,
    faults: fields.length < 10 ? undefined : { minor: Number(fields[7]), major: Number(fields[9]) },
  };
}

function programOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return undefined; // Gone, or not ours to read.
  }
}

function isSame(one: PageMapping, other: PageMapping): boolean {
  return (
    one.name === other.name &&
    one.inode === other.inode &&
    one.device.major === other.device.major &&
    one.device.minor === other.device.minor &&
    (one.inode === 0 || one.start - one.fileOffset === other.start - other.fileOffset)
  );
}
