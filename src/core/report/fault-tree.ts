/** The faults of a report as a tree: grouped, sorted, filtered, its branches made when they are opened. */
import { functionRows, objectRows } from "./code-tree.js";
import { heatLevel, type HeatLevel } from "./heat-level.js";
import { pageRows, regionRows, threadRows } from "./memory-tree.js";
import { printable } from "./printable.js";
import { grouped } from "./quantities.js";
import type { Report } from "./report.js";
import { costWords, rowCostWords, verdict } from "./trace-summary.js";
import type { Translate } from "./translate.js";
import type { TreeLevel, TreeRow, TreeRowKind } from "./tree-row.js";

export const FAULT_GROUPINGS = ["function", "object", "region", "thread", "page"] as const;
export type FaultGrouping = (typeof FAULT_GROUPINGS)[number];
export const FAULT_ORDERS = ["faults", "time", "name"] as const;
export type FaultOrder = (typeof FAULT_ORDERS)[number];

export interface FaultTreeOptions {
  readonly grouping: FaultGrouping;
  readonly order: FaultOrder;
  /** Part of a name, path, section or address, in any case; "" shows everything. */
  readonly filter: string;
}

export interface FaultNode {
  /** The same for the same thing however the tree is sorted or filtered, so that what is open stays open. */
  readonly id: string;
  readonly kind: FaultNodeKind;
  /** One line of plain text, as are all texts here but the tooltip: nothing in a name is markup. */
  readonly label: string;
  readonly description: string;
  /** The description as it is said, without an eye for its surroundings. */
  readonly spoken: string;
  readonly tooltip: string;
  /** Against the hottest of its siblings; undefined where nothing is counted. */
  readonly heat: HeatLevel | undefined;
  readonly source: { readonly file: string; readonly line: number } | undefined;
  readonly map: TreeRow["map"];
  /** Made on each call; undefined for a leaf. */
  readonly children: (() => readonly FaultNode[]) | undefined;
}

/** "incomplete" and "note" tell what may be missing, "more" what is not listed. */
export type FaultNodeKind = TreeRowKind | "incomplete" | "note" | "more";

/** The groupings that say something: where only pages were counted, no instruction is known. */
export function groupingsOf(report: Pick<Report, "counted">): readonly FaultGrouping[] {
  return report.counted === "pages" ? FAULT_GROUPINGS.filter((grouping) => grouping !== "function") : FAULT_GROUPINGS;
}

/** The top of the tree. What may be missing from the trace comes first, whatever the filter. */
export function faultTree(report: Report, options: FaultTreeOptions, translate: Translate): readonly FaultNode[] {
  const wanted = options.filter.trim().toLowerCase();
  const groupings = groupingsOf(report);
  const grouping = groupings.includes(options.grouping) ? options.grouping : groupings[0]!;
  const context = { counted: report.counted, order: options.order, translate };
  const rows = rowsOf(report, grouping, translate);
  return [...incomplete(report, translate), ...nodesOf(rows, grouping, wanted, context)];
}

function rowsOf(report: Report, grouping: FaultGrouping, translate: Translate): TreeLevel {
  switch (grouping) {
    case "function":
      return functionRows(report, translate);
    case "object":
      return objectRows(report, translate);
    case "region":
      return regionRows(report, translate);
    case "thread":
      return threadRows(report, translate);
    case "page":
      return pageRows(report.pages, report);
  }
}

interface TreeContext {
  readonly counted: Report["counted"];
  readonly order: FaultOrder;
  readonly translate: Translate;
}

function nodesOf(level: TreeLevel, parent: string, wanted: string, context: TreeContext): FaultNode[] {
  const all = level.costs.map((_, index) => index);
  const found = wanted === "" ? all : all.filter((index) => matches(level.rowAt(index), wanted));
  const most = found.reduce((highest, index) => Math.max(highest, level.costs[index]!.faults), 1);
  const idOf = uniqueIds(parent);
  const shown = sorted(found, level, context.order)
    .slice(0, MOST_SIBLINGS)
    .map(level.rowAt)
    .map((row) => nodeOf(row, idOf(row.key), wanted, most, context));
  return found.length > MOST_SIBLINGS ? [...shown, more(parent, found.length - MOST_SIBLINGS, context)] : shown;
}

function nodeOf(row: TreeRow, id: string, wanted: string, most: number, context: TreeContext): FaultNode {
  const { below } = row;
  // Below something that matches by itself everything is of interest.
  const wantedBelow = wanted === "" || matchesItself(row, wanted) ? "" : wanted;
  const cost = costWords(row.cost, context.counted, context.translate);
  const where = row.where === "" ? [] : [printable(row.where, LONGEST_LABEL)];
  return {
    id,
    kind: row.kind,
    label: printable(row.label, LONGEST_LABEL),
    description: [rowCostWords(row.cost, context.counted, context.translate), ...where].join(" · "),
    spoken: [cost, ...where].join(" · "),
    tooltip: [row.label, cost, ...row.details()]
      .filter((line) => line !== "")
      .map((line) => printable(line))
      .join("\n"),
    heat: heatLevel(row.cost.faults, most),
    source: row.source === undefined ? undefined : { file: row.source.file, line: row.source.line },
    map: row.map,
    children: below === undefined ? undefined : () => nodesOf(below(), id, wantedBelow, context),
  };
}

/** Names can be a megabyte long; what cutting them makes the same is numbered. */
function uniqueIds(parent: string): (key: string) => string {
  const seen = new Map<string, number>();
  return (key) => {
    const id = `${parent}\0${key.length > LONGEST_KEY ? `${key.slice(0, LONGEST_KEY)}\0${key.length}` : key}`;
    const twins = seen.get(id) ?? 0;
    seen.set(id, twins + 1);
    return twins === 0 ? id : `${id}\0${twins}`;
  };
}

function incomplete({ completeness }: Report, translate: Translate): readonly FaultNode[] {
  if (completeness.complete && completeness.lost === 0) return [];
  const notes = completeness.notes.map(({ code, message }, index) =>
    plainNode("note", `incomplete\0${index}\0${code}`, message),
  );
  const node = plainNode("incomplete", "incomplete", verdict(completeness, translate));
  return [{ ...node, children: notes.length > 0 ? () => notes : undefined }];
}

function more(parent: string, count: number, { translate }: TreeContext): FaultNode {
  return {
    ...plainNode("more", `${parent}\0more`, translate("… and {0} more", grouped(count))),
    tooltip: translate("Only the first {0} are listed: filter the faults to see others.", grouped(MOST_SIBLINGS)),
  };
}

function plainNode(kind: FaultNodeKind, id: string, text: string): FaultNode {
  const tooltip = printable(text);
  return {
    id,
    kind,
    label: tooltip,
    description: "",
    spoken: "",
    tooltip,
    heat: undefined,
    source: undefined,
    map: undefined,
    children: undefined,
  };
}

function matches(row: TreeRow, wanted: string): boolean {
  if (matchesItself(row, wanted)) return true;
  const below = row.below?.();
  return below?.costs.some((_, index) => matches(below.rowAt(index), wanted)) ?? false;
}

function matchesItself(row: TreeRow, wanted: string): boolean {
  return row.label.toLowerCase().includes(wanted) || row.words().toLowerCase().includes(wanted);
}

/** Ties stay in the report's order. */
function sorted(indices: readonly number[], { costs, rowAt }: TreeLevel, order: FaultOrder): readonly number[] {
  const by = (first: "faults" | "timeNs", then: "faults" | "timeNs") =>
    indices.toSorted((a, b) => costs[b]![first] - costs[a]![first] || costs[b]![then] - costs[a]![then]);
  switch (order) {
    case "faults":
      return by("faults", "timeNs");
    case "time":
      return by("timeNs", "faults");
    case "name":
      return indices
        .map((index) => ({ index, name: rowAt(index).sortName }))
        .sort((a, b) => Number(a.name > b.name) - Number(a.name < b.name))
        .map(({ index }) => index);
  }
}

/** More cannot be read, and would make the view slow: the map shows all pages. */
const MOST_SIBLINGS = 1000;
const LONGEST_LABEL = 120;
const LONGEST_KEY = 300;
