/** What a section holds: read lazily, inflated where SHF_COMPRESSED or the older .zdebug form says so. */
import type { Compression } from "../base/byte-source.js";
import { InputError } from "../base/errors.js";
import { MAX_INFLATED_BYTES } from "../base/limits.js";
import { SparseBytes } from "../base/sparse-bytes.js";
import { SHF, SHT } from "./elf-constants.js";
import type { ElfFile, ElfSection } from "./elf-file.js";
import { recordsIn } from "./records.js";

/** Throws InputError when the section is outside the file or its compression is unknown. */
export function sectionContent(elf: ElfFile, section: ElfSection): SparseBytes {
  if (section.type === SHT.NOBITS) return SparseBytes.of(new Uint8Array(), section.name);
  if (!(section.size <= elf.source.size - section.offset))
    throw new InputError("truncated", section.name, section.offset);
  if ((section.flags & SHF.COMPRESSED) !== 0) return compressed(elf, section, standardHeader(elf, section));
  if (section.name.startsWith(".zdebug")) return compressed(elf, section, gnuHeader(elf, section));
  const { source } = elf;
  const read = (offset: number, length: number): Uint8Array => source.read(section.offset + offset, length);
  const readInto = source.readInto?.bind(source);
  return new SparseBytes(
    section.size,
    section.name,
    read,
    undefined,
    readInto && ((offset, target) => readInto(section.offset + offset, target)),
  );
}

interface CompressionHeader {
  readonly kind: Compression;
  readonly inflated: number;
  readonly headerSize: number;
}

function compressed(elf: ElfFile, section: ElfSection, { kind, inflated, headerSize }: CompressionHeader): SparseBytes {
  if (!(inflated <= Math.min(MAX_INFLATED_BYTES, section.size * MAX_INFLATION_RATIO)))
    throw new InputError("too-large", section.name);
  const inflate = (): Uint8Array => {
    const bytes = elf.source.read(section.offset + headerSize, section.size - headerSize);
    return elf.source.inflate(kind, bytes, inflated);
  };
  return new SparseBytes(inflated, section.name, inflate, inflated);
}

/** Elf32_Chdr and Elf64_Chdr (gABI, "Compression Header"). */
function standardHeader(elf: ElfFile, section: ElfSection): CompressionHeader {
  const headerSize = elf.is64 ? 24 : 12;
  if (section.size < headerSize) throw new InputError("truncated", section.name);
  const header = recordsIn(elf.source.read(section.offset, headerSize), headerSize, elf.littleEndian);
  const type = header.u32(0, 0);
  const inflated = elf.is64 ? header.u64(0, 8) : header.u32(0, 4);
  if (type !== 1 && type !== 2) throw new InputError("unsupported", `${section.name} compression`);
  return { kind: type === 1 ? "zlib" : "zstd", inflated, headerSize };
}

/** "ZLIB" and the size, big-endian: what GNU tools wrote before the gABI had a form. */
function gnuHeader(elf: ElfFile, section: ElfSection): CompressionHeader {
  if (section.size < 12) throw new InputError("truncated", section.name);
  const header = recordsIn(elf.source.read(section.offset, 12), 12, false);
  if (header.u32(0, 0) !== 0x5a4c4942) throw new InputError("malformed", section.name);
  return { kind: "zlib", inflated: header.u64(0, 4), headerSize: 12 };
}

/** Deflate reaches 1,032; zstd's runs can do better, debug information never does. */
const MAX_INFLATION_RATIO = 1 << 14;
