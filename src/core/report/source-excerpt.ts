/** The parts of source files that took faults, with what each line cost: what a report shows of them. */
import type { CallSiteRow, LineRow } from "./report.js";

export interface SourceExcerpt {
  /** Path after the source map. */
  readonly file: string;
  /** False where the file could not be shown; the lines then have no text. */
  readonly found: boolean;
  /** The path that was looked for, where it was not found. */
  readonly lookedFor: string | undefined;
  /** Sums over the lines. */
  readonly faults: number;
  readonly minor: number;
  readonly major: number;
  readonly timeNs: number;
  /** Ascending; where numbers are left out, so are lines. */
  readonly lines: readonly ExcerptLine[];
}

export interface ExcerptLine {
  /** 1-based. */
  readonly number: number;
  readonly text: string | undefined;
  /** What was taken on this line: one row for each function or inline chain it belongs to. Empty for context. */
  readonly rows: readonly LineRow[];
  /** Faults of calls that were inlined here: they count elsewhere. */
  readonly callSites: readonly CallSiteRow[];
}

/** A source file's text, or the path under which it was looked for in vain. */
export type SourceText =
  { readonly kind: "text"; readonly text: string } | { readonly kind: "missing"; readonly lookedFor: string };

/** Excerpts of all files with faults: those that can be shown first, then most faults first. `sourceOf` is asked once for each file. */
export function sourceExcerpts(
  report: { readonly lines: readonly LineRow[]; readonly callSites: readonly CallSiteRow[] },
  sourceOf: (file: string) => SourceText,
  context = CONTEXT_LINES,
): readonly SourceExcerpt[] {
  const files = new Map<string, { rows: LineRow[]; callSites: CallSiteRow[] }>();
  const of = (file: string) => {
    const known = files.get(file);
    if (known !== undefined) return known;
    const added = { rows: [], callSites: [] };
    files.set(file, added);
    return added;
  };
  for (const row of report.lines) if (row.line > 0) of(row.file).rows.push(row);
  for (const site of report.callSites) if (site.line > 0) of(site.file).callSites.push(site);
  return [...files]
    .map(([file, { rows, callSites }]) => sourceExcerpt(file, sourceOf(file), rows, callSites, context))
    .sort((a, b) => Number(b.found) - Number(a.found) || b.faults - a.faults);
}

/** The lines of one file that have rows, each with `context` lines around it where they exist. */
export function sourceExcerpt(
  file: string,
  source: SourceText,
  rows: readonly LineRow[],
  callSites: readonly CallSiteRow[],
  context = CONTEXT_LINES,
): SourceExcerpt {
  const text = source.kind === "text" ? source.text.split(/\r\n|\r|\n/) : undefined;
  const rowsOf = groupByLine(rows);
  const sitesOf = groupByLine(callSites);
  const marked = [...new Set([...rowsOf.keys(), ...sitesOf.keys()])].sort((a, b) => a - b);
  const lines: ExcerptLine[] = [];
  let last = 0;
  const add = (number: number) => {
    lines.push({
      number,
      text: text?.[number - 1],
      rows: rowsOf.get(number) ?? [],
      callSites: sitesOf.get(number) ?? [],
    });
    last = number;
  };
  marked.forEach((number, index) => {
    const around = text === undefined ? 0 : context;
    for (let before = Math.max(last + 1, number - around, 1); before < number; before++) add(before);
    if (number > last) add(number);
    const next = marked[index + 1] ?? Infinity;
    const end = Math.min(number + around, text?.length ?? number, next - 1);
    for (let after = number + 1; after <= end; after++) add(after);
  });
  const sum = (count: (row: LineRow) => number) => rows.reduce((total, row) => total + count(row), 0);
  return {
    file,
    found: text !== undefined,
    lookedFor: source.kind === "missing" ? source.lookedFor : undefined,
    faults: sum((row) => row.faults),
    minor: sum((row) => row.minor),
    major: sum((row) => row.major),
    timeNs: sum((row) => row.timeNs),
    lines,
  };
}

function groupByLine<Row extends { readonly line: number }>(rows: readonly Row[]): ReadonlyMap<number, readonly Row[]> {
  const groups = new Map<number, Row[]>();
  for (const row of rows) {
    const group = groups.get(row.line);
    if (group === undefined) groups.set(row.line, [row]);
    else group.push(row);
  }
  return groups;
}

const CONTEXT_LINES = 3;
