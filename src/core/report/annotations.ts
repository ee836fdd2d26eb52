/** What an editor shows on the lines of a file: the faults taken there, and those of code that was inlined there. */
import { heatLevel, type HeatLevel } from "./heat-level.js";
import { printable } from "./printable.js";
import { duration, grouped } from "./quantities.js";
import type { CallSiteRow, LineRow, Report } from "./report.js";
import type { Translate } from "./translate.js";

export interface LineAnnotation extends LineCost {
  /** 1-based. */
  readonly line: number;
  /** Against the hottest line of the trace; undefined where only inlined code took faults. */
  readonly heat: HeatLevel | undefined;
  /** Of the calls inlined here: those faults count on the inlined lines, too. */
  readonly inlined: LineCost;
  /** One row for each function or inline chain the line belongs to; empty where only inlined code took faults. */
  readonly rows: readonly LineRow[];
  readonly callSites: readonly CallSiteRow[];
}

export interface LineCost {
  readonly faults: number;
  readonly minor: number;
  readonly major: number;
  /** Sum of the known service times, ns. */
  readonly timeNs: number;
}

/** Parts of the text after a line, in the order they are asked for. */
export type InlinePart = (typeof INLINE_PARTS)[number];
export const INLINE_PARTS = ["faults", "minor", "major", "time", "objects"] as const;

/** Why a line's numbers may be about another text: its file was edited, or its program rebuilt, after the trace. */
export type Staleness = "edited" | "rebuilt";

/** The rows of one file. */
export interface FileRows {
  readonly rows: readonly LineRow[];
  readonly callSites: readonly CallSiteRow[];
}

/** The annotations of one file, named as the report names it; ascending, each line once. */
export function annotationsOf(report: Pick<Report, "lines" | "callSites">, file: string): readonly LineAnnotation[] {
  const isOf = (row: { readonly file: string }) => row.file === file;
  const rows = { rows: report.lines.filter(isOf), callSites: report.callSites.filter(isOf) };
  // Code without a line does not count: nobody can look at it.
  const most = report.lines.reduce((highest, { line, faults }) => (line > 0 ? Math.max(highest, faults) : highest), 1);
  return lineAnnotations(rows, most);
}

/** @param most faults of the hottest line: what heat is measured against. */
export function lineAnnotations({ rows, callSites }: FileRows, most: number): readonly LineAnnotation[] {
  const lines = new Map<number, MutableLine>();
  for (const row of rows) lineOf(lines, row.line)?.rows.push(row);
  for (const site of callSites) lineOf(lines, site.line)?.callSites.push(site);
  return [...lines.values()].sort((a, b) => a.line - b.line).map((line) => annotation(line, most));
}

/** "12 faults · 3 major · 1.8 ms"; empty where none of the parts has anything to say. */
export function inlineText(
  { rows, callSites, inlined, ...own }: LineAnnotation,
  parts: readonly InlinePart[],
  staleness: Staleness | undefined,
  translate: Translate,
): string {
  const said = rows.length > 0 ? parts.flatMap((part) => partText(part, own, rows, translate)) : [];
  const called =
    callSites.length > 0 && parts.length > 0
      ? [
          translate(
            inlined.faults === 1 ? "{0} fault in code inlined here" : "{0} faults in code inlined here",
            grouped(inlined.faults),
          ),
        ]
      : [];
  const text = [...said, ...called];
  return (text.length > 0 && staleness !== undefined ? [...text, translate("stale")] : text).join(" · ");
}

/** "12 faults · 9 minor · 3 major · 1.8 ms": everything that is known of a cost. */
export function costText(cost: LineCost, translate: Translate): string {
  return (["faults", "minor", "major", "time"] as const)
    .flatMap((part) => partText(part, cost, [], translate))
    .join(" · ");
}

function partText(part: InlinePart, cost: LineCost, rows: readonly LineRow[], translate: Translate): string[] {
  switch (part) {
    case "faults":
      return [translate(cost.faults === 1 ? "{0} fault" : "{0} faults", grouped(cost.faults))];
    case "minor":
      return cost.minor > 0 ? [translate("{0} minor", grouped(cost.minor))] : [];
    case "major":
      return cost.major > 0 ? [translate("{0} major", grouped(cost.major))] : [];
    case "time":
      return cost.timeNs > 0 ? [duration(cost.timeNs)] : [];
    case "objects":
      return objectsText(rows, translate);
  }
}

function objectsText(rows: readonly LineRow[], translate: Translate): string[] {
  const names = [...new Set(rows.flatMap(({ objects }) => objects).map(({ name }) => printable(name, LONGEST_NAME)))];
  if (names.length === 0) return [];
  const shown = names.slice(0, MOST_NAMES).join(", ");
  return [names.length > MOST_NAMES ? translate("{0} and {1} more", shown, names.length - MOST_NAMES) : shown];
}

interface MutableLine {
  readonly line: number;
  readonly rows: LineRow[];
  readonly callSites: CallSiteRow[];
}

function lineOf(lines: Map<number, MutableLine>, line: number): MutableLine | undefined {
  if (!(line > 0)) return undefined;
  let found = lines.get(line);
  if (found === undefined) lines.set(line, (found = { line, rows: [], callSites: [] }));
  return found;
}

function annotation({ line, rows, callSites }: MutableLine, most: number): LineAnnotation {
  const own = costOf(rows);
  const heat = rows.length > 0 ? heatLevel(own.faults, most) : undefined;
  return { line, heat, ...own, inlined: costOf(callSites), rows, callSites };
}

function costOf(rows: readonly LineCost[]): LineCost {
  const sum = { faults: 0, minor: 0, major: 0, timeNs: 0 };
  for (const { faults, minor, major, timeNs } of rows) {
    sum.faults += faults;
    sum.minor += minor;
    sum.major += major;
    sum.timeNs += timeNs;
  }
  return sum;
}

const MOST_NAMES = 2;
/** The text shares its line with code. */
const LONGEST_NAME = 40;
