/** One look at a process: its mappings and the pages it has in them, by /proc. */
import { closeSync, openSync, readFileSync, readlinkSync } from "node:fs";
import { withoutPresent } from "../core/proc/pagemap.js";
import { parseMaps } from "../core/proc/maps.js";
import { parseSmaps } from "../core/proc/smaps.js";
import type { PageMapping } from "../core/trace/pages.js";
import { readPageRuns } from "./pagemap-file.js";

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
      const { runs, whole } = readPageRuns(pagemap, mapping, pageSize, MAX_SCANNED_PAGES);
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

/** Per mapping: 256 GiB of 4 kB pages, about a second. */
const MAX_SCANNED_PAGES = 1 << 26;

/** Names are text in UTF-8; [vsyscall] lies in the kernel's half and is left out. */
function mappingsOf(pid: number): PageMapping[] {
  const text = Buffer.from(procText(pid, "maps"), "latin1").toString("utf8");
  return parseMaps(text).map((mapping) => ({ ...mapping, runs: [] }));
}

/** Bytes in memory or in swap, by start of the mapping. */
function residentSizes(pid: number): Map<number, number> {
  const entries = parseSmaps(procText(pid, "smaps"));
  return new Map(entries.map(({ start, resident, swapped }) => [start, resident + swapped]));
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
