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
import type { Translate } from "./translate.js";

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
      return titled(
        translate("By function"),
        functionRows(findings, mapSource),
        functionColumns(translate, options),
        options,
      );
    case "object":
      return titled(
        translate("By memory object"),
        objectRows(findings, mapSource, false),
        objectColumns(translate),
        options,
      );
    case "section":
      return titled(translate("By section"), sectionRows(findings), sectionColumns(translate, trace.pageSize), options);
    case "region":
      return titled(translate("By region"), regionRows(findings), regionColumns(translate, trace.pageSize), options);
    case "page":
      return titled(translate("By page"), pageRows(findings, trace), pageColumns(translate), options);
    case "thread":
      return titled(translate("By thread"), threadRows(findings), threadColumns(translate), options);
  }
}

function functionColumns(translate: Translate, { displayPath }: TextOptions): readonly Column<FunctionRow>[] {
  return [
    ...countColumns<FunctionRow>(translate),
    { title: translate("function"), align: "left", text: ({ name }) => printable(name, 70) },
    { title: translate("in"), align: "left", text: ({ image }) => baseName(image ?? "") },
    {
      title: translate("declared"),
      align: "left",
      text: ({ file, line }) => (file === undefined ? "" : `${printable(displayPath(file))}:${line ?? 0}`),
    },
  ];
}

function sectionColumns(translate: Translate, pageSize: number): readonly Column<SectionRow>[] {
  return [
    ...countColumns<SectionRow>(translate),
    { title: translate("pages"), align: "right", text: ({ pages }) => grouped(pages) },
    { title: translate("memory"), align: "right", text: ({ pages }) => bytes(pages * pageSize) },
    { title: translate("section"), align: "left", text: ({ section }) => printable(section) },
    { title: translate("in"), align: "left", text: ({ image }) => printable(image) },
  ];
}

function pageColumns(translate: Translate): readonly Column<PageRow>[] {
  return [
    ...countColumns<PageRow>(translate),
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

function threadColumns(translate: Translate): readonly Column<ThreadRow>[] {
  return [
    ...countColumns<ThreadRow>(translate),
    { title: translate("pid"), align: "right", text: ({ pid }) => String(pid) },
    { title: translate("tid"), align: "right", text: ({ tid }) => String(tid) },
    { title: translate("thread"), align: "left", text: ({ name }) => printable(name) },
  ];
}
