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
  /** Paths as recorded, made absolute with the compilation directory, by file index. */
  readonly files: readonly (string | undefined)[];
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
function readOldFiles(unit: DwarfUnit, cursor: DwarfCursor): (string | undefined)[] {
  const { line } = unit.sections;
  const directories = [""];
  for (let at = cursor.skipString(); cursor.at - at > 1; at = cursor.skipString()) directories.push(line.string(at));
  const files: (string | undefined)[] = [undefined];
  for (let at = cursor.skipString(); cursor.at - at > 1; at = cursor.skipString()) {
    const directory = directories[cursor.uleb()] ?? "";
    cursor.skipLeb();
    cursor.skipLeb();
    files.push(joinPath(unit.directory(), directory, line.string(at)));
  }
  return files;
}

function readFiles(unit: DwarfUnit, cursor: DwarfCursor, end: number, offsetSize: number): string[] {
  const directories = readEntries(unit, cursor, end, offsetSize).map(({ path }) => path);
  return readEntries(unit, cursor, end, offsetSize).map(({ path, directory }) => {
    // Directory 0 is the compilation directory already.
    const base = directory === 0 ? "" : unit.directory();
    return joinPath(base, directories[directory] ?? "", path);
  });
}

interface Entry {
  readonly path: string;
  readonly directory: number;
}

function readEntries(unit: DwarfUnit, cursor: DwarfCursor, end: number, offsetSize: number): Entry[] {
  const formats = Array.from({ length: cursor.u8() }, () => [cursor.uleb(), cursor.uleb()] as const);
  const count = cursor.uleb();
  // Forms without bytes would let a count run on for ever.
  if (!(count <= end - cursor.at)) throw new InputError("truncated", ".debug_line file table", cursor.at);
  const encoding = { ...unit.header, offsetSize };
  const entries: Entry[] = [];
  for (let row = 0; row < count; row++) {
    let path = "";
    let directory = 0;
    for (const [content, form] of formats) {
      const value = readForm(cursor, form, 0, encoding);
      if (content === CONTENT_PATH)
        path = (form === FORM.string ? unit.sections.line.string(value) : unit.string({ form, value })) ?? "";
      else if (content === CONTENT_DIRECTORY) directory = value;
    }
    entries.push({ path, directory });
  }
  return entries;
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
