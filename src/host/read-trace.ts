/** Opens a trace of this machine: a trace folder of ours, or any perf.data. */
import { statSync, type Stats } from "node:fs";
import { join } from "node:path";
import { attempt } from "../core/base/errors.js";
import { readTrace } from "../core/perf/read-trace.js";
import { decodePages } from "../core/trace/pages.js";
import { traceOfPages } from "../core/trace/pages-trace.js";
import { decodeRun } from "../core/trace/decode-run.js";
import type { RunRecord } from "../core/trace/run.js";
import type { Trace } from "../core/trace/trace.js";
import { FileByteSource, NotAFileError } from "./file-source.js";
import { traceFolderAt } from "./trace-folder.js";
import { UserError } from "./user-error.js";

export interface OpenedTrace {
  readonly trace: Trace;
  /** Milliseconds since 1970 when its records were last written. */
  readonly writtenAt: number;
}

/** Throws UserError with the next step where there is no trace, or none that can be read. */
export function openTrace(path: string): OpenedTrace {
  const stats = statsOf(path);
  if (!stats.isDirectory()) return readPerfData(path, undefined);
  const folder = traceFolderAt(path);
  const run = readRun(folder.runFile);
  if (run?.mode === "pagemap") return readPages(join(path, "pages.json"), run);
  return readPerfData(folder.perfData, run);
}

function readPerfData(path: string, run: RunRecord | undefined): OpenedTrace {
  const source = openSource(path);
  try {
    const trace = attempt(() => readTrace(source, { run }));
    if (trace.ok) return { trace: trace.value, writtenAt: source.identity.modified };
    throw new UserError(
      `${path} is not a perf.data that can be read (${trace.error.message}); record again, or check the file with: perf script -i ${path}`,
    );
  } finally {
    source.close();
  }
}

function readPages(path: string, run: RunRecord): OpenedTrace {
  const { text, modified } = readText(path, MAX_PAGES_BYTES);
  const { pages, problems } = decodePages(text);
  if (pages === undefined) throw new UserError(`${path} cannot be read (${problems.join("; ")}); record again.`);
  const unread = problems.map((subject) => ({ kind: "unsupported", subject }) as const);
  return { trace: traceOfPages(pages, run, unread), writtenAt: modified };
}

function readRun(path: string): RunRecord | undefined {
  // A recorder killed before its first word leaves none; perf knows none.
  if (statSync(path, { throwIfNoEntry: false }) === undefined) return undefined;
  return decodeRun(readText(path, MAX_RUN_BYTES).text);
}

/** The text of a file that may come from anywhere: a regular one of a size that can be. */
function readText(path: string, most: number): { readonly text: string; readonly modified: number } {
  const source = openSource(path);
  try {
    if (source.size > most) {
      throw new UserError(
        `${path} has ${source.size} bytes, more than it can have: it is not of this trace; record again.`,
      );
    }
    return { text: new TextDecoder().decode(source.read(0, source.size)), modified: source.identity.modified };
  } finally {
    source.close();
  }
}

/** A command line and the names of variables: the kernel takes 6 MiB of them at the most (man 2 execve). */
const MAX_RUN_BYTES = 16 * 2 ** 20;
/** What one string of V8 can hold; a line for each page that came in. */
const MAX_PAGES_BYTES = 2 ** 29 - 2 ** 20;

function openSource(path: string): FileByteSource {
  try {
    return FileByteSource.open(path);
  } catch (error) {
    if (error instanceof NotAFileError) throw new UserError(`${error.message}; name a trace folder or a perf.data.`);
    throw unreadable(path, error);
  }
}

function statsOf(path: string): Stats {
  try {
    return statSync(path);
  } catch (error) {
    throw unreadable(path, error);
  }
}

function unreadable(path: string, error: unknown): unknown {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  switch (code) {
    case "ENOENT":
      return new UserError(`There is no trace at ${path}; make one with: faultline record -o ${path} -- PROGRAM`);
    case "EACCES":
      return new UserError(`${path} belongs to another user; read it as that user, or record again.`);
    default:
      return error;
  }
}
