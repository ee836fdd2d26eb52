/** Abbreviation tables, compiled so that an uninteresting entry is skipped in a step or two (DWARF 5, section 7.5.3). */
import { InputError } from "../base/errors.js";
import type { SparseBytes } from "../base/sparse-bytes.js";
import { AT, FORM } from "./dwarf-constants.js";
import { DwarfCursor } from "./dwarf-cursor.js";
import { fixedFormSize, type Encoding } from "./forms.js";

/** Plain arrays: there are a few hundred for each unit, and a typed array costs more than what it holds. */
export interface Abbreviation {
  readonly tag: number;
  readonly hasChildren: boolean;
  readonly attributes: readonly number[];
  readonly forms: readonly number[];
  /** Values of DW_FORM_implicit_const, by attribute. */
  readonly implicit: readonly number[];
  /** How to pass over an entry: a byte count, or the negated form of a field whose content says. */
  readonly skip: readonly number[];
  /** Of entries that have a name and no origin to take another from: how to pass over what is before it, and its form. */
  readonly ownName: { readonly skip: readonly number[]; readonly form: number } | undefined;
  readonly hasSibling: boolean;
  /** Entries have addresses of their own: they are no declarations. */
  readonly ownsCode: boolean;
}

/** The abbreviations of a table by code, each decoded when it is first asked for: a query sees few of them. */
export class AbbreviationTable {
  private readonly decoded: (Abbreviation | undefined)[] = [];

  constructor(
    private readonly offsets: CodeOffsets,
    private readonly decode: (offset: number) => Abbreviation,
  ) {}

  /** undefined for a code the table does not have. Throws InputError where the abbreviation is broken. */
  get(code: number): Abbreviation | undefined {
    const index = this.offsets.indexOf(code);
    return index < 0 ? undefined : (this.decoded[index] ??= this.decode(this.offsets.offsets[index]!));
  }
}

/** Finds tables once for each encoding; units share them. */
export class Abbreviations {
  private readonly tables = new Map<string, AbbreviationTable>();

  constructor(
    private readonly section: SparseBytes,
    private readonly littleEndian: boolean,
  ) {}

  /** Throws InputError where the table runs over the end of the section. */
  table(offset: number, unit: Encoding): AbbreviationTable {
    const key = `${offset}:${unit.version === 2 ? 2 : 3}:${unit.addressSize}:${unit.offsetSize}`;
    let table = this.tables.get(key);
    if (table === undefined) {
      table = new AbbreviationTable(this.scan(offset), (at) => decodeAbbreviation(this.cursor(at), unit));
      this.tables.set(key, table);
    }
    return table;
  }

  /** One entry without a look at the table behind it: the unit's own is nearly always the first. */
  single(offset: number, unit: Encoding, code: number): Abbreviation | undefined {
    const cursor = this.cursor(offset);
    return cursor.uleb() === code ? decodeAbbreviation(cursor, unit) : this.table(offset, unit).get(code);
  }

  private scan(offset: number): CodeOffsets {
    const { size } = this.section;
    for (let window = SCAN_BYTES; ; window *= 8) {
      const end = Math.min(size, offset + window);
      const found = codeOffsets(this.section.upTo(offset, window), offset, end);
      if (found !== undefined) return found;
      if (!(end < size)) throw new InputError("truncated", ".debug_abbrev", offset);
    }
  }

  private cursor(offset: number): DwarfCursor {
    const end = Math.min(this.section.size, offset + MAX_ABBREVIATION_BYTES);
    const bytes = this.section.upTo(offset, MAX_ABBREVIATION_BYTES);
    return new DwarfCursor(bytes, Math.min(offset, end), end, this.littleEndian, ".debug_abbrev");
  }
}

/** Where in .debug_abbrev each code of a table is described, behind the code itself. */
class CodeOffsets {
  readonly offsets: number[] = [];
  /** Set where the codes are not 1, 2, 3 … as every producer counts. */
  private numbers: Map<number, number> | undefined;

  add(code: number, offset: number): void {
    const index = this.offsets.push(offset) - 1;
    if (this.numbers === undefined) {
      if (code === index + 1) return;
      this.numbers = new Map(this.offsets.slice(0, index).map((_, before) => [before + 1, before]));
    }
    this.numbers.set(code, index);
  }

  indexOf(code: number): number {
    if (this.numbers !== undefined) return this.numbers.get(code) ?? -1;
    return code >= 1 && code <= this.offsets.length ? code - 1 : -1;
  }
}

/** Passes over a table; undefined when it does not end before `end`. */
function codeOffsets(bytes: Uint8Array, offset: number, end: number): CodeOffsets | undefined {
  const found = new CodeOffsets();
  let at = offset;
  while (at < end) {
    let code = 0;
    for (let scale = 1; at < end; scale *= 128) {
      const byte = bytes[at++]!;
      code += (byte & 0x7f) * scale;
      if (byte < 0x80) break;
    }
    if (code === 0) return found;
    found.add(code, at);
    while (at < end && bytes[at++]! >= 0x80);
    at++;
    for (let attribute = -1, form = -1; attribute !== 0 || form !== 0;) {
      // Only zero and what stands for a value here matter, and both take one byte.
      attribute = at < end ? bytes[at]! : 0;
      while (at < end && bytes[at++]! >= 0x80);
      form = at < end ? bytes[at]! : 0;
      while (at < end && bytes[at++]! >= 0x80);
      if (form === FORM.implicit_const) while (at < end && bytes[at++]! >= 0x80);
    }
  }
  return undefined;
}

function decodeAbbreviation(cursor: DwarfCursor, unit: Encoding): Abbreviation {
  const tag = cursor.uleb();
  const hasChildren = cursor.u8() !== 0;
  const attributes: number[] = [];
  const forms: number[] = [];
  const implicit: number[] = [];
  for (;;) {
    const attribute = cursor.uleb();
    const form = cursor.uleb();
    const value = form === FORM.implicit_const ? cursor.sleb() : 0;
    if (attribute === 0 && form === 0) break;
    attributes.push(attribute);
    forms.push(form);
    implicit.push(value);
  }
  return {
    tag,
    hasChildren,
    attributes,
    forms,
    implicit,
    skip: skipPlan(forms, unit),
    ownName: ownName(attributes, forms, unit),
    hasSibling: attributes.includes(AT.sibling),
    ownsCode: attributes.includes(AT.low_pc) || attributes.includes(AT.ranges),
  };
}

function ownName(attributes: readonly number[], forms: readonly number[], unit: Encoding): Abbreviation["ownName"] {
  const at = attributes.indexOf(AT.name);
  if (at < 0 || attributes.includes(AT.specification) || attributes.includes(AT.abstract_origin)) return undefined;
  return { skip: skipPlan(forms.slice(0, at), unit), form: forms[at]! };
}

function skipPlan(forms: readonly number[], unit: Encoding): readonly number[] {
  const plan: number[] = [];
  let run = 0;
  for (const form of forms) {
    const size = knownSize(form, unit);
    if (size !== undefined) {
      run += size;
      continue;
    }
    if (run > 0) plan.push(run);
    run = 0;
    plan.push(-form);
  }
  if (run > 0) plan.push(run);
  return plan;
}

/** A form nobody knows is refused where it is read: a table may hold one that no entry uses. */
function knownSize(form: number, unit: Encoding): number | undefined {
  try {
    return fixedFormSize(form, unit);
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

/** What a table mostly takes; a few large ones are looked at twice. */
const SCAN_BYTES = 16 * 1024;
/** Attributes of one entry: producers stay below a hundred. */
const MAX_ABBREVIATION_BYTES = 4096;
