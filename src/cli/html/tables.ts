/** The report's tables: sortable by every column once the page's script runs, sorted by faults before. */
import { bytes, duration, grouped } from "../../core/report/quantities.js";
import type { Report } from "../../core/report/report.js";
import { bar, type Cost } from "./costs.js";
import { markup, type Markup } from "./markup.js";
import { chipsMarkup, pathMarkup } from "./sources.js";

export interface TableSection {
  readonly id: string;
  readonly title: string;
  readonly count: number;
  readonly body: Markup;
}

/** All tables that have rows. */
export function tableSections(report: Report): readonly TableSection[] {
  const { pageSize, counted } = report;
  const bare = report.lines.filter(({ line }) => line === 0);
  const sections = [
    section(counted, "code", "Code without source lines", bare, [
      text(
        "Function",
        (row) => markup`<span class="name">${cut(row.function)}</span>`,
        (row) => row.function,
      ),
      text(
        "In",
        (row) => path(row.image),
        (row) => row.image,
      ),
      text(
        "Touched",
        (row) => markup`<div class="chips">${chipsMarkup(row.objects, 3)}</div>`,
        (row) => row.objects[0]?.name,
      ),
    ]),
    section(counted, "functions", "Functions", report.functions, [
      text(
        "Function",
        (row) => markup`<span class="name">${cut(row.name)}</span>`,
        (row) => row.name,
      ),
      text(
        "Declared",
        (row) => place(row.file, row.line),
        (row) => row.file,
      ),
      text(
        "In",
        (row) => path(row.image),
        (row) => row.image,
      ),
    ]),
    section(counted, "objects", "Memory objects", report.objects, [
      text(
        "Object",
        (row) => markup`<span class="name" title="${row.name}">${cut(row.name)}</span>`,
        (row) => row.name,
      ),
      text(
        "Kind",
        (row) => markup`${row.kind.replaceAll("-", " ")}`,
        (row) => row.kind,
      ),
      text(
        "Section",
        (row) => markup`<span class="name">${row.section}</span>`,
        (row) => row.section,
      ),
      text(
        "In",
        (row) => path(row.image),
        (row) => row.image,
      ),
      amount("Pages", (row) => row.pages, grouped),
      amount(
        "Size",
        (row) => row.size,
        (size) => (size > 0 ? bytes(size) : ""),
      ),
    ]),
    section(counted, "sections", "Sections", report.sections, [
      text(
        "Section",
        (row) => markup`<span class="name">${row.section}</span>`,
        (row) => row.section,
      ),
      text(
        "In",
        (row) => path(row.image),
        (row) => row.image,
      ),
      amount("Pages touched", (row) => row.pages, grouped),
      amount("Memory", (row) => row.pages * pageSize, bytes),
    ]),
    section(counted, "regions", "Regions", report.regions, [
      text(
        "Region",
        (row) => path(row.name),
        (row) => row.name,
      ),
      text(
        "Kind",
        (row) => markup`${row.kind.replaceAll("-", " ")}`,
        (row) => row.kind,
      ),
      amount("Pages touched", (row) => row.pages, grouped),
      amount("Memory", (row) => row.pages * pageSize, bytes),
    ]),
    section(counted, "pages", "Pages", report.pages, [
      // Fixed-width hexadecimal sorts as numbers do.
      text(
        "Address",
        (row) => markup`<span class="name">${row.address}</span>`,
        (row) => row.address.slice(2).padStart(16, "0"),
      ),
      text(
        "Region",
        (row) => path(row.region),
        (row) => row.region,
      ),
      text(
        "Section",
        (row) => markup`<span class="name">${row.section}</span>`,
        (row) => row.section,
      ),
      text(
        "On it",
        (row) => names(row.objects),
        (row) => row.objects[0],
      ),
      amount("Process", (row) => row.pid, String),
    ]),
    section(counted, "threads", "Threads", report.threads, [
      text(
        "Thread",
        (row) => markup`<span class="name">${row.name}</span>`,
        (row) => row.name,
      ),
      amount("Thread id", (row) => row.tid, String),
      amount("Process", (row) => row.pid, String),
    ]),
  ];
  return sections.filter(({ count }) => count > 0);
}

interface Column<Row> {
  readonly title: string;
  readonly number: boolean;
  readonly cell: (row: Row) => Markup;
  readonly key: (row: Row) => string | number;
}

function text<Row>(title: string, cell: (row: Row) => Markup, key: (row: Row) => string | undefined): Column<Row> {
  return { title, number: false, cell, key: (row) => (key(row) ?? "").slice(0, LONGEST_KEY).toLowerCase() };
}

function amount<Row>(title: string, value: (row: Row) => number, words: (value: number) => string): Column<Row> {
  return { title, number: true, cell: (row) => markup`${words(value(row))}`, key: value };
}

function section<Row extends Cost>(
  counted: Report["counted"],
  id: string,
  title: string,
  rows: readonly Row[],
  own: readonly Column<Row>[],
): TableSection {
  const most = Math.max(0, ...rows.slice(0, MOST_ROWS).map(({ faults }) => faults));
  const blank = (count: number) => (count > 0 ? grouped(count) : "");
  const kinds = [
    amount<Row>("Minor", (row) => row.minor, blank),
    amount<Row>("Major", (row) => row.major, blank),
    amount<Row>(
      "Time",
      (row) => row.timeNs,
      (ns) => (ns > 0 ? duration(ns) : ""),
    ),
  ];
  const columns: readonly Column<Row>[] = [
    amount(counted === "pages" ? "Came in" : "Faults", (row) => row.faults, grouped),
    { title: "", number: false, cell: (row) => bar(row, most), key: (row) => row.faults },
    ...(counted === "pages" ? [] : kinds),
    ...own,
  ];
  const head = columns.map(({ title: name, number }, index) =>
    name === ""
      ? markup`<td></td>`
      : markup`<th scope="col" class="${number ? "amount" : "text"}" ${index === 0 ? markup`aria-sort="descending"` : undefined}>${name}</th>`,
  );
  const shown = rows.slice(0, MOST_ROWS);
  const body = shown.map(
    (row) =>
      markup`<tr>${columns.map(({ number, cell, key, title: name }) => (name === "" ? markup`<td>${cell(row)}</td>` : markup`<td class="${number ? "amount" : "text"}" data-key="${key(row)}">${cell(row)}</td>`))}</tr>`,
  );
  const rest =
    rows.length > shown.length
      ? markup`<p class="more">${grouped(rows.length - shown.length)} more rows with fewer faults are in <code>faultline report --json</code>.</p>`
      : undefined;
  return {
    id,
    title,
    count: rows.length,
    body: markup`<div class="scroll"><table class="rows"><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>${rest}`,
  };
}

function path(name: string | undefined): Markup {
  return name === undefined ? markup`` : pathMarkup(name);
}

function place(file: string | undefined, line: number | undefined): Markup {
  if (file === undefined || file === "") return markup``;
  const name = file.slice(file.lastIndexOf("/") + 1);
  return markup`<span class="name" title="${file}">${name}${line ? `:${line}` : ""}</span>`;
}

function names(objects: readonly string[]): Markup {
  const rest = objects.length - MOST_NAMES;
  const list = objects.slice(0, MOST_NAMES).map(cut).join(", ");
  return markup`<span class="name">${list}</span>${rest > 0 ? ` and ${grouped(rest)} more` : ""}`;
}

function cut(name: string): string {
  return name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME)}…` : name;
}

const MOST_ROWS = 500;
const MOST_NAMES = 4;
const LONGEST_NAME = 100;
const LONGEST_KEY = 200;
