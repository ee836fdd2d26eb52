/** An inspected file as text: its sections by page, the locked ones with their company, the largest symbols. */
import type { InspectedSection, InspectedSymbol, Inspection, LockedSection } from "./inspection.js";
import { printable } from "./printable.js";
import { bytes, grouped } from "./quantities.js";
import { titled, type TableOptions } from "./text.js";
import type { Column } from "./text-table.js";

export function inspectionText(inspection: Inspection, options: TableOptions): string {
  const { translate } = options;
  const inMemory = inspection.sections.filter(({ pages }) => pages > 0);
  const largest = inspection.symbols.filter(({ size }) => size > 0).toSorted((a, b) => b.size - a.size);
  const parts = [
    headline(inspection, options),
    titled(translate("Sections in memory"), inMemory, sectionColumns(options), { ...options, top: inMemory.length }),
    lockedText(inspection, options),
    titled(translate("Largest functions and variables"), largest, symbolColumns(options), options),
  ];
  return `${parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}

function headline(inspection: Inspection, options: TableOptions): readonly string[] {
  const { style, translate } = options;
  const { path, machine, pageSize, segments, buildId, problems } = inspection;
  const loaded = segments.filter(({ type }) => type === PT_LOAD);
  const pages = loaded.reduce((sum, segment) => sum + segment.pages, 0);
  return [
    style.bold(printable(path)),
    [
      translate("{0} for {1}, pages of {2}", kindName(inspection, options), machine, bytes(pageSize)),
      translate("{0} segments on {1} pages ({2})", loaded.length, grouped(pages), bytes(pages * pageSize)),
      buildId === undefined ? translate("no build id") : translate("build id {0}", buildId),
    ].join("; "),
    ...problems.map((problem) => style.bad(printable(problem))),
  ];
}

/** A program that can be loaded anywhere is a shared object to ELF; that it names a loader tells them apart. */
function kindName({ kind, sections }: Inspection, { translate }: TableOptions): string {
  switch (kind) {
    case "executable":
      return translate("Program");
    case "shared":
      return sections.some(({ name }) => name === ".interp")
        ? translate("Position-independent program")
        : translate("Shared library");
    case "relocatable":
      return translate("Object file");
    case "core":
      return translate("Core dump");
    case "other":
      return translate("ELF file");
  }
}

function sectionColumns({ translate, style }: TableOptions): readonly Column<InspectedSection>[] {
  return [
    { title: translate("address"), align: "right", text: ({ address }) => address },
    { title: translate("size"), align: "right", text: ({ size }) => bytes(size) },
    { title: translate("pages"), align: "right", text: ({ pages }) => grouped(pages) },
    { title: translate("kind"), align: "left", text: ({ kind }) => kind ?? "" },
    { title: translate("section"), align: "left", text: ({ name }) => printable(name) },
    { title: "", align: "left", text: ({ locked }) => (locked ? style.good(translate("locked")) : "") },
  ];
}

function lockedText({ lockedSections, pageSize }: Inspection, options: TableOptions): readonly string[] {
  const { style, translate } = options;
  if (lockedSections.length === 0)
    return [style.dim(translate("No section is a locked one: lockedSections in faultline.json names them."))];
  const locked = lockedSections.reduce((sum, { lockedBytes }) => sum + lockedBytes, 0);
  return [
    style.bold(translate("Locked sections: {0} ({1} pages)", bytes(locked), grouped(locked / pageSize))),
    ...lockedSections.flatMap((section) => lockedSectionText(section, options)),
  ];
}

function lockedSectionText(section: LockedSection, { style, translate, top }: TableOptions): readonly string[] {
  const { name, address, size, pages, symbols, neighbours, alone } = section;
  const where =
    pages === 1
      ? translate("{0} at {1}, one page", bytes(size), address)
      : translate("{0} at {1}, {2} pages", bytes(size), address, grouped(pages));
  return [
    `  ${printable(name)}  ${where}`,
    ...(symbols.length > 0 ? [`    ${translate("holds {0}", listed(symbols, top))}`] : []),
    ...(alone ? [`    ${style.good(translate("nothing else lies on its pages"))}`] : []),
    ...neighbours.map((neighbour) => {
      const told = translate("locked with it: {0} of {1}", bytes(neighbour.bytes), printable(neighbour.section));
      const names = neighbour.symbols.length > 0 ? ` (${listed(neighbour.symbols, top)})` : "";
      return `    ${told}${names}`;
    }),
  ];
}

function symbolColumns({ translate }: TableOptions): readonly Column<InspectedSymbol>[] {
  return [
    { title: translate("address"), align: "right", text: ({ address }) => address },
    { title: translate("size"), align: "right", text: ({ size }) => bytes(size) },
    { title: translate("pages"), align: "right", text: ({ pages }) => grouped(pages) },
    { title: translate("kind"), align: "left", text: ({ kind }) => kind },
    { title: translate("name"), align: "left", text: ({ displayName }) => printable(displayName, 70) },
    { title: translate("section"), align: "left", text: ({ section }) => printable(section ?? "") },
  ];
}

function listed(names: readonly string[], most: number): string {
  const shown = names.slice(0, most).map((name) => printable(name, 60));
  return [...shown, ...(names.length > most ? ["…"] : [])].join(", ");
}

const PT_LOAD = 1;
