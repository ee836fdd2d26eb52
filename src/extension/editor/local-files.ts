/** The files of a report as they are here: by their real paths, whatever links lead to them. */
import { realpath, stat } from "node:fs/promises";
import { isAbsolute } from "node:path";
import { annotationsByFile, type LineAnnotation } from "../../core/report/annotations.js";
import type { FunctionRow, LineRow, Report } from "../../core/report/report.js";

export interface LocalFile {
  /** Ascending by line. */
  readonly annotations: readonly LineAnnotation[];
  /** That begin in this file, most faults first. */
  readonly functions: readonly FunctionRow[];
  /** Paths of the programs and libraries whose code of this file took faults. */
  readonly images: readonly string[];
}

export interface MissingFile {
  /** As the report names it. */
  readonly file: string;
  readonly faults: number;
}

export interface LocalFiles {
  /** The report's lines, with the files that are here under their real paths. */
  readonly lines: readonly LineRow[];
  /** By real path. */
  readonly files: ReadonlyMap<string, LocalFile>;
  /** Files with lines that are not here, most faults first. */
  readonly missing: readonly MissingFile[];
}

/** Never rejects: a path that cannot be resolved is missing. */
export async function localFiles(report: Pick<Report, "lines" | "callSites" | "functions">): Promise<LocalFiles> {
  const names = [...report.lines, ...report.callSites].filter(({ line }) => line > 0).map(({ file }) => file);
  for (const { file } of report.functions) if (file !== undefined) names.push(file);
  const real = await realPaths(new Set(names));
  const named = <Row extends { readonly file: string }>(row: Row): Row => {
    const file = real.get(row.file);
    return file === undefined ? row : { ...row, file };
  };
  const lines = report.lines.map((row) => ({ ...named(row), inlinedInto: row.inlinedInto.map(named) }));
  const isHere = (row: { readonly file: string }) => real.has(row.file);
  const annotations = annotationsByFile({
    lines: report.lines.filter(isHere).map(named),
    callSites: report.callSites.filter(isHere).map(named),
  });
  const files = new Map<string, { annotations: readonly LineAnnotation[]; functions: FunctionRow[]; images: string[] }>(
    [...annotations].map(([file, own]) => [file, { annotations: own, functions: [], images: imagesOf(own) }]),
  );
  for (const row of report.functions) {
    const file = row.file === undefined ? undefined : files.get(real.get(row.file) ?? "");
    if (file !== undefined && row.line !== undefined && row.line > 0) file.functions.push(row);
  }
  return { files, lines, missing: missingFiles(report, real) };
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

function imagesOf(annotations: readonly LineAnnotation[]): string[] {
  const images = annotations.flatMap(({ rows }) => rows.flatMap(({ image }) => image ?? []));
  return [...new Set(images)].filter((image) => isAbsolute(image));
}

function missingFiles(report: Pick<Report, "lines">, real: ReadonlyMap<string, string>): readonly MissingFile[] {
  const faultsOf = new Map<string, number>();
  for (const { file, line, faults } of report.lines) {
    if (line > 0 && !real.has(file)) faultsOf.set(file, (faultsOf.get(file) ?? 0) + faults);
  }
  return [...faultsOf].map(([file, faults]) => ({ file, faults })).sort((a, b) => b.faults - a.faults);
}

/** Enough to wait for a few disks at once. */
const PARALLEL = 8;
