/** Levels of the tree of faults that begin with memory or with who touched it: region to section to page, process to thread to line. */
import { partOfLine } from "./code-tree.js";
import { bytes } from "./quantities.js";
import type { LineRow, PageRow, Report, ThreadRow } from "./report.js";
import { entry } from "./tally.js";
import type { Cost } from "./trace-summary.js";
import type { Translate } from "./translate.js";
import { baseName, groupedBy, key, levelOf, mapOf, type TreeLevel, type TreeRow } from "./tree-row.js";

export function regionRows(report: Report, translate: Translate): TreeLevel {
  const pagesOf = groupedBy(report.pages, ({ region, section }) => key(region, section));
  const sectionsOf = groupedBy(report.sections, ({ image }) => image);
  const pages = (region: string, ...sections: readonly (string | undefined)[]) => {
    const rows = sections.flatMap((section) => pagesOf.get(key(region, section)) ?? []);
    return pageRows(rows, report);
  };
  const memory = (count: number) =>
    translate(count === 1 ? "{0} page ({1})" : "{0} pages ({1})", count, bytes(count * report.pageSize));

  const sectionRow = ({ image, section, pages: count, ...cost }: Report["sections"][number]): TreeRow => ({
    kind: "section",
    key: section,
    label: section === "" ? translate("outside any section") : section,
    sortName: section,
    where: memory(count),
    cost,
    source: undefined,
    map: mapOf({ region: image, section }),
    details: () => [image],
    words: () => "",
    below: () => (section === "" ? pages(image, "", undefined) : pages(image, section)),
  });

  return levelOf(report.regions, (row) => {
    const sections = row.kind === "image" ? (sectionsOf.get(row.name) ?? []) : [];
    return {
      kind: "region",
      key: key(row.kind, row.name),
      label: row.kind === "image" || row.kind === "file" ? baseName(row.name) : row.name,
      sortName: baseName(row.name).toLowerCase(),
      where: memory(row.pages),
      cost: row,
      source: undefined,
      map: mapOf({ region: row.name }),
      details: () => [row.name],
      words: () => `${row.kind} ${row.name}`,
      below: sections.length === 0 ? () => pages(row.name, undefined) : () => levelOf(sections, sectionRow),
    };
  });
}

export function pageRows(rows: readonly PageRow[], report: Report): TreeLevel {
  // One process is the rule: its number would only be noise.
  const several = report.threads.some(({ pid }) => pid !== report.threads[0]?.pid);
  return levelOf(rows, (row) => ({
    kind: "page",
    key: key(String(row.pid), row.address),
    label: row.address,
    sortName: `${row.address.slice(2).padStart(16, "0")}\0${row.pid}`,
    where: [row.objects.slice(0, 3).join(", "), several ? `pid ${row.pid}` : ""]
      .filter((part) => part !== "")
      .join(" · "),
    cost: row,
    source: undefined,
    map: { pid: row.pid, address: row.address },
    details: () => [row.region, row.section ?? "", ...row.objects.slice(0, MOST_NAMED_OBJECTS)],
    words: () => `${row.region} ${row.section ?? ""} ${row.objects.join(" ")}`,
    below: undefined,
  }));
}

export function threadRows(report: Report, translate: Translate): TreeLevel {
  const linesOf = new Map<string, (Cost & { readonly line: LineRow })[]>();
  for (const line of report.lines) {
    for (const { pid, tid, name, faults } of line.threads ?? []) {
      entry(linesOf, threadKey({ pid, tid, name }), () => []).push({ line, faults, major: 0, timeNs: 0 });
    }
  }
  const threadsOf = (rows: Report["threads"]) => levelOf(rows, (row) => threadRow(row, linesOf, translate));
  const processes = groupedBy(report.threads, ({ pid }) => pid);
  if (processes.size === 1) return threadsOf(report.threads);
  const sums = [...processes].map(([pid, rows]) => ({ pid, rows, ...sumOf(rows) }));
  return levelOf(sums, ({ pid, rows, ...cost }) => {
    const name = rows.find(({ tid }) => tid === pid)?.name ?? rows[0]!.name;
    return {
      kind: "process",
      key: String(pid),
      label: name,
      sortName: nameAndNumber(name, pid),
      where: `pid ${pid}`,
      cost,
      source: undefined,
      map: { pid },
      details: () => [],
      words: () => `pid ${pid}`,
      below: () => threadsOf(rows),
    };
  });
}

function threadRow(
  row: ThreadRow,
  linesOf: ReadonlyMap<string, readonly (Cost & { readonly line: LineRow })[]>,
  translate: Translate,
): TreeRow {
  const lines = linesOf.get(threadKey(row)) ?? [];
  return {
    kind: "thread",
    key: threadKey(row),
    label: row.name === "" ? String(row.tid) : row.name,
    sortName: nameAndNumber(row.name, row.tid),
    where: `tid ${row.tid}`,
    cost: row,
    source: undefined,
    map: undefined,
    details: () => [`pid ${row.pid}`],
    words: () => `tid ${row.tid}`,
    below:
      lines.length === 0 ? undefined : () => levelOf(lines, ({ line, ...cost }) => partOfLine(line, cost, translate)),
  };
}

function threadKey({ pid, tid, name }: Pick<ThreadRow, "pid" | "tid" | "name">): string {
  return key(String(pid), String(tid), name);
}

function sumOf(rows: readonly Cost[]): Cost {
  const sum = (count: (row: Cost) => number) => rows.reduce((total, row) => total + count(row), 0);
  return { faults: sum((row) => row.faults), major: sum((row) => row.major), timeNs: sum((row) => row.timeNs) };
}

function nameAndNumber(name: string, number: number): string {
  return `${name.toLowerCase()}\0${String(number).padStart(9, "0")}`;
}

/** On a page of small objects there are hundreds. */
const MOST_NAMED_OBJECTS = 20;
