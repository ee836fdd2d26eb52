/** What a line's hover says, as Markdown: what was touched, what it cost, by whom, and where the code was inlined. */
import { basename } from "node:path";
import { costText, type LineAnnotation, type LineCost, type Staleness } from "../../core/report/annotations.js";
import { duration, grouped } from "../../core/report/quantities.js";
import type { LineRow, ObjectRow, Report, TouchedObject } from "../../core/report/report.js";
import type { Translate } from "../../core/report/translate.js";
import { CommandId, type MapTarget, type SourceTarget } from "../ids.js";
import { commandLink, plain } from "./markdown.js";

export interface HoverContext {
  readonly report: Pick<Report, "lines" | "objects" | "threads">;
  /** Real path of the annotated file. */
  readonly path: string;
  /** The real path of a file that the report names. */
  realPath(file: string): string | undefined;
  readonly staleness: Staleness | undefined;
  readonly translate: Translate;
}

/** Blocks of Markdown, shown one below the other. The only links are to the commands in HOVER_COMMANDS. */
export function hoverText(annotation: LineAnnotation, context: HoverContext): readonly string[] {
  const { rows, callSites } = annotation;
  const { translate, staleness } = context;
  const shown = rows.slice(0, MOST_ROWS);
  return [
    ...(rows.length > 1 ? [`**${costText(annotation, translate)}**${each(annotation, translate)}`] : []),
    ...shown.map((row) => rowText(row, context)),
    ...(rows.length > shown.length
      ? [translate("… and {0} more functions with this line", grouped(rows.length - shown.length))]
      : []),
    ...(callSites.length > 0 ? [inlinedHere(annotation, context)] : []),
    ...threadText(rows, context),
    ...(staleness === undefined ? [] : [`*${stalenessSentence(staleness, translate)}*`]),
  ];
}

/** What the links of a hover may run. */
export const HOVER_COMMANDS: readonly string[] = [CommandId.RevealSource, CommandId.RevealOnMap];

function stalenessSentence(staleness: Staleness, translate: Translate): string {
  switch (staleness) {
    case "edited":
      return translate("Stale: this file is newer than the program that was traced.");
    case "rebuilt":
      return translate("Stale: the program was built again after this trace.");
  }
}

function rowText(row: LineRow, context: HoverContext): string {
  const { translate } = context;
  const within = translate("in {0}", plain(row.function));
  const head = `**${costText(row, translate)}**${each(row, translate)} ${within}`;
  const objects = row.objects.slice(0, MOST_OBJECTS).map((object) => `- ${objectText(object, context)}`);
  const rest = row.objects.length - objects.length;
  if (rest > 0) objects.push(`- ${translate("… and {0} more", grouped(rest))}`);
  const chain = row.inlinedInto.map(({ function: name, file, line }) =>
    translate("inlined into {0} ({1})", plain(name), position({ file, line })),
  );
  return [
    head,
    ...(objects.length > 0 ? [`${translate("touched")}\n${objects.join("\n")}`] : []),
    ...(chain.length > 0 ? [chain.join(", ")] : []),
  ].join("\n\n");
}

function objectText(touched: TouchedObject, { report, translate }: HoverContext): string {
  const target: MapTarget = { object: touched.name };
  const section = sectionOf(touched, report.objects);
  const place = section === undefined ? touched.kind : translate("{0} in {1}", touched.kind, plain(section));
  const faults = translate(touched.faults === 1 ? "{0} fault" : "{0} faults", grouped(touched.faults));
  const { declaration } = touched;
  return [
    `**${plain(touched.name)}** ${place}: ${faults}`,
    ...(declaration !== undefined && declaration.line > 0 ? [translate("declared in {0}", position(declaration))] : []),
    ...(touched.name.length <= LONGEST_TARGET
      ? [commandLink(translate("on the map"), CommandId.RevealOnMap, target)]
      : []),
  ].join(" · ");
}

/** Of the object in the report's table, where its name and kind mean one section only. */
function sectionOf(touched: TouchedObject, objects: readonly ObjectRow[]): string | undefined {
  const same = objects.filter(
    ({ name, kind, image }) => name === touched.name && kind === touched.kind && image === touched.image,
  );
  const sections = new Set(same.map(({ section }) => section));
  return sections.size === 1 ? [...sections][0] : undefined;
}

function inlinedHere({ line, inlined }: LineAnnotation, { report, path, realPath, translate }: HoverContext): string {
  const faults = translate(
    inlined.faults === 1 ? "{0} fault in code inlined here" : "{0} faults in code inlined here",
    grouped(inlined.faults),
  );
  const cost = [
    ...(inlined.major > 0 ? [translate("{0} major", grouped(inlined.major))] : []),
    ...(inlined.timeNs > 0 ? [duration(inlined.timeNs)] : []),
  ];
  // A row keeps its most frequent chain only, so that some of the faults may have come another way.
  const inner = report.lines
    .filter(({ inlinedInto }) => inlinedInto.some((caller) => caller.line === line && realPath(caller.file) === path))
    .slice(0, MOST_ROWS)
    .map((row) => `- ${plain(row.function)} (${position(row)})`);
  return [[faults, ...cost].join(" · "), ...inner].join("\n");
}

function threadText(rows: readonly LineRow[], { report, translate }: HoverContext): string[] {
  const faultsOf = new Map<string, number>();
  for (const { pid, tid, name, faults } of rows.flatMap(({ threads }) => threads ?? [])) {
    const thread = report.threads.some((other) => other.pid !== pid)
      ? translate("{0} (thread {1} of process {2})", plain(name), tid, pid)
      : translate("{0} (thread {1})", plain(name), tid);
    faultsOf.set(thread, (faultsOf.get(thread) ?? 0) + faults);
  }
  if (faultsOf.size === 0) return [];
  const most = [...faultsOf].sort((a, b) => b[1] - a[1]);
  const shown = most
    .slice(0, MOST_ROWS)
    .map(([thread, faults]) => (most.length > 1 ? `${thread} ×${grouped(faults)}` : thread));
  if (most.length > shown.length) shown.push("…");
  return [translate("taken by {0}", shown.join(", "))];
}

function each({ faults, timeNs }: LineCost, translate: Translate): string {
  return timeNs > 0 && faults > 1 ? ` (${translate("{0} each", duration(timeNs / faults))})` : "";
}

function position({ file, line }: SourceTarget): string {
  const title = plain(`${basename(file)}:${line}`);
  return file.length <= LONGEST_TARGET ? commandLink(title, CommandId.RevealSource, { file, line }) : title;
}

const MOST_ROWS = 5;
const MOST_OBJECTS = 8;
/** PATH_MAX; a longer name is shown in part, and no link carries it. */
const LONGEST_TARGET = 4096;
