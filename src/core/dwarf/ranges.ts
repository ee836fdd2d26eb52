/** Address ranges of an entry: low and high, or a list in .debug_ranges or .debug_rnglists (DWARF 5, section 2.17). */
import { InputError } from "../base/errors.js";
import { AT, FORM, RLE } from "./dwarf-constants.js";
import { DwarfCursor } from "./dwarf-cursor.js";
import type { DwarfUnit, RawAttribute } from "./unit.js";

type Visit = (low: number, high: number) => void;

/** Calls `visit` for each range an entry covers; empty and backward ranges are left out. */
export function visitRanges(
  unit: DwarfUnit,
  low: RawAttribute | undefined,
  high: RawAttribute | undefined,
  ranges: RawAttribute | undefined,
  visit: Visit,
): void {
  const nonEmpty: Visit = (start, end) => {
    if (start < end) visit(start, end);
  };
  const start = low === undefined ? undefined : unit.address(low);
  if (start !== undefined && high !== undefined) {
    nonEmpty(start, unit.address(high) ?? start + high.value);
  } else if (ranges !== undefined) {
    if (unit.header.version >= 5) visitRangeList(unit, ranges, nonEmpty);
    else visitOldRangeList(unit, ranges, nonEmpty);
  }
}

/** Pairs until a pair of zeros; a first value of all ones sets the base (DWARF 4, section 2.17.3). */
function visitOldRangeList(unit: DwarfUnit, { value }: RawAttribute, visit: Visit): void {
  const size = unit.header.addressSize;
  const baseMark = size === 8 ? 2 ** 64 : 2 ** 32 - 1;
  let base = unit.baseAddress();
  const cursor = listCursor(unit, "ranges", value);
  for (;;) {
    const low = cursor.sized(size);
    const high = cursor.sized(size);
    if (low === 0 && high === 0) return;
    if (low === baseMark) base = high;
    else visit(base + low, base + high);
  }
}

function visitRangeList(unit: DwarfUnit, { form, value }: RawAttribute, visit: Visit): void {
  const cursor = listCursor(unit, "rnglists", form === FORM.rnglistx ? indexedList(unit, value) : value);
  const address = (): number => cursor.sized(unit.header.addressSize);
  const indexed = (): number => unit.indexedAddress(cursor.uleb());
  let base = unit.baseAddress();
  for (;;) {
    const kind = cursor.u8();
    switch (kind) {
      case RLE.end_of_list:
        return;
      case RLE.base_addressx:
        base = indexed();
        break;
      case RLE.base_address:
        base = address();
        break;
      case RLE.offset_pair: {
        const low = cursor.uleb();
        visit(base + low, base + cursor.uleb());
        break;
      }
      case RLE.startx_endx: {
        const low = indexed();
        visit(low, indexed());
        break;
      }
      case RLE.startx_length: {
        const low = indexed();
        visit(low, low + cursor.uleb());
        break;
      }
      case RLE.start_end: {
        const low = address();
        visit(low, address());
        break;
      }
      case RLE.start_length: {
        const low = address();
        visit(low, low + cursor.uleb());
        break;
      }
      default:
        throw new InputError("malformed", ".debug_rnglists entry", cursor.at);
    }
  }
}

/** The offsets table follows the list header, where DW_AT_rnglists_base points. */
function indexedList(unit: DwarfUnit, index: number): number {
  const { offsetSize } = unit.header;
  const base = unit.root().get(AT.rnglists_base)?.value ?? (offsetSize === 8 ? 20 : 12);
  return base + listCursor(unit, "rnglists", base + index * offsetSize).sized(offsetSize);
}

/** Range lists carry no length: the section is their bound, and they are short. */
function listCursor(unit: DwarfUnit, name: "ranges" | "rnglists", at: number): DwarfCursor {
  const section = unit.sections[name];
  // The whole section is a fraction of the file, and lists follow one another in the order of use.
  return new DwarfCursor(section.need(0, section.size), at, section.size, unit.sections.littleEndian, `.debug_${name}`);
}
