/** What the compiler tells of functions and variables of given names: where they are, dropped, or only inlined. */
import { NameSet } from "../base/name-set.js";
import { AT, FORM, TAG } from "./dwarf-constants.js";
import type { Abbreviation } from "./abbreviations.js";
import type { DwarfCursor } from "./dwarf-cursor.js";
import { readForm } from "./forms.js";
import type { DwarfUnit, RawAttribute } from "./unit.js";
import { fixedAddress } from "./variables.js";

/** Entries that are one function or variable: its declaration, abstract instance, and definitions. */
export interface DefinitionEntry {
  readonly unit: DwarfUnit;
  /** Offset in .debug_info. */
  readonly entry: number;
  readonly kind: "function" | "variable";
  /** The name it was found by: DW_AT_name, without namespace and parameters. */
  readonly name: string;
  /** As the linker left it: of what was dropped 0 or all ones. undefined where the entry has no code or storage. */
  readonly address: number | undefined;
  /** DW_AT_declaration: another entry defines it, of this unit or of another file. */
  readonly isDeclaration: boolean;
  /** The entry this one completes or instantiates. */
  readonly origin: number | undefined;
}

export interface FoundDefinitions {
  readonly entries: readonly DefinitionEntry[];
  /** Inlined calls by the entry they are instances of. */
  readonly inlinedCalls: ReadonlyMap<number, number>;
}

/** Scans the units until nothing more refers to what was found. Throws InputError at a broken unit. */
export function findDefinitions(units: readonly DwarfUnit[], names: ReadonlySet<string>): FoundDefinitions {
  const wanted = new NameSet(names);
  const entries = new Map<number, DefinitionEntry>();
  let inlinedCalls = new Map<number, number>();
  let left = units;
  for (let walk = 0, before = -1; walk < MOST_WALKS && entries.size > before; walk++) {
    before = entries.size;
    inlinedCalls = new Map();
    // Only where something was found, or that refers to other units, can another walk find more.
    left = left.filter((unit) => scan(unit, wanted, entries, inlinedCalls));
    // Nothing of the name: another walk finds no more.
    if (entries.size === 0) break;
  }
  return { entries: [...entries.values()], inlinedCalls };
}

/** Whether something was found, or what was not found may be in another unit. */
function scan(
  unit: DwarfUnit,
  names: NameSet,
  entries: Map<number, DefinitionEntry>,
  inlinedCalls: Map<number, number>,
): boolean {
  let mayHaveMore = false;
  const table = unit.table();
  const cursor = unit.cursor(unit.header.root);
  const fields = new Fields();
  const outer: boolean[] = [];
  let inFunction = false;
  while (!cursor.done) {
    const entry = cursor.at;
    const code = cursor.uleb();
    const abbreviation = code === 0 ? undefined : table.get(code);
    if (abbreviation === undefined) {
      inFunction = outer.pop() ?? false;
      continue;
    }
    const { tag } = abbreviation;
    const isDefinition = tag === TAG.subprogram || tag === TAG.variable || tag === TAG.inlined_subroutine;
    if (isDefinition && !isOtherName(names, unit, cursor, abbreviation)) {
      fields.read(unit, cursor, abbreviation);
      const origin = fields.origin === undefined ? undefined : unit.reference(fields.origin);
      const known = origin === undefined ? undefined : entries.get(origin);
      mayHaveMore ||= known !== undefined || fields.origin?.form === FORM.ref_addr;
      if (tag === TAG.inlined_subroutine) {
        if (known !== undefined) inlinedCalls.set(known.entry, (inlinedCalls.get(known.entry) ?? 0) + 1);
      } else if (!entries.has(entry)) {
        const name = known?.name ?? nameAmong(names, unit, fields, origin);
        const kind = tag === TAG.subprogram ? "function" : "variable";
        const address =
          name === undefined ? undefined : kind === "function" ? fields.codeAddress(unit) : fields.dataAddress(unit);
        // A variable of a function's frame has the name by chance: one with storage of its own does not lie there.
        if (name !== undefined && !(kind === "variable" && inFunction && address === undefined)) {
          entries.set(entry, { unit, entry, kind, name, address, isDeclaration: fields.isDeclaration, origin });
          mayHaveMore = true;
        }
      }
    } else unit.skip(cursor, abbreviation);
    if (abbreviation.hasChildren) {
      outer.push(inFunction);
      inFunction ||= tag === TAG.subprogram;
    }
  }
  return mayHaveMore;
}

/** Most entries have a name of their own, which is none of those: the rest of them need not be read. The cursor stays. */
function isOtherName(names: NameSet, unit: DwarfUnit, cursor: DwarfCursor, { ownName }: Abbreviation): boolean {
  if (ownName === undefined) return false;
  const start = cursor.at;
  unit.skip(cursor, ownName);
  const value = readForm(cursor, ownName.form, 0, unit.header);
  cursor.at = start;
  return !unit.isNamed({ form: ownName.form, value }, names, ARGUMENTS);
}

/**
 * An instance of a template is named with its arguments: "twice<int>". A static member is declared as DW_TAG_member before
 * DWARF 5: its definition refers to what has no place among these entries.
 */
function nameAmong(
  names: NameSet,
  unit: DwarfUnit,
  { name, isSpecified }: Fields,
  origin: number | undefined,
): string | undefined {
  const told = name ?? (isSpecified ? nameAt(unit, origin) : undefined);
  return told !== undefined && unit.isNamed(told, names, ARGUMENTS) ? unit.string(told) : undefined;
}

function nameAt(unit: DwarfUnit, entry: number | undefined): RawAttribute | undefined {
  if (entry === undefined || entry < unit.header.offset || entry >= unit.header.end) return undefined;
  return unit.entry(entry).attributes.get(AT.name);
}

const ARGUMENTS: readonly number[] = ["<".charCodeAt(0)];

/** The attributes of one entry that matter here; one object for all entries, since there are millions. */
class Fields {
  name: RawAttribute | undefined;
  origin: RawAttribute | undefined;
  /** The origin is the declaration that the entry completes. */
  isSpecified = false;
  isDeclaration = false;
  private low: RawAttribute | undefined;
  private location: RawAttribute | undefined;

  read(
    unit: DwarfUnit,
    cursor: DwarfCursor,
    { attributes, forms, implicit }: { readonly [list in "attributes" | "forms" | "implicit"]: ArrayLike<number> },
  ): void {
    this.name = this.origin = this.low = this.location = undefined;
    this.isSpecified = this.isDeclaration = false;
    for (let index = 0; index < forms.length; index++) {
      const form = forms[index]!;
      const value = readForm(cursor, form, implicit[index]!, unit.header);
      switch (attributes[index]) {
        case AT.name:
          this.name = { form, value };
          break;
        case AT.specification:
        case AT.abstract_origin:
          this.isSpecified = attributes[index] === AT.specification;
          this.origin = { form, value };
          break;
        case AT.declaration:
          this.isDeclaration = true;
          break;
        case AT.low_pc:
          this.low = { form, value };
          break;
        case AT.location:
          this.location = { form, value };
          break;
      }
    }
  }

  codeAddress(unit: DwarfUnit): number | undefined {
    return this.low === undefined ? undefined : unit.address(this.low);
  }

  dataAddress(unit: DwarfUnit): number | undefined {
    return this.location === undefined ? undefined : fixedAddress(unit, this.location);
  }
}

/** From a declaration to its abstract instance to a definition, in whatever order they stand. */
const MOST_WALKS = 4;
