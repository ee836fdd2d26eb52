/** The file's bytes by link-time address, as the loader would map them. */
import { PT } from "./elf-constants.js";
import type { ElfFile, ElfSegment } from "./elf-file.js";
import { recordsIn } from "./records.js";

/** Up to `length` bytes of file content at a link-time address; fewer, or none, where the file holds none. */
export function loadedBytes(elf: ElfFile, address: number, length: number): Uint8Array {
  const segment = loadSegmentAt(elf, address);
  if (segment === undefined) return new Uint8Array();
  const offset = address - segment.address;
  const available = Math.min(length, segment.fileSize - offset, elf.source.size - (segment.offset + offset));
  return available > 0 ? elf.source.read(segment.offset + offset, available) : new Uint8Array();
}

/** The pointer stored at an address, as the file has it before relocation. */
export function loadedPointer(elf: ElfFile, address: number): number | undefined {
  const size = elf.is64 ? 8 : 4;
  const bytes = loadedBytes(elf, address, size);
  if (bytes.length < size) return undefined;
  const fields = recordsIn(bytes, size, elf.littleEndian);
  return elf.is64 ? fields.u64(0, 0) : fields.u32(0, 0);
}

export function loadSegmentAt(elf: ElfFile, address: number): ElfSegment | undefined {
  return elf.segments.find(
    (segment) =>
      segment.type === PT.LOAD && address >= segment.address && address < segment.address + segment.memorySize,
  );
}
