/** What an editor shows on the lines of a file: the faults taken there, and those of code that was inlined there. */
import { heatLevel, type HeatLevel } from "./heat-level.js";
import { printable } from "./printable.js";
import { duration, grouped } from "./quantities.js";
import type { CallSiteRow, LineRow, Report } from "./report.js";
import type { Translate } from "./translate.js";

export interface LineAnnotation extends LineCost {
  /** 1-based. */
  readonly line: number;
  /** Against the hottest line of the whole report; undefined where only inlined code took faults. */
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

type AnnotatedReport = Pick<Report, "lines" | "callSites">;

/** The annotations of one file, named as the report names it; ascending, each line once. */
export function annotationsOf(report: AnnotatedReport, file: string): readonly LineAnnotation[] {
  return annotationsByFile(report).get(file) ?? [];
}

/** The annotations of every file of the report; code without a line has none. */
export function annotationsByFile(report: AnnotatedReport): ReadonlyMap<string, readonly LineAnnotation[]> {
  const files = new Map<string, Map<number, MutableLine>>();
  for (const row of report.lines) lineOf(files, row)?.rows.push(row);
  for (const site of report.callSites) lineOf(files, site)?.callSites.push(site);
  const lines = [...files.values()].flatMap((ofFile) => [...ofFile.values()]);
  const most = lines.reduce((highest, { rows }) => Math.max(highest, costOf(rows).faults), 1);
  return new Map(
    [...files].map(([file, ofFile]) => [
      file,
      [...ofFile.values()].sort((a, b) => a.line - b.line).map((line) => annotation(line, most)),
    ]),
  );
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

function lineOf(
  files: Map<string, Map<number, MutableLine>>,
  { file, line }: { readonly file: string; readonly line: number },
): MutableLine | undefined {
  if (!(line > 0)) return undefined;
  let lines = files.get(file);
  if (lines === undefined) files.set(file, (lines = new Map()));
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
