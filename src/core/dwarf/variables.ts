/** Variables at fixed addresses, by one scan of .debug_info: no index of them exists. */
import { AT, FORM, OP, TAG } from "./dwarf-constants.js";
import { DwarfCursor } from "./dwarf-cursor.js";
import { readForm } from "./forms.js";
import type { DwarfUnit, RawAttribute } from "./unit.js";

/** Calls `visit` with the address and the entry of each variable of a unit that has one. Throws InputError. */
export function visitVariables(unit: DwarfUnit, visit: (address: number, entry: number) => void): void {
  const table = unit.table();
  const cursor = unit.cursor(unit.header.root);
  while (!cursor.done) {
    const entry = cursor.at;
    const code = cursor.uleb();
    const abbreviation = code === 0 ? undefined : table.get(code);
    if (abbreviation === undefined) continue;
    if (abbreviation.tag !== TAG.variable) {
      unit.skip(cursor, abbreviation);
      continue;
    }
    const { attributes, forms, implicit } = abbreviation;
    for (let index = 0; index < forms.length; index++) {
      const form = forms[index]!;
      const value = readForm(cursor, form, implicit[index]!, unit.header);
      if (attributes[index] !== AT.location) continue;
      const address = fixedAddress(unit, { form, value });
      if (address !== undefined) visit(address, entry);
    }
  }
}

/** The address a DW_AT_location of one operation gives: what is longer is computed at run time, or thread-local. */
export function fixedAddress(unit: DwarfUnit, { form, value: at }: RawAttribute): number | undefined {
  if (form !== FORM.exprloc && form !== FORM.block1 && form !== FORM.block) return undefined;
  const { sections, header } = unit;
  const bytes = sections.info.need(header.offset, header.end - header.offset);
  const cursor = new DwarfCursor(bytes, at, header.end, sections.littleEndian, ".debug_info expression");
  const length = form === FORM.block1 ? cursor.u8() : cursor.uleb();
  const end = cursor.at + length;
  if (length < 2) return undefined;
  const operation = cursor.u8();
  let address: number | undefined;
  if (operation === OP.addr) address = cursor.sized(header.addressSize);
  else if (operation === OP.addrx || operation === OP.GNU_addr_index) address = unit.indexedAddress(cursor.uleb());
  return cursor.at === end ? address : undefined;
}
