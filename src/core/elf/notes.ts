/** What identifies a file: NT_GNU_BUILD_ID and .gnu_debuglink. */
import { cStringAt } from "../base/c-string.js";
import { NT_GNU_BUILD_ID, PT, SHT } from "./elf-constants.js";
import type { ElfFile } from "./elf-file.js";
import { recordsIn } from "./records.js";

/** Lower-case hexadecimal; undefined when there is none or its note is broken. */
export function readBuildId(elf: ElfFile): string | undefined {
  const places = [
    ...elf.segments.filter(({ type }) => type === PT.NOTE).map(({ offset, fileSize }) => ({ offset, size: fileSize })),
    ...elf.sections.filter(({ type }) => type === SHT.NOTE),
  ];
  for (const { offset, size } of places) {
    if (!(offset < elf.source.size)) continue;
    const id = buildIdIn(elf.source.read(offset, Math.min(size, MAX_NOTE_BYTES)), elf.littleEndian);
    if (id !== undefined) return id;
  }
  return undefined;
}

/** The separate debug file this file names, and the CRC-32 that file must have. */
export interface DebugLink {
  readonly name: string;
  readonly crc32: number;
}

export function readDebugLink(elf: ElfFile): DebugLink | undefined {
  const section = elf.sections.find(({ name }) => name === ".gnu_debuglink");
  if (section === undefined || section.type === SHT.NOBITS || !(section.offset < elf.source.size)) return undefined;
  const bytes = elf.source.read(section.offset, Math.min(section.size, MAX_NOTE_BYTES));
  const name = cStringAt(bytes, 0);
  const at = Math.ceil((new TextEncoder().encode(name).length + 1) / 4) * 4;
  if (name === "" || bytes.length < at + 4) return undefined;
  return { name, crc32: recordsIn(bytes.subarray(at), 4, elf.littleEndian).u32(0, 0) };
}

/** Notes are 4-byte aligned in every GNU file, 64-bit ones too; only .note.gnu.property is padded to 8. */
function buildIdIn(bytes: Uint8Array, littleEndian: boolean): string | undefined {
  for (let at = 0; at + 12 <= bytes.length;) {
    const header = recordsIn(bytes.subarray(at), 12, littleEndian);
    const nameSize = header.u32(0, 0);
    const size = header.u32(0, 4);
    const content = at + 12 + Math.ceil(nameSize / 4) * 4;
    if (header.u32(0, 8) === NT_GNU_BUILD_ID && cStringAt(bytes, at + 12, at + 12 + nameSize) === "GNU")
      return content + size <= bytes.length && size > 0 ? hex(bytes.subarray(content, content + size)) : undefined;
    at = content + Math.ceil(size / 4) * 4;
  }
  return undefined;
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

const MAX_NOTE_BYTES = 1 << 16;
