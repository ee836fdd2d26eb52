/** Symbol tables as columns (gABI, "Symbol Table"). */
import { cStringAt } from "../base/c-string.js";
import { InputError } from "../base/errors.js";
import { MAX_STRING_TABLE_BYTES } from "../base/limits.js";
import { SHT } from "./elf-constants.js";
import type { ElfFile, ElfSection } from "./elf-file.js";
import { recordsIn } from "./records.js";

export interface ElfSymbols {
  readonly count: number;
  readonly address: Float64Array;
  readonly size: Float64Array;
  /** st_info: binding in the upper half, type in the lower. */
  readonly info: Uint8Array;
  /** st_shndx; SHN_XINDEX stays as it is. */
  readonly section: Uint16Array;
  name(index: number): string;
}

/** The symbols of a SHT_SYMTAB or SHT_DYNSYM section. */
export function readSymbolTable(elf: ElfFile, section: ElfSection): ElfSymbols {
  const strings = elf.sections[section.link];
  if (strings?.type !== SHT.STRTAB) throw new InputError("malformed", `${section.name} string table`);
  return decodeSymbols(elf, readBytes(elf, section), readBytes(elf, strings));
}

/** The symbols in `table`, named from `strings`. A cut-off last entry is left out. */
export function decodeSymbols(
  elf: Pick<ElfFile, "is64" | "littleEndian">,
  table: Uint8Array,
  strings: Uint8Array,
): ElfSymbols {
  const fields = recordsIn(table, elf.is64 ? 24 : 16, elf.littleEndian);
  const { count } = fields;
  const address = new Float64Array(count);
  const size = new Float64Array(count);
  const info = new Uint8Array(count);
  const section = new Uint16Array(count);
  const names = new Uint32Array(count);
  for (let row = 0; row < count; row++) {
    names[row] = fields.u32(row, 0);
    address[row] = elf.is64 ? fields.u64(row, 8) : fields.u32(row, 4);
    size[row] = elf.is64 ? fields.u64(row, 16) : fields.u32(row, 8);
    info[row] = fields.u8(row, elf.is64 ? 4 : 12);
    section[row] = fields.u16(row, elf.is64 ? 6 : 14);
  }
  return { count, address, size, info, section, name: (index) => cStringAt(strings, names[index] ?? strings.length) };
}

function readBytes(elf: ElfFile, section: ElfSection): Uint8Array {
  if (section.type === SHT.NOBITS) return new Uint8Array();
  if (!(section.size <= MAX_STRING_TABLE_BYTES)) throw new InputError("too-large", section.name);
  if (!(section.size <= elf.source.size - section.offset))
    throw new InputError("truncated", section.name, section.offset);
  return elf.source.read(section.offset, section.size);
}
