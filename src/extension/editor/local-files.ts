/** The files of a report as they are here: by their real paths, whatever links lead to them. */
import { realpath, stat } from "node:fs/promises";
import { setImmediate } from "node:timers/promises";
import { isAbsolute } from "node:path";
import type { FileRows } from "../../core/report/annotations.js";
import type { CallSiteRow, FunctionRow, LineRow, Report } from "../../core/report/report.js";

export interface LocalFile extends FileRows {
  /** That begin in this file, most faults first. */
  readonly functions: readonly FunctionRow[];
  /** Of what it held when it was compiled, where compilers recorded that. */
  readonly md5s: ReadonlySet<string>;
}

export interface MissingFile {
  /** As the report names it. */
  readonly file: string;
  readonly faults: number;
}

export interface LocalFiles {
  /** By real path; with rows as they are in the report. */
  readonly files: ReadonlyMap<string, LocalFile>;
  /** Faults of the hottest line that is here. */
  readonly most: number;
  /** Files with lines that are not here, most faults first. */
  readonly missing: readonly MissingFile[];
  /** The real path of a file that the report names; undefined where it is not here. */
  realPath(file: string): string | undefined;
}

/** Never rejects: a path that cannot be resolved is missing. Long reports are read in turns with everything else here. */
export async function localFiles(
  report: Pick<Report, "lines" | "callSites" | "functions" | "sources">,
): Promise<LocalFiles> {
  const names = new Set<string>();
  await inTurns(report.lines, ({ file, line, inlinedInto }) => {
    if (line > 0) names.add(file);
    for (const caller of inlinedInto) names.add(caller.file);
  });
  await inTurns(report.callSites, ({ file, line }) => line > 0 && names.add(file));
  await inTurns(report.functions, ({ file }) => file !== undefined && names.add(file));
  const real = await realPaths(names);

  const files = new Map<string, MutableFile>();
  const missing = new Map<string, number>();
  const fileOf = (path: string) => {
    let file = files.get(path);
    if (file === undefined) files.set(path, (file = { rows: [], callSites: [], functions: [], md5s: new Set() }));
    return file;
  };
  let most = 1;
  await inTurns(report.lines, (row) => {
    if (row.line === 0) return;
    const path = real.get(row.file);
    if (path === undefined) missing.set(row.file, (missing.get(row.file) ?? 0) + row.faults);
    else {
      most = Math.max(most, row.faults);
      fileOf(path).rows.push(row);
    }
  });
  await inTurns(report.callSites, (site) => {
    const path = real.get(site.file);
    if (path !== undefined && site.line > 0) fileOf(path).callSites.push(site);
  });
  await inTurns(report.functions, (row) => {
    const path = real.get(row.file ?? "");
    if (path !== undefined && row.line !== undefined && row.line > 0) fileOf(path).functions.push(row);
  });
  await inTurns(report.sources ?? [], ({ file, md5 }) => files.get(real.get(file) ?? "")?.md5s.add(md5));
  return {
    files,
    most,
    missing: [...missing].map(([file, faults]) => ({ file, faults })).sort((a, b) => b.faults - a.faults),
    realPath: (file) => real.get(file),
  };
}

interface MutableFile {
  readonly rows: LineRow[];
  readonly callSites: CallSiteRow[];
  readonly functions: FunctionRow[];
  readonly md5s: Set<string>;
}

/** Paths of the programs and libraries whose code took the faults of these rows. */
export function imagesOf(rows: readonly LineRow[]): readonly string[] {
  const images = new Set(rows.map(({ image }) => image));
  return [...images].flatMap((image) => (image !== undefined && isAbsolute(image) ? [image] : []));
}

/** Real path of a regular file; undefined for everything else: a named pipe under a source's name would hang its reader. */
export async function realFile(path: string): Promise<string | undefined> {
  if (!isAbsolute(path) || path.includes("\0")) return undefined;
  try {
    const real = await realpath(path);
    return (await stat(real)).isFile() ? real : undefined;
  } catch {
    return undefined; // Not here, or not for us: the caller says which path.
  }
}

/** Milliseconds since 1970 of the last write; undefined where the file is not here. */
export async function writtenAt(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).mtimeMs;
  } catch {
    return undefined; // Gone: nothing is known of it.
  }
}

/** The extension host serves every other extension, too: none of them waits for more than a slice. */
async function inTurns<Row>(rows: readonly Row[], visit: (row: Row) => unknown): Promise<void> {
  for (let start = 0; start < rows.length; start += SLICE) {
    if (start > 0) await setImmediate();
    for (const row of rows.slice(start, start + SLICE)) visit(row);
  }
}

async function realPaths(names: ReadonlySet<string>): Promise<ReadonlyMap<string, string>> {
  const real = new Map<string, string>();
  const waiting = [...names];
  const worker = async () => {
    for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
      const path = await realFile(name);
      if (path !== undefined) real.set(name, path);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
  return real;
}

/** Enough to wait for a few disks at once. */
const PARALLEL = 8;
/** Some milliseconds' worth of rows. */
const SLICE = 5000;
