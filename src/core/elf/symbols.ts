/** Symbol tables as columns (gABI, "Symbol Table"). */
import { InputError } from "../base/errors.js";
import { MAX_STRING_TABLE_BYTES } from "../base/limits.js";
import { SparseBytes } from "../base/sparse-bytes.js";
import { wordsIn } from "../base/words.js";
import { SHT } from "./elf-constants.js";
import type { ElfFile, ElfSection } from "./elf-file.js";

export interface ElfSymbols {
  readonly count: number;
  readonly address: Float64Array;
  readonly size: Float64Array;
  /** st_info: binding in the upper half, type in the lower. */
  readonly info: Uint8Array;
  /** st_shndx; SHN_XINDEX stays as it is. */
  readonly section: Uint16Array;
  /** st_name. */
  readonly nameOffset: Uint32Array;
  readonly names: SparseBytes;
  name(index: number): string;
}

/** The symbols of a SHT_SYMTAB or SHT_DYNSYM section. */
export function readSymbolTable(elf: ElfFile, section: ElfSection): ElfSymbols {
  const strings = elf.sections[section.link];
  if (strings?.type !== SHT.STRTAB) throw new InputError("malformed", `${section.name} string table`);
  checkExtent(elf, strings);
  const { source } = elf;
  // A large program has megabytes of names, and a report shows a few.
  const names = new SparseBytes(
    strings.size,
    strings.name,
    (offset, length) => {
      const bytes = source.read(strings.offset + offset, length);
      if (bytes.length === length) return bytes;
      // The file has become shorter since: what is gone has no name.
      const padded = new Uint8Array(length);
      padded.set(bytes);
      return padded;
    },
    NAME_CHUNK_BYTES,
  );
  return decodeSymbols(elf, readBytes(elf, section), names);
}

/** The symbols in `table`, with their string table. A cut-off last entry is left out. */
export function decodeSymbols(
  elf: Pick<ElfFile, "is64" | "littleEndian">,
  table: Uint8Array,
  names: SparseBytes,
): ElfSymbols {
  const { is64, littleEndian } = elf;
  const words = wordsIn(table, littleEndian);
  const step = is64 ? 6 : 4;
  const count = Math.floor(words.length / step);
  const address = new Float64Array(count);
  const size = new Float64Array(count);
  const info = new Uint8Array(count);
  const section = new Uint16Array(count);
  const nameOffset = new Uint32Array(count);
  // The more significant half of a 64-bit field, and where st_info and st_shndx are in the word they share with st_other.
  const [low, high] = littleEndian ? [0, 1] : [1, 0];
  const [infoShift, sectionShift] = littleEndian ? [0, 16] : [24, 0];
  for (let row = 0, at = 0; row < count; row++, at += step) {
    nameOffset[row] = words[at]!;
    const kind = words[at + (is64 ? 1 : 3)]!;
    info[row] = kind >>> infoShift;
    section[row] = kind >>> sectionShift;
    if (is64) {
      address[row] = words[at + 2 + low]! + words[at + 2 + high]! * 2 ** 32;
      size[row] = words[at + 4 + low]! + words[at + 4 + high]! * 2 ** 32;
    } else {
      address[row] = words[at + 1]!;
      size[row] = words[at + 2]!;
    }
  }
  const name = (index: number): string => {
    const at = nameOffset[index] ?? Infinity;
    return at < names.size ? names.string(at) : "";
  };
  return { count, address, size, info, section, nameOffset, names, name };
}

function readBytes(elf: ElfFile, section: ElfSection): Uint8Array {
  checkExtent(elf, section);
  return section.type === SHT.NOBITS ? new Uint8Array() : elf.source.read(section.offset, section.size);
}

function checkExtent(elf: ElfFile, section: ElfSection): void {
  if (section.type === SHT.NOBITS) return;
  if (!(section.size <= MAX_STRING_TABLE_BYTES)) throw new InputError("too-large", section.name);
  if (!(section.size <= elf.source.size - section.offset))
    throw new InputError("truncated", section.name, section.offset);
}

const NAME_CHUNK_BYTES = 64 * 1024;
