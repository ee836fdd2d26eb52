/** Code that takes the address of a constant: where jump tables begin, and which function jumps through them. */
import { EM, ET } from "../elf/elf-constants.js";

/** How the entries of a table lead to code. */
export type EntryKind =
  /** Four bytes, relative to the table: position-independent x86-64 code. */
  | { readonly kind: "relative" }
  /** A pointer each: x86-64 code that is not position-independent. */
  | { readonly kind: "absolute" }
  /** 1, 2 or 4 bytes, in units of `scale`, relative to an anchor in the code: aarch64. */
  | {
      readonly kind: "anchored";
      readonly size: number;
      readonly scale: number;
      readonly anchor: number;
      readonly signed: boolean;
    };

export interface TableReference {
  readonly target: number;
  /** Address of the instruction. */
  readonly site: number;
  readonly entries: EntryKind;
  /** Entries the code checks for before it jumps, where that was seen. */
  readonly count: number | undefined;
}

/** Whether an address may hold a table: told before anything is made of a reference, since nearly none may. */
type MayHold = (target: number) => boolean;
type Visit = (reference: TableReference) => void;

/** Calls `visit` for each instruction of `bytes`, loaded at `address`, that may refer to a jump table. */
export function visitTableReferences(
  { machine, type }: { readonly machine: number; readonly type: number },
  bytes: Uint8Array,
  address: number,
  mayHold: MayHold,
  visit: Visit,
): void {
  if (machine === EM.X86_64) {
    visitRelative(bytes, address, mayHold, visit);
    // Code that can be loaded anywhere has no place for an absolute address of four bytes.
    if (type !== ET.DYN) visitAbsolute(bytes, address, mayHold, visit);
  } else if (machine === EM.AARCH64) visitAarch64(bytes, address, mayHold, visit);
}

/**
 * lea table(%rip), register. Instructions are not aligned, so this sees some that are none: their targets do not look
 * like tables. All code of an image passes through here; indexOf is compiled already when the first image comes.
 */
function visitRelative(bytes: Uint8Array, address: number, mayHold: MayHold, visit: Visit): void {
  const entries: EntryKind = { kind: "relative" };
  const last = bytes.length - 7;
  for (let at = bytes.indexOf(LEA, 1); at > 0 && at <= last; at = bytes.indexOf(LEA, at + 1)) {
    if ((bytes[at + 1]! & 0xc7) !== 0x05 || (bytes[at - 1]! & 0xfb) !== 0x48) continue;
    const target = address + at + 6 + int32(bytes, at + 2);
    if (mayHold(target)) visit({ target, site: address + at - 1, entries, count: undefined });
  }
}

/** mov table(,register,8), register and jmp *table(,register,8). */
function visitAbsolute(bytes: Uint8Array, address: number, mayHold: MayHold, visit: Visit): void {
  const entries: EntryKind = { kind: "absolute" };
  const last = bytes.length - 7;
  for (let at = 1; at <= last; at++) {
    const opcode = bytes[at]!;
    if (opcode !== MOV && opcode !== JUMP_TO_SIB) continue;
    const prefix = bytes[at - 1]!;
    const next = bytes[at + 1]!;
    let target: number;
    if (opcode === MOV) {
      if ((prefix & 0xfb) !== 0x48 || (next & 0xc7) !== 0x04 || (bytes[at + 2]! & 0xc7) !== 0xc5) continue;
      target = int32(bytes, at + 3);
    } else {
      if (prefix !== 0xff || (next & 0xc7) !== 0xc5) continue;
      target = int32(bytes, at + 2);
    }
    if (mayHold(target)) visit({ target, site: address + at - 1, entries, count: undefined });
  }
}

function int32(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}

/**
 * adrp and add for the table, a load of 1, 2 or 4 bytes from it, adr for the anchor; in any order, close together.
 * The comparison before them says how many entries there are.
 */
function visitAarch64(bytes: Uint8Array, address: number, mayHold: MayHold, visit: Visit): void {
  const count = Math.floor(bytes.length / 4);
  const view = new DataView(bytes.buffer, bytes.byteOffset, count * 4);
  const word = (index: number): number => (index >= 0 && index < count ? view.getUint32(index * 4, true) : 0);
  for (let index = 0; index < count; index++) {
    const adrp = word(index);
    if ((adrp & 0x9f000000) >>> 0 !== 0x90000000) continue;
    const add = addOfPage(word, index, adrp & 0x1f);
    if (add === undefined) continue;
    const place = address + index * 4;
    const target = place - (place % 4096) + immediate21(adrp) * 4096 + ((add.word >>> 10) & 0xfff);
    if (!mayHold(target)) continue;
    const load = findLoad(word, add.index + 1, add.word & 0x1f);
    if (load === undefined) continue;
    const entries = anchorOf(word, address, add.index, load);
    if (entries !== undefined) visit({ target, site: place, entries, count: boundBefore(word, index) });
  }
}

/** add x, x, #low, a few instructions after the adrp of the same register. */
function addOfPage(word: (index: number) => number, from: number, register: number) {
  for (let index = from + 1; index <= from + WINDOW; index++) {
    const value = word(index);
    if ((value & 0xffc00000) >>> 0 === 0x91000000 && ((value >>> 5) & 0x1f) === register) return { index, word: value };
  }
  return undefined;
}

interface Load {
  readonly size: number;
  readonly signed: boolean;
}

/** ldrb, ldrh, ldrsw and the like with a register offset from the table's register. */
function findLoad(word: (index: number) => number, from: number, register: number): Load | undefined {
  for (let index = from; index < from + WINDOW; index++) {
    const value = word(index);
    if ((value & 0x3f200c00) >>> 0 !== 0x38200800 || ((value >>> 5) & 0x1f) !== register) continue;
    const isLoad = ((value >>> 22) & 3) !== 0;
    const size = 1 << (value >>> 30);
    if (isLoad && size <= 4) return { size, signed: ((value >>> 22) & 3) >= 2 };
  }
  return undefined;
}

/** adr x, anchor near the load; the addition that follows says by how much entries are scaled, and extends their sign. */
function anchorOf(word: (index: number) => number, address: number, near: number, load: Load): EntryKind | undefined {
  for (let index = near; index <= near + WINDOW + 2; index++) {
    const adr = word(index);
    if ((adr & 0x9f000000) >>> 0 !== 0x10000000) continue;
    const anchor = address + index * 4 + immediate21(adr);
    for (let next = index + 1; next <= index + 4; next++) {
      const value = word(next);
      if (((value >>> 5) & 0x1f) !== (adr & 0x1f)) continue;
      // add x, anchor, w, sxtb|sxth|sxtw|uxt… #shift
      if ((value & 0xffe00000) >>> 0 === 0x8b200000) {
        const signed = load.signed || ((value >>> 13) & 4) !== 0;
        return { kind: "anchored", size: load.size, scale: 1 << ((value >>> 10) & 7), anchor, signed };
      }
      // add x, anchor, x, lsl #shift
      if ((value & 0xffe00000) >>> 0 === 0x8b000000) {
        const { size, signed } = load;
        return { kind: "anchored", size, scale: 1 << ((value >>> 10) & 0x3f & 7), anchor, signed };
      }
    }
  }
  return undefined;
}

/** cmp w, #n: entries 0 … n. */
function boundBefore(word: (index: number) => number, from: number): number | undefined {
  for (let index = from; index >= from - WINDOW; index--) {
    const value = word(index);
    if ((value & 0x7fc0001f) >>> 0 === 0x7100001f) return ((value >>> 10) & 0xfff) + 1;
  }
  return undefined;
}

/** The offset of adr, and in pages of adrp. */
function immediate21(value: number): number {
  return (((value << 8) >> 13) << 2) | ((value >>> 29) & 3);
}

const WINDOW = 8;
/** Second bytes of the x86-64 instructions wanted. */
const LEA = 0x8d;
const MOV = 0x8b;
const JUMP_TO_SIB = 0x24;
