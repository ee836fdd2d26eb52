/** pages.json: the pages that came in, where perf events were refused. Written by the recorder, read back here. */
import { listOf, numberOf, objectOf, parsedJson, textOf } from "../base/json-fields.js";
import type { PageRun } from "../proc/pagemap.js";

export interface PagesRecord {
  readonly version: 1;
  readonly pageSize: number;
  /** Held at its end, every process was looked at in its last state; sampled, up to the last sample before its end. */
  readonly method: "held" | "sampled";
  readonly processes: readonly ProcessPages[];
}

export interface ProcessPages {
  readonly pid: number;
  readonly parent: number | undefined;
  /** As /proc/PID/comm has it. */
  readonly name: string;
  /** Path of the program, undefined where it could not be read. */
  readonly program: string | undefined;
  /** When the pages that do not count were taken stock of. */
  readonly begin: "exec" | "fork" | "attach";
  /** The last time it was looked at. "exec": it became another program, its pages were gone before; "unknown": it was killed. */
  readonly end: "exit" | "exec" | "detach" | "sample" | "unknown";
  /** The process's own counters between the two. */
  readonly faults: { readonly minor: number; readonly major: number } | undefined;
  /** In address order; only those with pages that came in. */
  readonly mappings: readonly PageMapping[];
  /** Mappings too large to be looked through to their end. */
  readonly unscanned: number;
}

export interface PageMapping {
  /** First address and the one after the last, below 2^53. */
  readonly start: number;
  readonly end: number;
  readonly fileOffset: number;
  /** Path, "[heap]", "[stack]", … as /proc/PID/maps has it; "" for anonymous memory. */
  readonly name: string;
  readonly readable: boolean;
  readonly writable: boolean;
  readonly executable: boolean;
  readonly shared: boolean;
  readonly inode: number;
  readonly device: { readonly major: number; readonly minor: number };
  readonly runs: readonly PageRun[];
}

/** As text for the file. A run is [start, pages, bits]: millions of them would be too long as objects. */
export function encodePages(record: PagesRecord): string {
  return `${JSON.stringify(record, (key, value: unknown) => (key === "runs" ? encodedRuns(value) : value))}\n`;
}

/** Never fails: what is damaged is left out and named in `problems`; without any usable part, `pages` is undefined. */
export function decodePages(text: string): { pages: PagesRecord | undefined; problems: string[] } {
  const problems: string[] = [];
  const root = objectOf(parsedJson(text));
  if (root === undefined) return { pages: undefined, problems: ["pages.json is not JSON"] };
  const pageSize = numberOf(root["pageSize"]);
  if (pageSize === undefined || !(pageSize >= 1))
    return { pages: undefined, problems: ["pages.json has no page size"] };
  const method = root["method"] === "sampled" ? "sampled" : "held";
  const processes = listOf(root["processes"]).flatMap((entry, index) => {
    const found = processOf(entry, pageSize);
    if (found === undefined) problems.push(`process ${index} of pages.json is damaged`);
    return found ?? [];
  });
  return { pages: { version: 1, pageSize, method, processes }, problems };
}

const FILE_BIT = 1;
const SWAPPED_BIT = 2;
const BEGINS = ["exec", "fork", "attach"] as const;
const ENDS = ["exit", "exec", "detach", "sample", "unknown"] as const;

function encodedRuns(value: unknown): unknown {
  return (value as readonly PageRun[]).map(({ start, pages, kind, swapped }) => [
    start,
    pages,
    (kind === "file" ? FILE_BIT : 0) | (swapped ? SWAPPED_BIT : 0),
  ]);
}

function processOf(value: unknown, pageSize: number): ProcessPages | undefined {
  const entry = objectOf(value);
  const pid = numberOf(entry?.["pid"]);
  if (entry === undefined || pid === undefined) return undefined;
  const faults = objectOf(entry["faults"]);
  return {
    pid,
    parent: numberOf(entry["parent"]),
    name: textOf(entry["name"]) ?? "",
    program: textOf(entry["program"]),
    begin: BEGINS.find((name) => name === entry["begin"]) ?? "exec",
    end: ENDS.find((name) => name === entry["end"]) ?? "unknown",
    faults:
      faults === undefined
        ? undefined
        : { minor: numberOf(faults["minor"]) ?? 0, major: numberOf(faults["major"]) ?? 0 },
    mappings: listOf(entry["mappings"]).flatMap((mapping) => mappingOf(mapping, pageSize) ?? []),
    unscanned: numberOf(entry["unscanned"]) ?? 0,
  };
}

function mappingOf(value: unknown, pageSize: number): PageMapping | undefined {
  const entry = objectOf(value);
  const start = numberOf(entry?.["start"]);
  const end = numberOf(entry?.["end"]);
  if (entry === undefined || start === undefined || end === undefined || !(end > start)) return undefined;
  const device = objectOf(entry["device"]);
  return {
    start,
    end,
    fileOffset: numberOf(entry["fileOffset"]) ?? 0,
    name: textOf(entry["name"]) ?? "",
    readable: entry["readable"] === true,
    writable: entry["writable"] === true,
    executable: entry["executable"] === true,
    shared: entry["shared"] === true,
    inode: numberOf(entry["inode"]) ?? 0,
    device: { major: numberOf(device?.["major"]) ?? 0, minor: numberOf(device?.["minor"]) ?? 0 },
    runs: listOf(entry["runs"]).flatMap((run) => runOf(run, start, end, pageSize) ?? []),
  };
}

/** Runs outside their mapping are damage: nobody may be made to walk 2^53 pages. */
function runOf(value: unknown, first: number, end: number, pageSize: number): PageRun | undefined {
  const [start, pages, bits] = listOf(value).map(numberOf);
  if (start === undefined || pages === undefined || bits === undefined) return undefined;
  if (!(pages >= 1 && start >= first && start + pages * pageSize <= end)) return undefined;
  return {
    start,
    pages,
    kind: (bits & FILE_BIT) === 0 ? "anonymous" : "file",
    swapped: (bits & SWAPPED_BIT) !== 0,
  };
}
