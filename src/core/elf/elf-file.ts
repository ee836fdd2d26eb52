/** The ELF header, program headers and section headers (System V gABI, "Object Files" and "Program Loading"). */
import type { ByteSource } from "../base/byte-source.js";
import { cStringAt } from "../base/c-string.js";
import { attempt, InputError } from "../base/errors.js";
import { MAX_ELF_SECTIONS, MAX_STRING_TABLE_BYTES } from "../base/limits.js";
import { SHT } from "./elf-constants.js";
import { readRecords, type Records } from "./records.js";

export interface ElfFile {
  readonly source: ByteSource;
  readonly is64: boolean;
  readonly littleEndian: boolean;
  /** e_type */
  readonly type: number;
  /** e_machine */
  readonly machine: number;
  /** Bytes at the start of the file taken by the ELF header and, when they follow it, the program headers. */
  readonly headerSize: number;
  readonly segments: readonly ElfSegment[];
  /** By section index: the null section is entry 0. Empty when stripped of section headers. */
  readonly sections: readonly ElfSection[];
  /** One sentence fragment for each table that could not be read. */
  readonly problems: readonly string[];
}

export interface ElfSegment {
  readonly type: number;
  readonly flags: number;
  readonly offset: number;
  readonly address: number;
  readonly fileSize: number;
  readonly memorySize: number;
}

export interface ElfSection {
  readonly index: number;
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly address: number;
  readonly offset: number;
  readonly size: number;
  readonly link: number;
  readonly info: number;
  readonly entrySize: number;
}

/** Throws InputError when there is no ELF header; tables that are refused become `problems`. */
export function readElf(source: ByteSource): ElfFile {
  const ident = source.read(0, 16);
  if (ident.length < 16) throw new InputError("truncated", "ELF header", ident.length);
  if (ident[0] !== 0x7f || ident[1] !== 0x45 || ident[2] !== 0x4c || ident[3] !== 0x46)
    throw new InputError("malformed", "ELF magic number", 0);
  const [, , , , fileClass, encoding] = ident;
  if (fileClass !== 1 && fileClass !== 2) throw new InputError("unsupported", "ELF class", 4);
  if (encoding !== 1 && encoding !== 2) throw new InputError("unsupported", "ELF data encoding", 5);
  const file = { source, is64: fileClass === 2, littleEndian: encoding === 1 };
  const header = readHeader(file);

  const problems: string[] = [];
  const orEmpty = <T>(parse: () => readonly T[]): readonly T[] => {
    const result = attempt(parse);
    if (result.ok) return result.value;
    problems.push(result.error.message);
    return [];
  };
  const sections = orEmpty(() => readSections(file, header));
  const segments = orEmpty(() => readSegments(file, header, sections[0]));
  const tableFollows = header.programHeaders === header.size;
  return {
    ...file,
    type: header.type,
    machine: header.machine,
    headerSize: header.size + (tableFollows ? segments.length * header.programHeaderSize : 0),
    segments,
    sections,
    problems,
  };
}

type Layout = Pick<ElfFile, "source" | "is64" | "littleEndian">;
type Header = ReturnType<typeof readHeader>;

function readHeader(file: Layout) {
  const size = file.is64 ? 64 : 52;
  const fields = readRecords(file, 0, 1, size, "ELF header");
  const tail = file.is64 ? 52 : 40;
  return {
    size,
    type: fields.u16(0, 16),
    machine: fields.u16(0, 18),
    programHeaders: file.is64 ? fields.u64(0, 32) : fields.u32(0, 28),
    sectionHeaders: file.is64 ? fields.u64(0, 40) : fields.u32(0, 32),
    programHeaderSize: fields.u16(0, tail + 2),
    programHeaderCount: fields.u16(0, tail + 4),
    sectionHeaderSize: fields.u16(0, tail + 6),
    sectionHeaderCount: fields.u16(0, tail + 8),
    sectionNames: fields.u16(0, tail + 10),
  };
}

/** e_phnum of PN_XNUM means that section 0's sh_info holds the count. */
function readSegments(file: Layout, header: Header, first: ElfSection | undefined): ElfSegment[] {
  const extended = header.programHeaderCount === 0xffff && first !== undefined;
  const count = extended ? first.info : header.programHeaderCount;
  if (count === 0 || header.programHeaders === 0) return [];
  const size = file.is64 ? 56 : 32;
  if (header.programHeaderSize < size) throw new InputError("malformed", "ELF program header size");
  const fields = readRecords(file, header.programHeaders, count, header.programHeaderSize, "ELF program headers");
  return Array.from({ length: count }, (_, row) =>
    file.is64
      ? {
          type: fields.u32(row, 0),
          flags: fields.u32(row, 4),
          offset: fields.u64(row, 8),
          address: fields.u64(row, 16),
          fileSize: fields.u64(row, 32),
          memorySize: fields.u64(row, 40),
        }
      : {
          type: fields.u32(row, 0),
          offset: fields.u32(row, 4),
          address: fields.u32(row, 8),
          fileSize: fields.u32(row, 16),
          memorySize: fields.u32(row, 20),
          flags: fields.u32(row, 24),
        },
  );
}

/** e_shnum of 0 with a table, and e_shstrndx of SHN_XINDEX, mean that section 0 holds the numbers. */
function readSections(file: Layout, header: Header): ElfSection[] {
  if (header.sectionHeaders === 0) return [];
  const size = file.is64 ? 64 : 40;
  if (header.sectionHeaderSize < size) throw new InputError("malformed", "ELF section header size");
  const at = header.sectionHeaders;
  const null_ = sectionAt(
    file,
    readRecords(file, at, 1, header.sectionHeaderSize, "ELF section header 0"),
    0,
    NO_NAMES,
  );
  const count = header.sectionHeaderCount === 0 ? null_.size : header.sectionHeaderCount;
  const namesIndex = header.sectionNames === 0xffff ? null_.link : header.sectionNames;
  if (!(count <= MAX_ELF_SECTIONS)) throw new InputError("too-large", "ELF section count");
  const fields = readRecords(file, at, count, header.sectionHeaderSize, "ELF section headers");
  const names = namesIndex < count ? readNames(file, sectionAt(file, fields, namesIndex, NO_NAMES)) : NO_NAMES;
  return Array.from({ length: count }, (_, row) => sectionAt(file, fields, row, names));
}

function sectionAt({ is64 }: Layout, fields: Records, row: number, names: Uint8Array): ElfSection {
  const word = (narrow: number, wide: number): number => (is64 ? fields.u64(row, wide) : fields.u32(row, narrow));
  const half = (narrow: number, wide: number): number => fields.u32(row, is64 ? wide : narrow);
  return {
    index: row,
    name: cStringAt(names, fields.u32(row, 0)),
    type: fields.u32(row, 4),
    flags: word(8, 8),
    address: word(12, 16),
    offset: word(16, 24),
    size: word(20, 32),
    link: half(24, 40),
    info: half(28, 44),
    entrySize: word(36, 56),
  };
}

/** Sections without readable names are still sections. */
function readNames(file: Layout, { type, size, offset }: ElfSection): Uint8Array {
  if (type !== SHT.STRTAB || !(size <= MAX_STRING_TABLE_BYTES)) return NO_NAMES;
  return offset < file.source.size ? file.source.read(offset, size) : NO_NAMES;
}

const NO_NAMES = new Uint8Array();
