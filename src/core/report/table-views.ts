/** One table of a trace, by whatever the reader asked for. */
import type { Findings } from "../attribution/findings.js";
import type { Trace } from "../trace/trace.js";
import { printable } from "./printable.js";
import { bytes, grouped } from "./quantities.js";
import type { FunctionRow, PageRow, SectionRow, ThreadRow } from "./report.js";
import type { SourceMapper } from "./source-map.js";
import { functionRows, objectRows, pageRows, regionRows, sectionRows, threadRows } from "./table-rows.js";
import { baseName, countColumns, objectColumns, regionColumns, titled, type TextOptions } from "./text.js";
import type { Column } from "./text-table.js";

export type TableView = "function" | "object" | "section" | "region" | "page" | "thread";

export function tableOf(
  view: TableView,
  trace: Trace,
  findings: Findings,
  mapSource: SourceMapper,
  options: TextOptions,
): readonly string[] {
  const { translate } = options;
  switch (view) {
    case "function":
      return titled(translate("By function"), functionRows(findings, mapSource), functionColumns(options), options);
    case "object":
      return titled(
        translate("By memory object"),
        objectRows(findings, mapSource, false),
        objectColumns(options),
        options,
      );
    case "section":
      return titled(translate("By section"), sectionRows(findings), sectionColumns(options, trace.pageSize), options);
    case "region":
      return titled(translate("By region"), regionRows(findings), regionColumns(options, trace.pageSize), options);
    case "page":
      return titled(translate("By page"), pageRows(findings, trace), pageColumns(options), options);
    case "thread":
      return titled(translate("By thread"), threadRows(findings), threadColumns(options), options);
  }
}

function functionColumns(options: TextOptions): readonly Column<FunctionRow>[] {
  const { translate, displayPath } = options;
  return [
    ...countColumns<FunctionRow>(options),
    { title: translate("function"), align: "left", text: ({ name }) => printable(name, 70) },
    { title: translate("in"), align: "left", text: ({ image }) => baseName(image ?? "") },
    {
      title: translate("declared"),
      align: "left",
      text: ({ file, line }) => (file === undefined ? "" : `${printable(displayPath(file))}:${line ?? 0}`),
    },
  ];
}

function sectionColumns(options: TextOptions, pageSize: number): readonly Column<SectionRow>[] {
  const { translate } = options;
  return [
    ...countColumns<SectionRow>(options),
    { title: translate("pages"), align: "right", text: ({ pages }) => grouped(pages) },
    { title: translate("memory"), align: "right", text: ({ pages }) => bytes(pages * pageSize) },
    { title: translate("section"), align: "left", text: ({ section }) => printable(section) },
    { title: translate("in"), align: "left", text: ({ image }) => printable(image) },
  ];
}

function pageColumns(options: TextOptions): readonly Column<PageRow>[] {
  const { translate } = options;
  return [
    ...countColumns<PageRow>(options),
    { title: translate("address"), align: "right", text: ({ address }) => address },
    { title: translate("pid"), align: "right", text: ({ pid }) => String(pid) },
    {
      title: translate("region"),
      align: "left",
      text: ({ region, section }) => `${baseName(region)}${section === undefined ? "" : ` ${printable(section)}`}`,
    },
    {
      title: translate("objects"),
      align: "left",
      text: ({ objects }) => objects.map((name) => printable(name, 40)).join(", "),
    },
  ];
}

function threadColumns(options: TextOptions): readonly Column<ThreadRow>[] {
  const { translate } = options;
  return [
    ...countColumns<ThreadRow>(options),
    { title: translate("pid"), align: "right", text: ({ pid }) => String(pid) },
    { title: translate("tid"), align: "right", text: ({ tid }) => String(tid) },
    { title: translate("thread"), align: "left", text: ({ name }) => printable(name) },
  ];
}
