/** Attribute forms: how long each is, and how its raw value is read (DWARF 5, section 7.5.6). */
import { InputError } from "../base/errors.js";
import { FORM } from "./dwarf-constants.js";
import type { DwarfCursor } from "./dwarf-cursor.js";

/** What the length of a form depends on. */
export interface Encoding {
  readonly version: number;
  readonly addressSize: number;
  /** 4, or 8 in 64-bit DWARF. */
  readonly offsetSize: number;
}

/**
 * The raw value: an address, number, index or section offset. Of strings in place the offset of the text, of blocks the
 * offset of their length: both are in .debug_info. What it means, `form` says.
 */
export function readForm(cursor: DwarfCursor, form: number, implicit: number, unit: Encoding): number {
  switch (form) {
    case FORM.data1:
    case FORM.ref1:
    case FORM.flag:
    case FORM.strx1:
    case FORM.addrx1:
      return cursor.u8();
    case FORM.data2:
    case FORM.ref2:
    case FORM.strx2:
    case FORM.addrx2:
      return cursor.u16();
    case FORM.data4:
    case FORM.ref4:
    case FORM.strx4:
    case FORM.addrx4:
      return cursor.u32();
    case FORM.udata:
    case FORM.ref_udata:
    case FORM.strx:
    case FORM.addrx:
    case FORM.rnglistx:
      return cursor.uleb();
    case FORM.strp:
    case FORM.line_strp:
    case FORM.sec_offset:
      return unit.offsetSize === 4 ? cursor.u32() : cursor.u64();
    case FORM.addr:
      return unit.addressSize === 8 ? cursor.u64() : cursor.u32();
    case FORM.flag_present:
      return 1;
    case FORM.implicit_const:
      return implicit;
    case FORM.sdata:
      return cursor.sleb();
    case FORM.string:
      return cursor.skipString();
    case FORM.strx3:
    case FORM.addrx3:
      return cursor.u24();
    case FORM.block:
    case FORM.exprloc:
    case FORM.block1:
    case FORM.block2:
    case FORM.block4: {
      const start = cursor.at;
      skipForm(cursor, form, unit);
      return start;
    }
    case FORM.data16:
      return cursor.advance(16);
    case FORM.indirect:
      throw new InputError("unsupported", "DWARF form indirect", cursor.at);
    default: {
      const size = fixedFormSize(form, unit);
      return size === undefined ? cursor.uleb() : cursor.sized(size);
    }
  }
}

export function skipForm(cursor: DwarfCursor, form: number, unit: Encoding): void {
  const size = fixedFormSize(form, unit);
  if (size !== undefined) {
    cursor.advance(size);
    return;
  }
  switch (form) {
    case FORM.string:
      cursor.skipString();
      return;
    case FORM.block:
    case FORM.exprloc:
      cursor.advance(cursor.uleb());
      return;
    case FORM.block1:
      cursor.advance(cursor.u8());
      return;
    case FORM.block2:
      cursor.advance(cursor.u16());
      return;
    case FORM.block4:
      cursor.advance(cursor.u32());
      return;
    default:
      cursor.skipLeb();
  }
}

/** Bytes of the form; undefined when its content says. Throws InputError for a form DWARF does not know. */
export function fixedFormSize(form: number, unit: Encoding): number | undefined {
  switch (form) {
    case FORM.flag_present:
    case FORM.implicit_const:
      return 0;
    case FORM.data1:
    case FORM.ref1:
    case FORM.flag:
    case FORM.strx1:
    case FORM.addrx1:
      return 1;
    case FORM.data2:
    case FORM.ref2:
    case FORM.strx2:
    case FORM.addrx2:
      return 2;
    case FORM.strx3:
    case FORM.addrx3:
      return 3;
    case FORM.data4:
    case FORM.ref4:
    case FORM.strx4:
    case FORM.addrx4:
    case FORM.ref_sup4:
      return 4;
    case FORM.data8:
    case FORM.ref8:
    case FORM.ref_sig8:
    case FORM.ref_sup8:
      return 8;
    case FORM.data16:
      return 16;
    case FORM.addr:
      return unit.addressSize;
    case FORM.strp:
    case FORM.line_strp:
    case FORM.sec_offset:
    case FORM.strp_sup:
    case FORM.GNU_ref_alt:
    case FORM.GNU_strp_alt:
      return unit.offsetSize;
    case FORM.ref_addr:
      return unit.version === 2 ? unit.addressSize : unit.offsetSize;
    case FORM.sdata:
    case FORM.udata:
    case FORM.ref_udata:
    case FORM.strx:
    case FORM.addrx:
    case FORM.loclistx:
    case FORM.rnglistx:
    case FORM.GNU_addr_index:
    case FORM.GNU_str_index:
    case FORM.string:
    case FORM.block:
    case FORM.exprloc:
    case FORM.block1:
    case FORM.block2:
    case FORM.block4:
      return undefined;
    default:
      throw new InputError("unsupported", `DWARF form 0x${form.toString(16)}`);
  }
}
