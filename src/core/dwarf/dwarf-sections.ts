/** The sections DWARF is spread over. Whoever knows the container fills them in; an absent one is empty. */
import type { SparseBytes } from "../base/sparse-bytes.js";

export interface DwarfSections {
  readonly littleEndian: boolean;
  readonly info: SparseBytes;
  readonly abbrev: SparseBytes;
  readonly line: SparseBytes;
  readonly str: SparseBytes;
  readonly lineStr: SparseBytes;
  readonly aranges: SparseBytes;
  readonly ranges: SparseBytes;
  readonly rnglists: SparseBytes;
  readonly addr: SparseBytes;
  readonly strOffsets: SparseBytes;
}

/** Section name without ".debug_" to the field it fills. */
export const DWARF_SECTION_NAMES: Readonly<Record<string, Exclude<keyof DwarfSections, "littleEndian">>> = {
  info: "info",
  abbrev: "abbrev",
  line: "line",
  str: "str",
  line_str: "lineStr",
  aranges: "aranges",
  ranges: "ranges",
  rnglists: "rnglists",
  addr: "addr",
  str_offsets: "strOffsets",
};
