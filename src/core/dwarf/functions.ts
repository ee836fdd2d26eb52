/** Names and declarations of functions and variables, through abstract origins and specifications. */
import { attempt } from "../base/errors.js";
import { MAX_DIE_REFERENCES } from "../base/limits.js";
import { AT, FORM } from "./dwarf-constants.js";
import type { DwarfUnit, RawAttribute } from "./unit.js";

export interface Declared {
  /** DW_AT_name */
  readonly name: string | undefined;
  readonly linkageName: string | undefined;
  readonly declaration: DeclaredAt | undefined;
  /** True when the name is in a supplementary file (dwz) or a type unit, which are not read. */
  readonly elsewhere: boolean;
}

export interface DeclaredAt {
  readonly unit: DwarfUnit;
  readonly file: number;
  readonly line: number;
  readonly column: number;
}

/** What an entry and the entries it refers to say; each attribute is taken from the first that has it. */
export function readDeclared(entry: number, own: DwarfUnit, unitOfEntry: (offset: number) => DwarfUnit): Declared {
  let name: string | undefined;
  let linkageName: string | undefined;
  let file: { unit: DwarfUnit; index: number } | undefined;
  let line: number | undefined;
  let column: number | undefined;
  let elsewhere = false;
  const waiting = [entry];
  const seen = new Set(waiting);
  for (let offset = waiting.pop(); offset !== undefined && seen.size <= MAX_DIE_REFERENCES; offset = waiting.pop()) {
    const at = offset;
    const found = attempt(() => {
      const { header } = own;
      const unit = at >= header.offset && at < header.end ? own : unitOfEntry(at);
      const { attributes } = unit.entry(at);
      const text = (key: number): string | undefined => {
        const attribute = attributes.get(key);
        if (attribute?.form === FORM.GNU_strp_alt || attribute?.form === FORM.strp_sup) elsewhere = true;
        return attribute === undefined ? undefined : unit.string(attribute);
      };
      linkageName ??= text(AT.linkage_name) ?? text(AT.MIPS_linkage_name);
      name ??= text(AT.name);
      line ??= attributes.get(AT.decl_line)?.value;
      column ??= attributes.get(AT.decl_column)?.value;
      const index = attributes.get(AT.decl_file)?.value;
      if (file === undefined && index !== undefined) file = { unit, index };
      return [AT.abstract_origin, AT.specification].flatMap((key) => reference(unit, attributes.get(key)));
    });
    for (const next of found.ok ? found.value : []) {
      if (next === undefined) elsewhere = true;
      else if (!seen.has(next)) {
        seen.add(next);
        waiting.push(next);
      }
    }
  }
  const declaration =
    file === undefined ? undefined : { unit: file.unit, file: file.index, line: line ?? 0, column: column ?? 0 };
  return { name, linkageName, declaration, elsewhere };
}

function reference(unit: DwarfUnit, attribute: RawAttribute | undefined): (number | undefined)[] {
  return attribute === undefined ? [] : [unit.reference(attribute)];
}
