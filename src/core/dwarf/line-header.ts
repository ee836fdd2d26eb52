/** The header of a line number program: its parameters and its file table (DWARF 5, section 6.2.4). */
import { InputError } from "../base/errors.js";
import { FORM } from "./dwarf-constants.js";
import { DwarfCursor } from "./dwarf-cursor.js";
import { readForm } from "./forms.js";
import type { DwarfUnit } from "./unit.js";

export interface LineHeader {
  readonly version: number;
  readonly addressSize: number;
  readonly minimumInstructionLength: number;
  readonly lineBase: number;
  readonly lineRange: number;
  readonly opcodeBase: number;
  readonly opcodeLengths: Uint8Array;
  /** Offsets in .debug_line of the program's first byte and of what follows it. */
  readonly program: number;
  readonly end: number;
  readonly files: FileTable;
}

/** Paths as recorded, made absolute with the compilation directory, by file index. Of hundreds a few are asked for. */
export class FileTable {
  private readonly paths = new Map<number, string | undefined>();

  /** @param md5 of the file as it was compiled, lower-case hexadecimal; undefined where none was recorded. */
  constructor(
    private readonly make: (index: number) => string | undefined,
    readonly md5: (index: number) => string | undefined = () => undefined,
  ) {}

  path(index: number): string | undefined {
    if (!this.paths.has(index)) this.paths.set(index, this.make(index));
    return this.paths.get(index);
  }
}

/** Throws InputError. `unit` gives the strings, the directory and, before DWARF 5, the address size. */
export function readLineHeader(unit: DwarfUnit, offset: number): LineHeader {
  const { line, littleEndian } = unit.sections;
  const length = new DwarfCursor(line.need(offset, 4), offset, offset + 4, littleEndian, ".debug_line").u32();
  const wide = length === 0xffff_ffff;
  const start = offset + (wide ? 12 : 4);
  const size = wide
    ? new DwarfCursor(line.need(offset + 4, 8), offset + 4, start, littleEndian, ".debug_line").u64()
    : length;
  const end = start + size;
  const cursor = new DwarfCursor(line.need(start, size), start, end, littleEndian, ".debug_line");
  const offsetSize = wide ? 8 : 4;
  const version = cursor.u16();
  if (version < 2 || version > 5) throw new InputError("unsupported", `.debug_line version ${version}`, offset);
  let { addressSize } = unit.header;
  if (version >= 5) {
    addressSize = cursor.u8();
    cursor.u8();
  }
  const headerLength = cursor.sized(offsetSize);
  const program = cursor.at + headerLength;
  if (!(program <= end)) throw new InputError("truncated", ".debug_line header", offset);
  const minimumInstructionLength = cursor.u8();
  if (version >= 4) cursor.u8();
  cursor.u8();
  const lineBase = (cursor.u8() << 24) >> 24;
  const lineRange = cursor.u8();
  const opcodeBase = cursor.u8();
  const lengthsAt = cursor.advance(Math.max(0, opcodeBase - 1));
  const opcodeLengths = line.need(lengthsAt, opcodeBase - 1).slice(lengthsAt, cursor.at);
  const files = version >= 5 ? readFiles(unit, cursor, end, offsetSize) : readOldFiles(unit, cursor);
  return {
    version,
    addressSize,
    minimumInstructionLength,
    lineBase,
    lineRange,
    opcodeBase,
    opcodeLengths,
    program,
    end,
    files,
  };
}

/** Before DWARF 5 both tables end with an empty name, files count from 1, and directory 0 is the compilation directory. */
function readOldFiles(unit: DwarfUnit, cursor: DwarfCursor): FileTable {
  const { line } = unit.sections;
  const directories: number[] = [];
  for (let at = cursor.skipString(); cursor.at - at > 1; at = cursor.skipString()) directories.push(at);
  const names: number[] = [];
  const places: number[] = [];
  for (let at = cursor.skipString(); cursor.at - at > 1; at = cursor.skipString()) {
    names.push(at);
    places.push(cursor.uleb());
    cursor.skipLeb();
    cursor.skipLeb();
  }
  return new FileTable((index) => {
    const name = names[index - 1];
    if (name === undefined) return undefined;
    const directory = directories[places[index - 1]! - 1];
    return joinPath(unit.directory(), directory === undefined ? "" : line.string(directory), line.string(name));
  });
}

function readFiles(unit: DwarfUnit, cursor: DwarfCursor, end: number, offsetSize: number): FileTable {
  const directories = readEntries(unit, cursor, end, offsetSize);
  const files = readEntries(unit, cursor, end, offsetSize);
  const path = (index: number): string | undefined => {
    if (!(index < files.paths.length)) return undefined;
    const directory = files.directories[index]!;
    // Directory 0 is the compilation directory already.
    const base = directory === 0 ? "" : unit.directory();
    return joinPath(base, textOf(unit, directories, directory), textOf(unit, files, index));
  };
  return new FileTable(path, (index) => {
    const at = files.md5s[index];
    return at === undefined ? undefined : hexadecimal(unit.sections.line.need(at, MD5_BYTES), at);
  });
}

function hexadecimal(bytes: Uint8Array, at: number): string {
  return Array.from(bytes.subarray(at, at + MD5_BYTES), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Values as they are in the table: texts are made of those that are asked for. */
interface Entries {
  readonly form: number;
  readonly paths: readonly number[];
  readonly directories: readonly number[];
  /** Where each MD5 is in .debug_line; empty where the compiler wrote none. */
  readonly md5s: readonly number[];
}

function textOf(unit: DwarfUnit, { form, paths }: Entries, index: number): string {
  const value = paths[index];
  if (value === undefined) return "";
  return (form === FORM.string ? unit.sections.line.string(value) : unit.string({ form, value })) ?? "";
}

function readEntries(unit: DwarfUnit, cursor: DwarfCursor, end: number, offsetSize: number): Entries {
  const formats = Array.from({ length: cursor.u8() }, () => [cursor.uleb(), cursor.uleb()] as const);
  const count = cursor.uleb();
  // Forms without bytes would let a count run on for ever.
  if (!(count <= end - cursor.at)) throw new InputError("truncated", ".debug_line file table", cursor.at);
  const encoding = { ...unit.header, offsetSize };
  const paths: number[] = [];
  const directories: number[] = [];
  const md5s: number[] = [];
  for (let row = 0; row < count; row++) {
    let path = 0;
    let directory = 0;
    for (const [content, form] of formats) {
      const value = readForm(cursor, form, 0, encoding);
      if (content === CONTENT_PATH) path = value;
      else if (content === CONTENT_DIRECTORY) directory = value;
      else if (content === CONTENT_MD5 && form === FORM.data16) md5s.push(value);
    }
    paths.push(path);
    directories.push(directory);
  }
  return { form: formats.findLast(([content]) => content === CONTENT_PATH)?.[1] ?? 0, paths, directories, md5s };
}

/** The rightmost absolute part and all after it; nothing is normalised, so that the path stays what the compiler wrote. */
export function joinPath(...parts: readonly string[]): string {
  return parts.reduce((path, part) => {
    if (part === "" || path === "" || part.startsWith("/")) return part === "" ? path : part;
    return path.endsWith("/") ? path + part : `${path}/${part}`;
  }, "");
}

const CONTENT_PATH = 1;
const CONTENT_DIRECTORY = 2;
const CONTENT_MD5 = 5;
const MD5_BYTES = 16;
