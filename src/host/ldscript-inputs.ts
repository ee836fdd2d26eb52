/** The sections of real objects and archives, as a linker would see them: what the matcher of linker scripts takes. */
import { basename } from "node:path";
import type { ByteSource } from "../core/base/byte-source.js";
import { attempt, InputError } from "../core/base/errors.js";
import { readElf, type ElfFile } from "../core/elf/elf-file.js";
import { readSymbolTable } from "../core/elf/symbols.js";
import type { InputSection } from "../core/ldscript/matcher-input.js";
import { FileByteSource } from "./file-source.js";
import { UserError } from "./user-error.js";

/** In the order of the files and their sections. Throws UserError for what cannot be read. */
export function inputsOf(paths: readonly string[]): InputSection[] {
  return paths.flatMap((path) => ofObjects({ path, name: path }, objectSections)).flat();
}

/** An object or archive of this machine, and what the linker calls it. */
export interface ObjectPath {
  readonly path: string;
  readonly name: string;
}

/** What `read` says of the object, or of each object in the archive. Throws UserError for what cannot be read. */
export function ofObjects<T>({ path, name }: ObjectPath, read: (file: string, elf: ElfFile) => T): T[] {
  const source = opened(path);
  try {
    const result = attempt(() => ofMembers(name, source, read));
    if (result.ok) return result.value;
    throw new UserError(`${path} is no object file or archive: name .o and .a files (${result.error.message}).`);
  } finally {
    source.close();
  }
}

function opened(path: string): FileByteSource {
  try {
    return FileByteSource.open(path);
  } catch (error) {
    throw new UserError(
      `${path} cannot be read (${error instanceof Error ? error.message : String(error)}): correct the path.`,
    );
  }
}

function ofMembers<T>(file: string, source: ByteSource, read: (file: string, elf: ElfFile) => T): T[] {
  const magic = new TextDecoder("latin1").decode(source.read(0, ARCHIVE_MAGIC.length));
  if (magic === THIN_MAGIC) throw new InputError("unsupported", `${file}: thin archive`);
  if (magic !== ARCHIVE_MAGIC) return [read(file, readElf(source))];
  return members(source).flatMap(({ name, bytes }) => {
    const member = attempt(() => read(`${file}(${name})`, readElf(bytes)));
    // An archive may hold other things than objects; the linker passes over them.
    return member.ok ? [member.value] : [];
  });
}

/** Those that a linker places. */
export function objectSections(file: string, elf: ElfFile): InputSection[] {
  const sections = elf.sections
    .filter(({ type }) => !NOT_LINKED.includes(type))
    .map(({ name, type, flags, size }) => ({
      ...{ file, name, size },
      type: TYPE_NAMES[type] ?? String(type),
      flags: letters(flags),
    }));
  return hasCommon(elf) ? [...sections, { file, name: "COMMON", type: "NOBITS", flags: "WA" }] : sections;
}

function hasCommon(elf: ElfFile): boolean {
  const table = elf.sections.find(({ type }) => type === SHT_SYMTAB);
  return table !== undefined && readSymbolTable(elf, table).section.includes(SHN_COMMON);
}

interface Member {
  readonly name: string;
  readonly bytes: ByteSource;
}

/** The members of an ar archive (ar.h); long names are in the member called //. */
function members(source: ByteSource): Member[] {
  const found: Member[] = [];
  let names = "";
  for (let at = ARCHIVE_MAGIC.length; at + HEADER_BYTES <= source.size;) {
    const header = new TextDecoder("latin1").decode(source.read(at, HEADER_BYTES));
    const size = Number(header.slice(48, 58).trim() || "NaN");
    const start = at + HEADER_BYTES;
    if (!(Number.isSafeInteger(size) && size >= 0 && size <= source.size - start))
      throw new InputError("malformed", "archive member", at);
    const raw = header.slice(0, 16).trimEnd();
    if (raw === "//") names = new TextDecoder("latin1").decode(source.read(start, size));
    else if (raw !== "/" && raw !== "/SYM64/") {
      const long = /^\/(\d+)$/.exec(raw);
      const name = long === null ? raw.replace(/\/$/, "") : (/^[^/\n]*/.exec(names.slice(Number(long[1])))?.[0] ?? raw);
      found.push({ name: basename(name), bytes: slice(source, start, size) });
    }
    at = start + size + (size % 2);
  }
  return found;
}

function slice(source: ByteSource, start: number, size: number): ByteSource {
  return {
    size,
    read: (offset, length) => source.read(start + offset, Math.max(0, Math.min(length, size - offset))),
    inflate: (kind, bytes, inflated) => source.inflate(kind, bytes, inflated),
  };
}

function letters(flags: number): string {
  let text = "";
  for (const [bit, letter] of FLAG_LETTERS) if ((flags & bit) !== 0) text += letter;
  return text;
}

const ARCHIVE_MAGIC = "!<arch>\n";
const THIN_MAGIC = "!<thin>\n";
const HEADER_BYTES = 60;
const SHT_SYMTAB = 2;
const SHN_COMMON = 0xfff2;
/** NULL, SYMTAB, STRTAB, RELA, REL, GROUP, SYMTAB_SHNDX: the linker uses them, and places none. */
const NOT_LINKED: readonly number[] = [0, SHT_SYMTAB, 3, 4, 9, 17, 18];

/** gABI, "Section types". */
const TYPE_NAMES: Readonly<Record<number, string>> = {
  1: "PROGBITS",
  6: "DYNAMIC",
  7: "NOTE",
  8: "NOBITS",
  14: "INIT_ARRAY",
  15: "FINI_ARRAY",
  16: "PREINIT_ARRAY",
};

/** In readelf's order and letters. */
const FLAG_LETTERS: readonly (readonly [number, string])[] = [
  [0x1, "W"],
  [0x2, "A"],
  [0x4, "X"],
  [0x10, "M"],
  [0x20, "S"],
  [0x40, "I"],
  [0x80, "L"],
  [0x100, "O"],
  [0x200, "G"],
  [0x400, "T"],
  [0x800, "C"],
  [0x80000000, "E"],
];
