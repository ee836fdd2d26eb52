/** Abbreviation tables, compiled so that an uninteresting entry is skipped in a step or two (DWARF 5, section 7.5.3). */
import { InputError } from "../base/errors.js";
import type { SparseBytes } from "../base/sparse-bytes.js";
import { AT } from "./dwarf-constants.js";
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
  readonly hasSibling: boolean;
}

export type AbbreviationTable = ReadonlyMap<number, Abbreviation>;

/** Decodes tables once for each encoding; units share them. */
export class Abbreviations {
  private readonly tables = new Map<string, AbbreviationTable>();

  constructor(
    private readonly section: SparseBytes,
    private readonly littleEndian: boolean,
  ) {}

  table(offset: number, unit: Encoding): AbbreviationTable {
    const key = `${offset}:${unit.version === 2 ? 2 : 3}:${unit.addressSize}:${unit.offsetSize}`;
    let table = this.tables.get(key);
    if (table === undefined) {
      table = this.decode(offset, unit, undefined);
      this.tables.set(key, table);
    }
    return table;
  }

  /** One entry without decoding the table behind it: the unit's own is nearly always the first. */
  single(offset: number, unit: Encoding, code: number): Abbreviation | undefined {
    return this.decode(offset, unit, code).get(code);
  }

  private decode(offset: number, unit: Encoding, only: number | undefined): AbbreviationTable {
    let window = only === undefined ? 8192 : 512;
    for (;;) {
      const bytes = this.section.upTo(offset, window);
      const end = Math.min(this.section.size, offset + window);
      const cursor = new DwarfCursor(bytes, Math.min(offset, end), end, this.littleEndian, ".debug_abbrev");
      try {
        return decodeTable(cursor, unit, only);
      } catch (error) {
        // The table did not fit the window that was read; where the section ends it really is cut off.
        if (!(error instanceof InputError && error.code === "truncated") || end === this.section.size) throw error;
        window *= 8;
      }
    }
  }
}

function decodeTable(cursor: DwarfCursor, unit: Encoding, only: number | undefined): AbbreviationTable {
  const table = new Map<number, Abbreviation>();
  for (;;) {
    const code = cursor.uleb();
    if (code === 0) return table;
    table.set(code, decodeAbbreviation(cursor, unit));
    if (code === only) return table;
  }
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
    const value = form === 0x21 ? cursor.sleb() : 0;
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
    hasSibling: attributes.includes(AT.sibling),
  };
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
