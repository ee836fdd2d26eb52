/** What a function could touch, as text: by section, the objects, calls that could lead anywhere, library functions. */
import type { ReachedSection, ReachReport, ReportedObject, ReportedUnknownCall } from "./reach-report.js";
import { printable } from "./printable.js";
import { bytes, grouped } from "./quantities.js";
import { baseName, titled, type TableOptions } from "./text.js";
import type { Column } from "./text-table.js";

export function reachText(report: ReachReport, options: TableOptions): string {
  const { translate } = options;
  const several = new Set(report.sections.map(({ image }) => image)).size > 1;
  const largest = report.objects.toSorted((a, b) => b.pages - a.pages || b.size - a.size);
  const parts = [
    headline(report, options),
    titled(translate("By section"), report.sections, sectionColumns(options, several), {
      ...options,
      top: report.sections.length,
    }),
    titled(translate("Reached, largest first"), largest, objectColumns(options, several), options),
    unknownText(report, options),
    pointersText(report, options),
    libraryText(report, options),
  ];
  return `${parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}

function headline(report: ReachReport, { style, translate }: TableOptions): readonly string[] {
  const { objects, pages, pageSize, path, unread } = report;
  const functions = objects.filter(({ kind }) => kind === "function").length;
  const total = translate(
    "It could touch {0} functions and {1} other objects: {2} on {3} pages ({4} to lock)",
    grouped(functions),
    grouped(objects.length - functions),
    bytes(report.bytes),
    grouped(pages),
    bytes(pages * pageSize),
  );
  return [
    `${style.bold(printable(report.function))}  ${style.dim(printable(path))}`,
    total,
    ...(unread.length === 0
      ? []
      : [
          style.bad(
            translate(
              "{0} functions could not be disassembled, so that more may be reached: install binutils or llvm",
              grouped(unread.length),
            ),
          ),
        ]),
  ];
}

function sectionColumns({ translate }: TableOptions, several: boolean): readonly Column<ReachedSection>[] {
  return [
    { title: translate("pages"), align: "right", text: ({ pages }) => grouped(pages) },
    { title: translate("size"), align: "right", text: (section) => bytes(section.bytes) },
    { title: translate("kind"), align: "left", text: ({ kind }) => kind },
    { title: translate("section"), align: "left", text: ({ section }) => printable(section) },
    { title: translate("file"), align: "left", text: ({ image }) => (several ? baseName(image) : "") },
  ];
}

function objectColumns({ translate }: TableOptions, several: boolean): readonly Column<ReportedObject>[] {
  return [
    { title: translate("pages"), align: "right", text: ({ pages }) => grouped(pages) },
    { title: translate("size"), align: "right", text: ({ size }) => bytes(size) },
    { title: translate("depth"), align: "right", text: ({ depth }) => grouped(depth) },
    { title: translate("kind"), align: "left", text: ({ kind }) => kind },
    { title: translate("name"), align: "left", text: ({ name }) => printable(name, 60) },
    { title: translate("section"), align: "left", text: ({ section }) => printable(section) },
    { title: translate("through"), align: "left", text: ({ via }) => printable(via?.by ?? "", 40) },
    { title: translate("file"), align: "left", text: ({ image }) => (several ? baseName(image) : "") },
  ];
}

function unknownText({ unknownCalls, addressTaken }: ReachReport, options: TableOptions): readonly string[] {
  const { translate, style } = options;
  if (unknownCalls.length === 0) return [style.good(translate("Every call is known: none goes through a pointer."))];
  const columns: readonly Column<ReportedUnknownCall>[] = [
    { title: translate("depth"), align: "right", text: ({ depth }) => grouped(depth) },
    { title: translate("address"), align: "right", text: ({ site }) => site },
    { title: translate("function"), align: "left", text: (call) => printable(call.function, 50) },
    { title: translate("through"), align: "left", text: ({ through }) => printable(through ?? "", 40) },
    {
      title: translate("candidates"),
      align: "left",
      text: ({ candidates }) => listed(candidates.map(({ name }) => name)),
    },
  ];
  const title = translate("Unknown: {0} calls through pointers could lead to more", grouped(unknownCalls.length));
  const taken = translate(
    "They could lead to any of {0} functions whose address is taken",
    grouped(addressTaken.length),
  );
  return [...titled(title, unknownCalls, columns, options), style.dim(`  ${taken}`)];
}

function pointersText({ throughPointers }: ReachReport, { translate, style }: TableOptions): readonly string[] {
  if (throughPointers.length === 0) return [];
  const pages = throughPointers.reduce((sum, section) => sum + section.pages, 0);
  const size = throughPointers.reduce((sum, section) => sum + section.bytes, 0);
  const sentence = translate(
    "Pointers that it is given could lead to more data of the file: {0} on {1} pages whose address is taken",
    bytes(size),
    grouped(pages),
  );
  return [sentence, style.dim(`  ${throughPointers.map(({ section }) => printable(section)).join(", ")}`)];
}

function libraryText({ library }: ReachReport, { translate, style, top }: TableOptions): readonly string[] {
  const outside = library.filter(({ followed }) => followed === undefined);
  if (outside.length === 0) return [];
  const title = translate("Of libraries, not followed into: {0}", grouped(outside.length));
  const names = outside.slice(0, top * 2).map(({ name }) => printable(name, 60));
  return [style.bold(title), `  ${names.join(", ")}${outside.length > names.length ? ", …" : ""}`];
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, MOST_CANDIDATES).map((name) => printable(name, 30));
  return names.length > shown.length ? `${shown.join(", ")}, … (${grouped(names.length)})` : shown.join(", ");
}

const MOST_CANDIDATES = 3;
