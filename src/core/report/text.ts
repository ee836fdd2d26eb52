/** The report as text: what a person reads in a terminal. */
import { annotatedSources, hasSource, type AnnotationOptions } from "./annotated-sources.js";
import { printable } from "./printable.js";
import { bytes, duration, grouped } from "./quantities.js";
import type { Completeness, FaultCounts, LineRow, ObjectRow, RegionRow, Report } from "./report.js";
import { textTable, type Column } from "./text-table.js";
import { wrapped } from "./wrapped.js";

export interface TextOptions extends AnnotationOptions {
  /** Rows of each table and annotated lines at the most. */
  readonly top: number;
  /** What the numbers of the tables count. */
  readonly counted: Report["counted"];
}

/** Headline, completeness, annotated sources, and what was touched where. */
export function textReport(report: ReportSummary, options: TextOptions): string {
  const { style, translate } = options;
  const sections = [
    headline(report, options),
    annotatedSources(report.lines, options),
    codeWithoutSource(report.lines, options),
    titled(translate("What was touched"), report.objects, objectColumns(options), options),
    titled(translate("Where it lies"), report.regions, regionColumns(options, report.pageSize), options),
  ];
  const text = sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n");
  const hint = translate(
    "--by function|object|section|region|page|thread for tables, --top N for more, --html FILE for the memory map.",
  );
  const hints = wrapped(hint, options.width).map((line) => style.dim(line));
  return `${text}\n\n${hints.join("\n")}\n`;
}

/** What the headline needs of a report. */
export interface Headline extends Pick<
  Report,
  "command" | "pageSize" | "counted" | "spanNs" | "faults" | "completeness"
> {
  /** Pages that faulted, or came in. */
  readonly touchedPages: number;
}

export type ReportSummary = Headline & Pick<Report, "lines" | "objects" | "regions">;

/** The first lines of every text report: the command, the counts, and what they do not say. */
export function headline(report: Headline, options: TextOptions): readonly string[] {
  const { style, translate, width } = options;
  const command = printable(report.command.join(" "), width - 15);
  const title = command === "" ? translate("Page faults") : translate("Page faults of {0}", command);
  if (report.counted === "pages") {
    return [
      style.bold(title),
      translate(
        "{0} pages came in and stayed ({1}); the process's own counters say {2} minor and {3} major faults.",
        grouped(report.touchedPages),
        bytes(report.touchedPages * report.pageSize),
        grouped(report.faults.minor),
        grouped(report.faults.major),
      ),
      ...noteLines(report.completeness, options),
    ];
  }
  return [
    style.bold(title),
    ...wrapped(countsSentence(report.faults, report.spanNs, options), width),
    ...completenessLines(report.completeness, options),
  ];
}

function countsSentence(faults: FaultCounts, spanNs: number, { style, translate }: TextOptions): string {
  const parts = [
    faults.minor + faults.major === 0 && faults.total > 0
      ? translate("{0} faults (minor or major was not recorded)", grouped(faults.total))
      : translate(
          "{0} faults: {1} minor, {2} major",
          grouped(faults.total),
          grouped(faults.minor),
          grouped(faults.major),
        ),
    ...(faults.kernel > 0 ? [translate("{0} of them inside system calls", grouped(faults.kernel))] : []),
    ...(faults.timeNs > 0 ? [translate("{0} spent handling them", duration(faults.timeNs))] : []),
    ...(spanNs > 0 ? [translate("over {0}", duration(spanNs))] : []),
  ];
  const refused =
    faults.refused > 0
      ? [style.bad(translate("{0} more never completed (a signal such as SIGSEGV or SIGBUS)", grouped(faults.refused)))]
      : [];
  return [...parts, ...refused].join("; ");
}

function completenessLines(completeness: Completeness, options: TextOptions): readonly string[] {
  const { style, translate } = options;
  const { rusage, completed, lost, complete } = completeness;
  const verdict = complete
    ? style.good(translate("Complete: no record was lost."))
    : lost > 0
      ? style.bad(translate("Incomplete: {0} records were lost.", grouped(lost)))
      : translate("No record was lost, but not every fault could be seen.");
  const counters =
    rusage === undefined
      ? []
      : rusage.minor + rusage.major === completed
        ? [translate("The process's own counters say the same.")]
        : [
            translate(
              "The process's own counters say {0} minor, {1} major.",
              grouped(rusage.minor),
              grouped(rusage.major),
            ),
          ];
  return [[verdict, ...counters].join(" "), ...noteLines(completeness, options)];
}

function noteLines({ notes }: Completeness, { style, width }: TextOptions): readonly string[] {
  return notes.flatMap(({ message }) =>
    wrapped(printable(message), width - 4).map((line, i) => style.dim(i === 0 ? `  · ${line}` : `    ${line}`)),
  );
}

/** Code that took faults but cannot be shown: libraries, the loader, stripped files, sources that lie elsewhere. */
function codeWithoutSource(lines: readonly LineRow[], options: TextOptions): readonly string[] {
  const rows = lines.filter((row) => !hasSource(row, options));
  const { translate, style, top, width } = options;
  const columns: readonly Column<LineRow>[] = [
    ...countColumns<LineRow>(options),
    { title: translate("function"), align: "left", text: (row) => printable(row.function, 44) },
    { title: translate("in"), align: "left", text: (row) => baseName(row.image ?? "") },
    { title: translate("source, not found here"), align: "left", text: lookedFor },
    { title: translate("touched"), align: "left", text: touchedText },
  ];
  const table = titled(translate("Code without sources here"), rows, columns, options);
  const hint = translate("sourceMap in faultline.json says where sources are; --sources DIR shows more folders.");
  if (!rows.slice(0, top).some(({ line }) => line > 0)) return table;
  return [...table, ...wrapped(hint, width - 2).map((line) => style.dim(`  ${line}`))];
}

/** The whole path that was looked for: cut at its beginning, since the end tells more. */
function lookedFor({ file, line }: LineRow): string {
  if (line === 0) return "";
  const path = printable(file);
  return `${path.length > LONGEST_PATH ? `…${path.slice(1 - LONGEST_PATH)}` : path}:${line}`;
}

function touchedText({ objects }: LineRow): string {
  const names = objects.slice(0, 3).map(({ name }) => printable(name, 40));
  return [...names, ...(objects.length > 3 ? ["…"] : [])].join(", ");
}

export function objectColumns(options: TextOptions): readonly Column<ObjectRow>[] {
  const { translate } = options;
  return [
    ...countColumns(options),
    { title: translate("pages"), align: "right", text: ({ pages }) => grouped(pages) },
    { title: translate("size"), align: "right", text: ({ size }) => (size > 0 ? bytes(size) : "") },
    { title: translate("object"), align: "left", text: ({ name }) => printable(name, 60) },
    { title: translate("kind"), align: "left", text: ({ kind }) => kind },
    { title: translate("section"), align: "left", text: ({ section }) => printable(section ?? "") },
    { title: translate("in"), align: "left", text: ({ image }) => baseName(image ?? "") },
  ];
}

export function regionColumns(options: TextOptions, pageSize: number): readonly Column<RegionRow>[] {
  const { translate } = options;
  return [
    ...countColumns(options),
    { title: translate("pages"), align: "right", text: ({ pages }) => grouped(pages) },
    { title: translate("memory"), align: "right", text: ({ pages }) => bytes(pages * pageSize) },
    {
      title: translate("region"),
      align: "left",
      text: ({ kind, name }) => (kind === "image" || kind === "file" ? printable(name) : regionName(kind, name)),
    },
  ];
}

function regionName(kind: string, name: string): string {
  return name.startsWith("[") || name.includes(" ") ? printable(name) : `${kind} ${printable(name)}`;
}

/** Without events the numbers are pages that came in: by how many faults is not known. */
export function countColumns<Row extends { faults: number; major: number; timeNs: number }>({
  translate,
  counted,
}: TextOptions): readonly Column<Row>[] {
  return [
    {
      title: counted === "pages" ? translate("came in") : translate("faults"),
      align: "right",
      text: ({ faults }) => grouped(faults),
    },
    { title: translate("major"), align: "right", text: ({ major }) => (major > 0 ? grouped(major) : "") },
    { title: translate("time"), align: "right", text: ({ timeNs }) => (timeNs > 0 ? duration(timeNs) : "") },
  ];
}

/** What every table needs. */
export type TableOptions = Pick<TextOptions, "style" | "translate" | "top" | "width">;

/** A table under its title, cut to the wanted rows; nothing when there is nothing. */
export function titled<Row>(
  title: string,
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  { style, top, width, translate }: TableOptions,
): readonly string[] {
  if (rows.length === 0) return [];
  const more = rows.length > top ? [style.dim(`  ${translate("… and {0} more", grouped(rows.length - top))}`)] : [];
  return [style.bold(title), ...textTable(rows.slice(0, top), columns, width, style), ...more];
}

export function baseName(path: string): string {
  return printable(path.slice(path.lastIndexOf("/") + 1));
}

const LONGEST_PATH = 40;
