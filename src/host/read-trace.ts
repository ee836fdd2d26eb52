/** Opens a trace of this machine: a trace folder of ours, or any perf.data. */
import { readFileSync, statSync, type Stats } from "node:fs";
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
  const { mtimeMs } = statsOf(path);
  const { pages, problems } = decodePages(readFileSync(path, "utf8"));
  if (pages === undefined) throw new UserError(`${path} cannot be read (${problems.join("; ")}); record again.`);
  const unread = problems.map((subject) => ({ kind: "unsupported", subject }) as const);
  return { trace: traceOfPages(pages, run, unread), writtenAt: mtimeMs };
}

function readRun(path: string): RunRecord | undefined {
  try {
    return decodeRun(readFileSync(path, "utf8"));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

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
