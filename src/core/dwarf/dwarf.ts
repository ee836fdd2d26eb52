/** Debug information, decoded unit by unit on first use: an address to its source line and the calls inlined there. */
import { attempt, type InputError } from "../base/errors.js";
import { MAX_DIE_REFERENCES } from "../base/limits.js";
import { AT } from "./dwarf-constants.js";
import type { DwarfSections } from "./dwarf-sections.js";
import { findDefinitions, type DefinitionEntry } from "./definitions.js";
import { readDeclared, type Declared, type DeclaredAt } from "./functions.js";
import { IntervalMap } from "./interval-map.js";
import { readLineHeader, type LineHeader } from "./line-header.js";
import { readLineRows, rowAt, RowList, type LineRows } from "./line-rows.js";
import { readScopes, type ScopeTree } from "./scopes.js";
import type { DwarfUnit } from "./unit.js";
import { UnitIndex } from "./unit-index.js";
import { visitVariables } from "./variables.js";

export interface DwarfPosition {
  readonly file: string | undefined;
  /** 0 when unknown. */
  readonly line: number;
  readonly column: number;
}

/** One level of an inlined call chain. */
export interface DwarfFrame extends DwarfPosition {
  /** Of the file as it was compiled, lower-case hexadecimal; where the compiler recorded it. */
  readonly md5?: string | undefined;
  /** undefined when the line table knows the address but no function does. */
  readonly scope: DwarfScopeName | undefined;
}

export interface DwarfScopeName {
  readonly name: string | undefined;
  readonly linkageName: string | undefined;
  readonly declaration: DwarfPosition | undefined;
}

/** A function or variable as one compilation unit has it, with all entries that belong together. */
export interface DwarfDefinition extends DwarfScopeName {
  readonly kind: "function" | "variable";
  /** Where the linker put it; what it dropped is at 0 or beyond all code. Empty where it is only declared or inlined. */
  readonly addresses: readonly number[];
  /** Calls of it that were inlined, wherever. */
  readonly inlinedCalls: number;
  /** Another file defines it: this one only uses it. */
  readonly declaredOnly: boolean;
  readonly unit: DwarfUnitName;
}

/** What was compiled, where, and by whom. */
export interface DwarfUnitName {
  /** DW_AT_name, as it stood on the command line; "" where the unit has none. */
  readonly name: string;
  /** DW_AT_comp_dir */
  readonly directory: string;
  /** DW_AT_producer: the compiler, with its options where they were recorded. */
  readonly producer: string;
  /** DW_LANG_…; 0: unknown. */
  readonly language: number;
}

export interface DwarfOptions {
  /** Whether an address is in code: what is not belongs to functions the linker dropped. */
  readonly isCode: (address: number) => boolean;
  /** Told once for each kind of trouble. */
  readonly problem: (text: string) => void;
}

export class Dwarf {
  private readonly index: UnitIndex;
  private readonly rowList: RowList;
  private readonly states = new Map<DwarfUnit, UnitState>();
  private readonly names = new Map<number, DwarfScopeName>();
  private variables: ReadonlyMap<number, number> | undefined;

  constructor(
    sections: DwarfSections,
    private readonly options: DwarfOptions,
  ) {
    this.rowList = new RowList(options.isCode);
    this.index = new UnitIndex(sections, options.isCode, options.problem);
  }

  /** Innermost inlined call first, the function last; empty where no unit covers the address. */
  framesAt(address: number): readonly DwarfFrame[] {
    const unit = this.index.unitAt(address);
    if (unit === undefined) return [];
    const state = this.state(unit);
    const frames: DwarfFrame[] = [];
    const found = this.scopeAt(state, address);
    let position = this.position(state, address);
    if (found === undefined) return position === undefined ? [] : [{ ...position, scope: undefined }];
    const { tree } = found;
    for (let scope = found.scope; scope >= 0; scope = tree.parents[scope]!) {
      frames.push({ ...(position ?? NOWHERE), scope: this.nameOf(tree.entries[scope]!, unit) });
      position = {
        file: this.file(state, tree.callFiles[scope]!),
        md5: this.md5(state, tree.callFiles[scope]!),
        line: tree.callLines[scope]!,
        column: tree.callColumns[scope]!,
      };
    }
    return frames;
  }

  /** Where the variable at exactly this address is declared. The first call scans every unit. */
  variableAt(address: number): DwarfScopeName | undefined {
    this.variables ??= this.scanVariables();
    const entry = this.variables.get(address);
    if (entry === undefined) return undefined;
    const unit = attempt(() => this.index.unitOfEntry(entry));
    return unit.ok ? this.nameOf(entry, unit.value) : undefined;
  }

  /** Everything of one of these names (DW_AT_name: without namespace and parameters). Scans every unit. */
  definitions(names: ReadonlySet<string>): readonly DwarfDefinition[] {
    const units = this.index.all().flatMap((offset) => this.try(() => this.index.unit(offset)) ?? []);
    const found = this.try(() => findDefinitions(units, names));
    if (found === undefined) return [];
    const byEntry = new Map(found.entries.map((one) => [one.entry, one]));
    const groups = new Map<number, DefinitionEntry[]>();
    for (const one of found.entries) {
      let first = one;
      // An origin that is its own origin is damage: the bound ends it.
      for (let step = 0; step < MAX_DIE_REFERENCES; step++) {
        const origin = first.origin === undefined ? undefined : byEntry.get(first.origin);
        if (origin === undefined) break;
        first = origin;
      }
      const group = groups.get(first.entry);
      if (group === undefined) groups.set(first.entry, [one]);
      else group.push(one);
    }
    return [...groups.values()].map((group) => ({
      ...this.mostNamed(group),
      kind: group[0]!.kind,
      addresses: group.flatMap(({ address }) => address ?? []),
      inlinedCalls: group.reduce((sum, { entry }) => sum + (found.inlinedCalls.get(entry) ?? 0), 0),
      declaredOnly: group.every(({ isDeclaration }) => isDeclaration),
      unit: this.unitName((group.find(({ address }) => address !== undefined) ?? group[0]!).unit),
    }));
  }

  private unitName(unit: DwarfUnit): DwarfUnitName {
    const root = this.try(() => unit.root());
    const text = (key: number): string => {
      const attribute = root?.get(key);
      return (attribute && this.try(() => unit.string(attribute))) ?? "";
    };
    return {
      name: text(AT.name),
      directory: text(AT.comp_dir),
      producer: text(AT.producer),
      language: root?.get(AT.language)?.value ?? 0,
    };
  }

  /** Of several entries the definition knows most: it refers to the others. */
  private mostNamed(group: readonly DefinitionEntry[]): DwarfScopeName {
    const named = group.map(({ entry, unit }) => this.nameOf(entry, unit));
    return named.find(({ linkageName }) => linkageName !== undefined) ?? named[0]!;
  }

  private scanVariables(): ReadonlyMap<number, number> {
    const found = new Map<number, number>();
    for (const offset of this.index.all()) {
      const visit = (address: number, entry: number): void => {
        // Only the defining entry has a location; of several the first is as good as any.
        if (!found.has(address)) found.set(address, entry);
      };
      this.try(() => visitVariables(this.index.unit(offset), visit));
    }
    return found;
  }

  /** The function's own tree, or the unit's where it is nested in a function that does not cover it. */
  private scopeAt(state: UnitState, address: number): { tree: ScopeTree; scope: number } | undefined {
    const { unit } = state;
    const walk = { from: unit.header.root, functionsOnly: true, isCode: this.options.isCode };
    state.functions ??= this.try(() => readScopes(unit, walk)) ?? EMPTY_TREE;
    const owner = state.functions.map.ownerAt(address);
    if (owner < 0) {
      state.everything ??= this.try(() => readScopes(unit, { ...walk, functionsOnly: false })) ?? EMPTY_TREE;
      const scope = state.everything.map.ownerAt(address);
      return scope < 0 ? undefined : { tree: state.everything, scope };
    }
    const entry = state.functions.entries[owner]!;
    let tree = state.inlines.get(entry);
    if (tree === undefined) {
      tree = this.try(() => readScopes(unit, { ...walk, from: entry, functionsOnly: false })) ?? EMPTY_TREE;
      state.inlines.set(entry, tree);
    }
    const scope = tree.map.ownerAt(address);
    return scope < 0 ? { tree: state.functions, scope: owner } : { tree, scope };
  }

  private position(state: UnitState, address: number): Omit<DwarfFrame, "scope"> | undefined {
    const header = this.header(state);
    if (header === undefined) return undefined;
    const { sections } = state.unit;
    state.rows ??= this.try(() => readLineRows(sections, header, this.rowList)) ?? NO_ROWS;
    const row = rowAt(state.rows, address);
    if (row < 0) return undefined;
    const file = this.file(state, state.rows.files[row]!);
    if (file === undefined) return undefined;
    const md5 = this.md5(state, state.rows.files[row]!);
    return { file, md5, line: state.rows.lines[row]!, column: state.rows.columns[row]! };
  }

  private file(state: UnitState, index: number): string | undefined {
    return this.try(() => this.header(state)?.files.path(index));
  }

  private md5(state: UnitState, index: number): string | undefined {
    return this.try(() => this.header(state)?.files.md5(index));
  }

  private header(state: UnitState): LineHeader | undefined {
    if (state.header !== undefined) return state.header.value;
    const value = this.try(() => {
      const offset = state.unit.root().get(AT.stmt_list);
      return offset === undefined ? undefined : readLineHeader(state.unit, offset.value);
    });
    state.header = { value };
    return value;
  }

  private nameOf(entry: number, unit: DwarfUnit): DwarfScopeName {
    let name = this.names.get(entry);
    if (name === undefined) {
      name = this.describe(readDeclared(entry, unit, (offset) => this.index.unitOfEntry(offset)));
      this.names.set(entry, name);
    }
    return name;
  }

  private describe({ name, linkageName, declaration, elsewhere }: Declared): DwarfScopeName {
    if (elsewhere) this.options.problem("names in a supplementary file (dwz) or a type unit are not read");
    return { name, linkageName, declaration: declaration && this.declared(declaration) };
  }

  private declared({ unit, file, line, column }: DeclaredAt): DwarfPosition {
    return { file: this.file(this.state(unit), file), line, column };
  }

  private state(unit: DwarfUnit): UnitState {
    let state = this.states.get(unit);
    if (state === undefined) {
      state = { unit, inlines: new Map() };
      this.states.set(unit, state);
    }
    return state;
  }

  /** A broken unit is a problem to tell, not a reason to lose the others. */
  private try<T>(parse: () => T): T | undefined {
    const result = attempt(parse);
    if (result.ok) return result.value;
    this.options.problem(describeProblem(result.error));
    return undefined;
  }
}

/** What of a unit has been decoded so far. */
interface UnitState {
  readonly unit: DwarfUnit;
  header?: { readonly value: LineHeader | undefined };
  rows?: LineRows;
  /** Functions only, and everything: the second where the first does not know an address. */
  functions?: ScopeTree;
  everything?: ScopeTree;
  /** Inlined calls by the function's entry. */
  readonly inlines: Map<number, ScopeTree>;
}

function describeProblem(error: InputError): string {
  return `debug information: ${error.message}`;
}

const NOWHERE: DwarfPosition = { file: undefined, line: 0, column: 0 };
const EMPTY_TREE: ScopeTree = {
  map: new IntervalMap([], [], []),
  entries: [],
  parents: [],
  callFiles: [],
  callLines: [],
  callColumns: [],
};
const NO_ROWS: LineRows = {
  addresses: new Float64Array(),
  files: new Uint32Array(),
  lines: new Uint32Array(),
  columns: new Uint16Array(),
  lows: new Float64Array(),
  highs: new Float64Array(),
  firsts: new Uint32Array(),
  ends: new Uint32Array(),
};
