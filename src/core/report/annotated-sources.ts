/** Source excerpts with what each line cost: the notes sit beside the code they are about. */
import { heatLevel } from "./heat-level.js";
import { printable } from "./printable.js";
import { duration, grouped } from "./quantities.js";
import type { LineRow } from "./report.js";
import type { Style } from "./style.js";
import { fit } from "./text-table.js";
import type { Translate } from "./translate.js";

export interface AnnotationOptions {
  /** Characters in a line of the terminal. */
  readonly width: number;
  readonly top: number;
  readonly style: Style;
  readonly translate: Translate;
  /** Lines of a source file, undefined when it cannot be shown. */
  source(file: string): readonly string[] | undefined;
  /** The instructions of a line that faulted, disassembled where a disassembler is installed. */
  instructions(row: LineRow): readonly string[];
  /** A path as the reader knows it: relative to the working directory. */
  displayPath(file: string): string;
}

/** Whether the line can be shown: the rest goes into a table. */
export function hasSource(row: LineRow, options: AnnotationOptions): boolean {
  return row.line > 0 && options.source(row.file) !== undefined;
}

/** The hottest lines whose sources are here, grouped by file, in the order of the file, with a line of context before each. */
export function annotatedSources(rows: readonly LineRow[], options: AnnotationOptions): readonly string[] {
  const withLine = rows.filter((row) => hasSource(row, options));
  const shown = withLine.slice(0, options.top);
  const most = Math.max(1, ...shown.map(({ faults }) => faults));
  const files = new Map<string, LineRow[]>();
  for (const row of shown) files.set(row.file, [...(files.get(row.file) ?? []), row]);
  const text = [...files].flatMap(([file, own]) => ["", ...annotatedFile(file, own, most, options)]);
  const rest = withLine.length - shown.length;
  const more = rest > 0 ? ["", options.style.dim(options.translate("… and {0} more source lines", grouped(rest)))] : [];
  return [...text.slice(1), ...more];
}

function annotatedFile(file: string, rows: readonly LineRow[], most: number, options: AnnotationOptions): string[] {
  const { style, translate } = options;
  const source = options.source(file) ?? [];
  const inOrder = rows.toSorted((a, b) => a.line - b.line);
  const lines = [style.bold(printable(options.displayPath(file)))];
  let last = 0;
  let lastFunction = "";
  for (const row of inOrder) {
    const from = Math.max(row.line - CONTEXT_LINES, last + 1);
    if (last > 0 && from > last + 1) lines.push(style.dim(`${" ".repeat(NUMBER_WIDTH)} ⋮`));
    if (row.function !== lastFunction) {
      lines.push(
        style.dim(
          `${" ".repeat(NUMBER_WIDTH)} │ ${translate("in {0}", printable(row.function, 80))}${inlinedText(row, options)}`,
        ),
      );
      lastFunction = row.function;
    }
    for (let line = from; line < row.line; line++) lines.push(contextLine(line, source, options));
    lines.push(...annotatedLine(row, source[row.line - 1] ?? "", most, options));
    last = row.line;
  }
  return lines;
}

function inlinedText(row: LineRow, { translate, displayPath }: AnnotationOptions): string {
  return row.inlinedInto
    .map(
      (frame) =>
        ` ${translate("inlined into {0} ({1}:{2})", printable(frame.function, 80), printable(displayPath(frame.file)), frame.line)}`,
    )
    .join(",");
}

function contextLine(line: number, source: readonly string[], { width, style }: AnnotationOptions): string {
  const code = expandTabs(source[line - 1] ?? "");
  return style.dim(`${String(line).padStart(NUMBER_WIDTH)} │ ${fit(code, width - NUMBER_WIDTH - 3, "left").trimEnd()}`);
}

function annotatedLine(row: LineRow, source: string, most: number, options: AnnotationOptions): string[] {
  const { style, translate, width } = options;
  const cost = [
    translate(row.faults === 1 ? "{0} fault" : "{0} faults", grouped(row.faults)),
    ...(row.major > 0 ? [translate("{0} major", grouped(row.major))] : []),
    ...(row.timeNs > 0 ? [duration(row.timeNs)] : []),
  ].join(" · ");
  const level = heatLevel(row.faults, most);
  const gutter = style.heat(level, HEAT[level]!);
  const room = Math.max(width - NUMBER_WIDTH - 5 - cost.length, SMALLEST_CODE);
  const code = fit(expandTabs(source), room, "left");
  const indent = `${" ".repeat(NUMBER_WIDTH)} │ `;
  const objects = row.objects
    .slice(0, MOST_OBJECTS)
    .map(
      ({ name, kind, faults }) =>
        `${printable(name, 48)}${described(kind)}${row.objects.length > 1 ? ` ×${grouped(faults)}` : ""}`,
    );
  if (row.objects.length > MOST_OBJECTS)
    objects.push(translate("{0} more", grouped(row.objects.length - MOST_OBJECTS)));
  const touched =
    row.objects.length > 0
      ? [style.dim(fit(`${indent}  ${translate("touched")} ${objects.join(", ")}`, width, "left").trimEnd())]
      : [];
  return [
    `${String(row.line).padStart(NUMBER_WIDTH)} ${gutter} ${code}  ${style.heat(level, cost)}`,
    ...touched,
    ...options
      .instructions(row)
      .map((text) => style.dim(fit(`${indent}  ${printable(text)}`, width, "left").trimEnd())),
  ];
}

/** The kind is said where the name does not say it. */
function described(kind: string): string {
  return kind === "function" || kind === "variable" ? ` (${kind})` : "";
}

function expandTabs(text: string): string {
  return printable(text.replaceAll("\t", "    ").trimEnd());
}

const HEAT = ["░", "▒", "▓", "█"];
const CONTEXT_LINES = 1;
const NUMBER_WIDTH = 6;
const SMALLEST_CODE = 24;
const MOST_OBJECTS = 4;
