/** Units of .debug_info: the header, the root entry, and what its attributes mean (DWARF 5, section 7.5.1). */
import { InputError } from "../base/errors.js";
import type { NameSet } from "../base/name-set.js";
import type { Abbreviation, Abbreviations, AbbreviationTable } from "./abbreviations.js";
import { AT, FORM, UT } from "./dwarf-constants.js";
import { DwarfCursor } from "./dwarf-cursor.js";
import type { DwarfSections } from "./dwarf-sections.js";
import { readForm, skipForm, type Encoding } from "./forms.js";

export interface RawAttribute {
  readonly form: number;
  readonly value: number;
}

export interface UnitHeader extends Encoding {
  /** Offset in .debug_info. */
  readonly offset: number;
  /** Offset of the next unit. */
  readonly end: number;
  /** DW_UT_…; `compile` for units older than DWARF 5. */
  readonly type: number;
  readonly abbreviations: number;
  /** Offset of the root entry. */
  readonly root: number;
}

export class DwarfUnit {
  private abbreviationTable: AbbreviationTable | undefined;
  private rootAttributes: ReadonlyMap<number, RawAttribute> | undefined;

  constructor(
    readonly header: UnitHeader,
    readonly sections: DwarfSections,
    private readonly abbreviations: Abbreviations,
  ) {}

  /** Abbreviations of this unit. Throws InputError. */
  table(): AbbreviationTable {
    return (this.abbreviationTable ??= this.abbreviations.table(this.header.abbreviations, this.header));
  }

  root(): ReadonlyMap<number, RawAttribute> {
    return (this.rootAttributes ??= this.entry(this.header.root, (code) =>
      this.abbreviations.single(this.header.abbreviations, this.header, code),
    ).attributes);
  }

  /** The attributes of one entry at an offset in .debug_info. */
  entry(offset: number, lookup: (code: number) => Abbreviation | undefined = (code) => this.table().get(code)) {
    return this.window(offset, (cursor) => {
      const code = cursor.uleb();
      const abbreviation = code === 0 ? undefined : lookup(code);
      if (abbreviation === undefined) throw new InputError("malformed", ".debug_info abbreviation code", offset);
      const attributes = new Map<number, RawAttribute>();
      for (let index = 0; index < abbreviation.forms.length; index++) {
        const form = abbreviation.forms[index]!;
        const value = readForm(cursor, form, abbreviation.implicit[index]!, this.header);
        attributes.set(abbreviation.attributes[index]!, { form, value });
      }
      return { tag: abbreviation.tag, attributes };
    });
  }

  /** A cursor over the whole unit. */
  cursor(at: number): DwarfCursor {
    const { offset, end } = this.header;
    return this.cursorIn(this.sections.info.need(offset, end - offset), at, end);
  }

  /** The text of a string attribute; undefined when it lies in a supplementary file. */
  string(attribute: RawAttribute): string | undefined {
    const place = this.stringPlace(attribute);
    return place?.section.string(place.offset);
  }

  /** Whether a string attribute is one of the names, as it is or up to one of `stops`. */
  isNamed(attribute: RawAttribute, names: NameSet, stops: readonly number[]): boolean {
    const place = this.stringPlace(attribute);
    return place?.section.holds(names, place.offset, stops) === true;
  }

  private stringPlace({ form, value }: RawAttribute) {
    const { info, str, lineStr } = this.sections;
    switch (form) {
      case FORM.string:
        return { section: info, offset: value };
      case FORM.strp:
        return { section: str, offset: value };
      case FORM.line_strp:
        return { section: lineStr, offset: value };
      case FORM.strx:
      case FORM.strx1:
      case FORM.strx2:
      case FORM.strx3:
      case FORM.strx4:
      case FORM.GNU_str_index:
        return {
          section: str,
          offset: this.indexed("strOffsets", AT.str_offsets_base, value, this.header.offsetSize),
        };
      default:
        return undefined;
    }
  }

  /** The address of an attribute of class address; undefined for any other class. */
  address({ form, value }: RawAttribute): number | undefined {
    switch (form) {
      case FORM.addr:
        return value;
      case FORM.addrx:
      case FORM.addrx1:
      case FORM.addrx2:
      case FORM.addrx3:
      case FORM.addrx4:
      case FORM.GNU_addr_index:
        return this.indexedAddress(value);
      default:
        return undefined;
    }
  }

  /** Entry `index` of this unit's part of .debug_addr. */
  indexedAddress(index: number): number {
    return this.indexed("addr", AT.addr_base, index, this.header.addressSize);
  }

  /** Offset in .debug_info of the entry a reference names; undefined when it is in another file or a type unit. */
  reference({ form, value }: RawAttribute): number | undefined {
    switch (form) {
      case FORM.ref1:
      case FORM.ref2:
      case FORM.ref4:
      case FORM.ref8:
      case FORM.ref_udata:
        return this.header.offset + value;
      case FORM.ref_addr:
        return value;
      default:
        return undefined;
    }
  }

  /** Where range offsets of this unit start from when a list names no base. */
  baseAddress(): number {
    const low = this.root().get(AT.low_pc);
    return (low === undefined ? undefined : this.address(low)) ?? 0;
  }

  /** The compilation directory; "" when there is none. */
  directory(): string {
    const attribute = this.root().get(AT.comp_dir);
    return (attribute === undefined ? undefined : this.string(attribute)) ?? "";
  }

  /** Passes over the attributes of an entry. */
  skip(cursor: DwarfCursor, { skip }: Pick<Abbreviation, "skip">): void {
    for (let step = 0; step < skip.length; step++) {
      const length = skip[step]!;
      if (length >= 0) cursor.advance(length);
      else skipForm(cursor, -length, this.header);
    }
  }

  private indexed(section: "addr" | "strOffsets", base: number, index: number, size: number): number {
    const start = this.root().get(base)?.value ?? (section === "addr" ? 0 : this.header.offsetSize === 8 ? 16 : 8);
    const at = start + index * size;
    const bytes = this.sections[section].need(at, size);
    return new DwarfCursor(bytes, at, at + size, this.sections.littleEndian, `.debug_${section}`).sized(size);
  }

  /** Most entries are short: try a small piece of the unit before reading all of it. */
  private window<T>(at: number, parse: (cursor: DwarfCursor) => T): T {
    const { offset, end } = this.header;
    if (!(at >= offset && at < end)) throw new InputError("malformed", ".debug_info reference", at);
    const near = Math.min(end, at + ENTRY_WINDOW_BYTES);
    try {
      return parse(this.cursorIn(this.sections.info.need(at, near - at), at, near));
    } catch (error) {
      if (!(error instanceof InputError && error.code === "truncated") || near === end) throw error;
      return parse(this.cursor(at));
    }
  }

  private cursorIn(bytes: Uint8Array, at: number, end: number): DwarfCursor {
    return new DwarfCursor(bytes, at, end, this.sections.littleEndian, ".debug_info");
  }
}

/** Throws InputError where no unit can start at the offset. */
export function readUnitHeader(sections: DwarfSections, offset: number): UnitHeader {
  const { info, littleEndian } = sections;
  const window = Math.min(info.size, offset + MAX_HEADER_BYTES);
  const cursor = new DwarfCursor(info.upTo(offset, MAX_HEADER_BYTES), offset, window, littleEndian, ".debug_info unit");
  let length = cursor.u32();
  const offsetSize = length === 0xffff_ffff ? 8 : 4;
  if (offsetSize === 8) length = cursor.u64();
  const end = cursor.at + length;
  if (!(end <= info.size)) throw new InputError("truncated", ".debug_info unit", offset);
  const version = cursor.u16();
  if (version < 2 || version > 5) throw new InputError("unsupported", `DWARF version ${version}`, offset);
  let type: number = UT.compile;
  let addressSize = 0;
  if (version >= 5) {
    type = cursor.u8();
    addressSize = cursor.u8();
  }
  const abbreviations = cursor.sized(offsetSize);
  if (version < 5) addressSize = cursor.u8();
  if (addressSize !== 4 && addressSize !== 8) throw new InputError("unsupported", "DWARF address size", offset);
  if (type === UT.skeleton || type === UT.split_compile) cursor.advance(8);
  if (type === UT.type || type === UT.split_type) cursor.advance(8 + offsetSize);
  if (cursor.at > end) throw new InputError("malformed", ".debug_info unit", offset);
  return { offset, end, version, type, addressSize, offsetSize, abbreviations, root: cursor.at };
}

const MAX_HEADER_BYTES = 40;
const ENTRY_WINDOW_BYTES = 512;
