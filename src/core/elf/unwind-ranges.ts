/** The ranges of code that .eh_frame describes (LSB, "Exception Frames"): functions, and parts of them, without symbols. */
import type { ElfFile } from "./elf-file.js";
import { loadedBytes } from "./loaded-bytes.js";

export interface UnwindRange {
  readonly address: number;
  readonly size: number;
}

/** In the order of the file; empty where the section is missing, and up to where it is broken. 64-bit files only. */
export function unwindRanges(elf: ElfFile): readonly UnwindRange[] {
  const section = elf.sections.find(({ name }) => name === ".eh_frame");
  if (section === undefined || !elf.is64) return [];
  const bytes = loadedBytes(elf, section.address, Math.min(section.size, MAX_UNWIND_BYTES));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { littleEndian } = elf;
  const encodings = new Map<number, number | undefined>();
  const ranges: UnwindRange[] = [];
  for (let at = 0; at + 8 <= bytes.length;) {
    const length = view.getUint32(at, littleEndian);
    // The extended length is for entries over 4 GB.
    if (length === 0 || length === 0xffff_ffff || length > bytes.length - at - 4) break;
    const id = at + 4;
    const cie = view.getUint32(id, littleEndian);
    if (cie === 0) {
      encodings.set(at, pointerEncoding(view, id + 4, id + length));
    } else {
      const encoding = encodings.get(id - cie);
      const range = encoding === undefined ? undefined : rangeAt(view, id + 4, encoding, { section, littleEndian });
      if (range !== undefined && range.size > 0) ranges.push(range);
    }
    at = id + length;
  }
  return ranges;
}

/** The augmentation's "R": how addresses of this entry's functions are written. undefined where it cannot be told. */
function pointerEncoding(view: DataView, start: number, end: number): number | undefined {
  let at = start + 1;
  let augmentation = "";
  for (; at < end && view.getUint8(at) !== 0; at++) augmentation += String.fromCharCode(view.getUint8(at));
  at++;
  if (augmentation === "") return ABSOLUTE;
  if (!augmentation.startsWith("z")) return undefined;
  // Alignment of code and of data, the register of the return address, and the length of what follows.
  for (let field = 0; field < 4; field++) {
    while (at < end && (view.getUint8(at) & 0x80) !== 0) at++;
    at++;
  }
  for (const letter of augmentation.slice(1)) {
    if (at >= end) return undefined;
    if (letter === "R") return view.getUint8(at);
    if (letter === "L") at++;
    else if (letter === "P") at += 1 + (pointerSize(view.getUint8(at)) ?? end);
    else if (letter !== "S" && letter !== "B" && letter !== "G") return undefined;
  }
  return ABSOLUTE;
}

interface Frame {
  readonly section: { readonly address: number };
  readonly littleEndian: boolean;
}

function rangeAt(view: DataView, at: number, encoding: number, { section, littleEndian }: Frame) {
  const size = pointerSize(encoding);
  if (size === undefined || at + 2 * size > view.byteLength) return undefined;
  const read = (place: number, signed: boolean): number => {
    if (size === 4) return signed ? view.getInt32(place, littleEndian) : view.getUint32(place, littleEndian);
    const low = view.getUint32(place + (littleEndian ? 0 : 4), littleEndian);
    const high = place + (littleEndian ? 4 : 0);
    return (signed ? view.getInt32(high, littleEndian) : view.getUint32(high, littleEndian)) * 2 ** 32 + low;
  };
  const relative = (encoding & 0x70) === RELATIVE_TO_HERE;
  if (!relative && (encoding & 0x70) !== 0) return undefined;
  const value = read(at, (encoding & 8) !== 0 || relative);
  return { address: relative ? section.address + at + value : value, size: read(at + size, false) };
}

function pointerSize(encoding: number): number | undefined {
  switch (encoding & 7) {
    case 0:
    case 4:
      return 8;
    case 3:
      return 4;
    default:
      return undefined;
  }
}

/** DW_EH_PE_absptr and DW_EH_PE_pcrel. */
const ABSOLUTE = 0;
const RELATIVE_TO_HERE = 0x10;
const MAX_UNWIND_BYTES = 1 << 28;
