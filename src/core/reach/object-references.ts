/** What functions refer to by name, from the relocations of the object files they were compiled into. */
import { attempt } from "../base/errors.js";
import { SHN, SHT, STT } from "../elf/elf-constants.js";
import type { ElfFile } from "../elf/elf-file.js";
import { readSymbolTable } from "../elf/symbols.js";
import { staticRelocations } from "./static-relocations.js";

/** Names in the symbol table. */
export interface NamedReference {
  readonly kind: "call" | "address";
  readonly symbol: string;
}

/**
 * By the function's name in the symbol table; of static functions of one name all that any of them refers to. What an
 * assembler worked out itself, calls within a section mostly, left no relocation.
 */
export function objectReferences(objects: readonly ElfFile[]): ReadonlyMap<string, readonly NamedReference[]> {
  const found = new Map<string, NamedReference[]>();
  for (const object of objects) {
    const symbols = definedSymbols(object);
    const nameAt = (section: number, offset: number): string | undefined =>
      symbols.find((one) => one.section === section && offset >= one.start && offset < one.start + one.size)?.name;
    for (const { section, place, symbol, target, named, kind } of staticRelocations(object)) {
      const by = nameAt(section, place);
      const to = named ? symbol : target && nameAt(target.section, target.value);
      if (by === undefined || to === undefined || to === "" || to === by) continue;
      const known = found.get(by) ?? [];
      found.set(by, known);
      if (!known.some((one) => one.symbol === to)) known.push({ kind, symbol: to });
    }
  }
  return found;
}

interface DefinedSymbol {
  readonly name: string;
  readonly section: number;
  readonly start: number;
  readonly size: number;
}

function definedSymbols(object: ElfFile): readonly DefinedSymbol[] {
  const table = object.sections.find(({ type }) => type === SHT.SYMTAB);
  const symbols = table && attempt(() => readSymbolTable(object, table));
  if (symbols?.ok !== true) return [];
  const { value } = symbols;
  const found: DefinedSymbol[] = [];
  for (let row = 0; row < value.count; row++) {
    const type = value.info[row]! & 0xf;
    const section = value.section[row]!;
    if (section === SHN.UNDEF || section >= SHN.LORESERVE || !(value.size[row]! > 0)) continue;
    if (type !== STT.FUNC && type !== STT.OBJECT) continue;
    found.push({ name: value.name(row), section, start: value.address[row]!, size: value.size[row]! });
  }
  return found;
}
