/** Which function, and which calls inlined into it, an address belongs to. */
import { InputError } from "../base/errors.js";
import { MAX_DIE_DEPTH, MAX_UNIT_RANGES } from "../base/limits.js";
import type { Abbreviation } from "./abbreviations.js";
import { AT, TAG } from "./dwarf-constants.js";
import type { DwarfCursor } from "./dwarf-cursor.js";
import { readForm } from "./forms.js";
import { IntervalMap } from "./interval-map.js";
import { visitRanges } from "./ranges.js";
import type { DwarfUnit, RawAttribute } from "./unit.js";

/** Scopes that own addresses, as columns; a scope is an index into them. Plain arrays: most trees are small, and many. */
export interface ScopeTree {
  /** Address to innermost scope. */
  readonly map: IntervalMap;
  /** Offset in .debug_info of the scope's entry. */
  readonly entries: readonly number[];
  /** The scope this one was inlined into; -1 for a function. */
  readonly parents: readonly number[];
  /** Where the inlined call stands in the parent; 0 when unknown. */
  readonly callFiles: readonly number[];
  readonly callLines: readonly number[];
  readonly callColumns: readonly number[];
}

export interface ScopeWalk {
  /** Offset of the entry to walk: the unit's root, or one function. */
  readonly from: number;
  /** Leave inlined calls out, and pass over the inside of functions where a sibling offset makes that free. */
  readonly functionsOnly: boolean;
  /** False for addresses of functions the linker dropped, which it leaves at 0 or at all ones. */
  readonly isCode: (address: number) => boolean;
}

/** Throws InputError when the unit is broken. */
export function readScopes(unit: DwarfUnit, walk: ScopeWalk): ScopeTree {
  const scopes = new ScopeList(walk.isCode);
  const table = unit.table();
  const cursor = unit.cursor(walk.from);
  const fields = new ScopeFields();
  const outer: number[] = [];
  let scope = -1;
  while (!cursor.done) {
    const offset = cursor.at;
    const code = cursor.uleb();
    if (code === 0) {
      scope = outer.pop() ?? -1;
      if (outer.length === 0) break;
      continue;
    }
    const abbreviation = table.get(code);
    if (abbreviation === undefined) throw new InputError("malformed", ".debug_info abbreviation code", offset);
    const { tag, hasChildren } = abbreviation;
    let inner = scope;
    const isScope = tag === TAG.subprogram || (tag === TAG.inlined_subroutine && !walk.functionsOnly);
    if (isScope && abbreviation.ownsCode) {
      fields.read(unit, cursor, abbreviation);
      inner = scopes.add(unit, offset, tag === TAG.subprogram ? -1 : scope, fields, scope);
    } else if (hasChildren && walk.functionsOnly && !NAMESPACES.has(tag))
      fields.readSibling(unit, cursor, abbreviation);
    else unit.skip(cursor, abbreviation);
    if (hasChildren) {
      if (walk.functionsOnly && !NAMESPACES.has(tag) && fields.hop(unit, cursor)) continue;
      if (outer.length >= MAX_DIE_DEPTH) throw new InputError("too-large", ".debug_info nesting", offset);
      outer.push(scope);
      scope = inner;
    } else if (outer.length === 0) break;
  }
  return scopes.tree();
}

/** What functions are declared in, and where their code is described; elsewhere only the other walk looks for it. */
const NAMESPACES: ReadonlySet<number> = new Set([TAG.compile_unit, TAG.partial_unit, TAG.namespace, TAG.module]);

/** The attributes of an entry that matter here; one object for all entries, since there are millions. */
class ScopeFields {
  low: RawAttribute | undefined;
  high: RawAttribute | undefined;
  ranges: RawAttribute | undefined;
  callFile = 0;
  callLine = 0;
  callColumn = 0;
  private sibling: number | undefined;

  read(unit: DwarfUnit, cursor: DwarfCursor, abbreviation: Abbreviation): void {
    const { attributes, forms, implicit } = abbreviation;
    this.low = this.high = this.ranges = this.sibling = undefined;
    this.callFile = this.callLine = this.callColumn = 0;
    for (let index = 0; index < forms.length; index++) {
      const form = forms[index]!;
      const value = readForm(cursor, form, implicit[index]!, unit.header);
      switch (attributes[index]) {
        case AT.low_pc:
          this.low = { form, value };
          break;
        case AT.high_pc:
          this.high = { form, value };
          break;
        case AT.ranges:
          this.ranges = { form, value };
          break;
        case AT.sibling:
          this.sibling = unit.reference({ form, value });
          break;
        case AT.call_file:
          this.callFile = value;
          break;
        case AT.call_line:
          this.callLine = value;
          break;
        case AT.call_column:
          this.callColumn = value;
          break;
      }
    }
  }

  readSibling(unit: DwarfUnit, cursor: DwarfCursor, abbreviation: Abbreviation): void {
    if (abbreviation.hasSibling) return this.read(unit, cursor, abbreviation);
    this.sibling = undefined;
    unit.skip(cursor, abbreviation);
  }

  /** Passes over the children of the entry read last, where it says where they end. */
  hop(unit: DwarfUnit, cursor: DwarfCursor): boolean {
    const { sibling } = this;
    if (sibling === undefined || !(sibling > cursor.at && sibling <= unit.header.end)) return false;
    cursor.at = sibling;
    return true;
  }
}

class ScopeList {
  private readonly lows: number[] = [];
  private readonly highs: number[] = [];
  private readonly owners: number[] = [];
  private readonly entries: number[] = [];
  private readonly parents: number[] = [];
  private readonly callFiles: number[] = [];
  private readonly callLines: number[] = [];
  private readonly callColumns: number[] = [];
  private visited = 0;

  constructor(private readonly isCode: (address: number) => boolean) {}

  /** The new scope, or `otherwise` when the entry owns no addresses. */
  add(unit: DwarfUnit, entry: number, parent: number, fields: ScopeFields, otherwise: number): number {
    const scope = this.entries.length;
    const before = this.lows.length;
    visitRanges(unit, fields.low, fields.high, fields.ranges, (low, high) => {
      // Entries may share one long list, so the bytes alone do not bound this.
      if (++this.visited > MAX_UNIT_RANGES) throw new InputError("too-large", ".debug_info ranges", entry);
      if (!this.isCode(low)) return;
      this.lows.push(low);
      this.highs.push(high);
      this.owners.push(scope);
    });
    if (this.lows.length === before) return otherwise;
    this.entries.push(entry);
    this.parents.push(parent);
    this.callFiles.push(fields.callFile);
    this.callLines.push(fields.callLine);
    this.callColumns.push(fields.callColumn);
    return scope;
  }

  tree(): ScopeTree {
    const { entries, parents, callFiles, callLines, callColumns } = this;
    const map = new IntervalMap(this.lows, this.highs, this.owners);
    return { map, entries, parents, callFiles, callLines, callColumns };
  }
}
