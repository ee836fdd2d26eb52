/** Segments and sections of a file as tables. */
import type { ImageSection, ImageSegment } from "../../src/core/image/image.js";
import { printable } from "../../src/core/report/printable.js";
import { bytes, grouped } from "../../src/core/report/quantities.js";
import type { LayoutModel } from "../../src/protocol/binary-layout.js";
import { button, element } from "../map/elements.js";
import { hexWords } from "../map/words.js";
import { makeSortable } from "../sortable-table.js";

/** `show` selects a section on the map; absent where there is no map. */
export function sectionTable(layout: LayoutModel, show: ((section: string) => void) | undefined): HTMLElement {
  const counts = symbolCounts(layout);
  const columns = ["Section", "Access", "Address", "Size", "Pages", "Symbols", "In the file"];
  return table(
    "Sections",
    columns,
    3,
    layout.sections
      .filter(({ index }) => index > 0)
      .slice(0, MOST_ROWS)
      .map((section) => {
        const name = printable(section.name, 120);
        const pages = section.flags.allocated ? pageCount(section.address, section.size, layout.pageSize) : 0;
        const linked = show !== undefined && section.flags.allocated && !section.flags.tls && section.size > 0;
        return [
          {
            key: section.name.slice(0, 120),
            content: linked
              ? button(name, "Show on the map", () => {
                  show(section.name);
                })
              : name,
          },
          { key: accessOf(section), content: accessOf(section) },
          address(section.flags.allocated ? section.address : undefined),
          { key: String(section.size), content: bytes(section.size), title: `${grouped(section.size)} bytes` },
          amount(pages),
          amount(counts.get(section.index) ?? 0),
          section.nobits
            ? { key: "-1", content: "takes no room" }
            : { key: String(section.fileOffset), content: hexWords(section.fileOffset) },
        ];
      }),
    layout.sections.length - 1,
  );
}

export function segmentTable(layout: LayoutModel): HTMLElement {
  return table(
    "Segments",
    ["Segment", "Access", "Address", "In memory", "Pages", "In the file"],
    3,
    layout.segments.slice(0, MOST_ROWS).map((segment) => [
      { key: String(segment.type), content: segmentName(segment.type) },
      { key: segmentAccess(segment), content: segmentAccess(segment) },
      address(segment.address),
      {
        key: String(segment.memorySize),
        content: bytes(segment.memorySize),
        title: `${grouped(segment.memorySize)} bytes`,
      },
      amount(segment.type === PT_LOAD ? pageCount(segment.address, segment.memorySize, layout.pageSize) : 0),
      {
        key: String(segment.fileSize),
        content: bytes(segment.fileSize),
        title: `at ${hexWords(segment.fileOffset)}`,
      },
    ]),
    layout.segments.length,
  );
}

interface Cell {
  readonly key: string;
  readonly content: string | HTMLElement;
  readonly title?: string;
}

/** Columns from `firstAmount` on are numbers. */
function table(
  title: string,
  columns: readonly string[],
  firstAmount: number,
  rows: readonly (readonly Cell[])[],
  all: number,
): HTMLElement {
  const kind = (column: number) =>
    column >= firstAmount ? "amount" : (["text", "access", "address"][column] ?? "text");
  const made = element(
    "table",
    { class: "rows" },
    element(
      "thead",
      {},
      element("tr", {}, ...columns.map((name, i) => element("th", { scope: "col", class: kind(i) }, name))),
    ),
    element(
      "tbody",
      {},
      ...rows.map((cells) =>
        element(
          "tr",
          {},
          ...cells.map(({ key, content, title: more }, i) =>
            element("td", { class: kind(i), "data-key": key, ...(more === undefined ? {} : { title: more }) }, content),
          ),
        ),
      ),
    ),
  );
  makeSortable(made);
  return element(
    "section",
    {},
    element("h2", {}, title, " ", element("span", { class: "count" }, grouped(Math.max(0, all)))),
    element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": title }, made),
    rows.length < all ? element("p", { class: "dim" }, `The first ${grouped(rows.length)} are shown.`) : undefined,
  );
}

function address(value: number | undefined): Cell {
  return value === undefined
    ? { key: "", content: "not in memory" }
    : { key: value.toString(16).padStart(16, "0"), content: hexWords(value) };
}

function amount(count: number): Cell {
  return { key: String(count), content: count === 0 ? "" : grouped(count) };
}

function accessOf({ flags }: ImageSection): string {
  if (!flags.allocated) return "";
  return `${flags.tls ? "thread-local " : ""}read${flags.write ? ", write" : ""}${flags.execute ? ", execute" : ""}`;
}

function segmentAccess({ flags }: ImageSegment): string {
  const names = [flags.read ? "read" : "", flags.write ? "write" : "", flags.execute ? "execute" : ""];
  return names.filter((name) => name !== "").join(", ");
}

function pageCount(start: number, size: number, pageSize: number): number {
  return size <= 0 ? 0 : Math.floor((start + size - 1) / pageSize) - Math.floor(start / pageSize) + 1;
}

/** Symbols by the index of the section their address is in. */
function symbolCounts({ sections, symbols }: LayoutModel): ReadonlyMap<number, number> {
  const loaded = sections
    .filter(({ flags, size }) => flags.allocated && !flags.tls && size > 0)
    .sort((a, b) => a.address - b.address);
  const counts = new Map<number, number>();
  let at = 0;
  for (const address of symbols.address.toSorted((a, b) => a - b)) {
    while (at < loaded.length && loaded[at]!.address + loaded[at]!.size <= address) at++;
    const section = loaded[at];
    if (section === undefined || section.address > address) continue;
    counts.set(section.index, (counts.get(section.index) ?? 0) + 1);
  }
  return counts;
}

/** ELF gABI, "Program Header", and the GNU extensions of glibc's elf.h. */
function segmentName(type: number): string {
  return SEGMENT_NAMES.get(type) ?? `0x${type.toString(16)}`;
}

const PT_LOAD = 1;
const SEGMENT_NAMES: ReadonlyMap<number, string> = new Map([
  [0, "NULL"],
  [PT_LOAD, "LOAD"],
  [2, "DYNAMIC"],
  [3, "INTERP"],
  [4, "NOTE"],
  [5, "SHLIB"],
  [6, "PHDR"],
  [7, "TLS"],
  [0x6474e550, "GNU_EH_FRAME"],
  [0x6474e551, "GNU_STACK"],
  [0x6474e552, "GNU_RELRO"],
  [0x6474e553, "GNU_PROPERTY"],
]);

/** -ffunction-sections makes tens of thousands of sections in an object file. */
const MOST_ROWS = 2000;
