/** PT_DYNAMIC: where the loader finds symbols and relocations, which no strip can take away. */
import { InputError } from "../base/errors.js";
import { MAX_STRING_TABLE_BYTES } from "../base/limits.js";
import { SparseBytes } from "../base/sparse-bytes.js";
import { DT, PT } from "./elf-constants.js";
import type { ElfFile } from "./elf-file.js";
import { loadedBytes } from "./loaded-bytes.js";
import { recordsIn } from "./records.js";
import { decodeSymbols, type ElfSymbols } from "./symbols.js";

/** DT_ tag to its value; the first of each tag. Empty for a static or broken file. */
export function readDynamic(elf: ElfFile): ReadonlyMap<number, number> {
  const tags = new Map<number, number>();
  const segment = elf.segments.find(({ type }) => type === PT.DYNAMIC);
  if (segment === undefined) return tags;
  const size = elf.is64 ? 16 : 8;
  const fields = recordsIn(
    loadedBytes(elf, segment.address, Math.min(segment.fileSize, MAX_DYNAMIC_BYTES)),
    size,
    elf.littleEndian,
  );
  for (let row = 0; row < fields.count; row++) {
    const tag = elf.is64 ? fields.u64(row, 0) : fields.u32(row, 0);
    if (tag === 0) break;
    if (!tags.has(tag)) tags.set(tag, elf.is64 ? fields.u64(row, 8) : fields.u32(row, 4));
  }
  return tags;
}

/** The dynamic symbols of a file without section headers; throws InputError when the tags do not lead to them. */
export function readDynamicSymbols(elf: ElfFile, tags: ReadonlyMap<number, number>): ElfSymbols {
  const table = tags.get(DT.SYMTAB);
  const strings = tags.get(DT.STRTAB);
  const stringsSize = tags.get(DT.STRSZ) ?? 0;
  if (table === undefined || strings === undefined) throw new InputError("malformed", "dynamic symbol table");
  if (!(stringsSize <= MAX_STRING_TABLE_BYTES)) throw new InputError("too-large", "dynamic string table");
  const count = dynamicSymbolCount(elf, tags);
  const bytes = loadedBytes(elf, table, Math.min(count * (elf.is64 ? 24 : 16), MAX_STRING_TABLE_BYTES));
  const names = loadedBytes(elf, strings, stringsSize);
  return decodeSymbols(elf, bytes, SparseBytes.of(names, ".dynstr"));
}

/** No tag holds the count: DT_HASH's chain count is it, DT_GNU_HASH's last chain ends it. */
function dynamicSymbolCount(elf: ElfFile, tags: ReadonlyMap<number, number>): number {
  const hash = tags.get(DT.HASH);
  if (hash !== undefined) {
    const header = loadedBytes(elf, hash, 8);
    if (header.length === 8) return recordsIn(header, 8, elf.littleEndian).u32(0, 4);
  }
  const gnuHash = tags.get(DT.GNU_HASH);
  return gnuHash === undefined ? 0 : gnuHashSymbolCount(elf, gnuHash);
}

function gnuHashSymbolCount(elf: ElfFile, at: number): number {
  const headerBytes = loadedBytes(elf, at, 16);
  if (headerBytes.length < 16) return 0;
  const header = recordsIn(headerBytes, 16, elf.littleEndian);
  const buckets = header.u32(0, 0);
  const firstHashed = header.u32(0, 4);
  const bucketsAt = at + 16 + header.u32(0, 8) * (elf.is64 ? 8 : 4);
  const bucketRows = recordsIn(
    loadedBytes(elf, bucketsAt, Math.min(buckets * 4, MAX_STRING_TABLE_BYTES)),
    4,
    elf.littleEndian,
  );
  let last = 0;
  for (let row = 0; row < bucketRows.count; row++) last = Math.max(last, bucketRows.u32(row, 0));
  if (last < firstHashed) return firstHashed;
  const chainAt = bucketsAt + buckets * 4 + (last - firstHashed) * 4;
  const chain = recordsIn(loadedBytes(elf, chainAt, MAX_CHAIN_BYTES), 4, elf.littleEndian);
  for (let row = 0; row < chain.count; row++) if ((chain.u32(row, 0) & 1) === 1) return last + row + 1;
  return last + 1;
}

const MAX_DYNAMIC_BYTES = 1 << 20;
const MAX_CHAIN_BYTES = 1 << 20;
