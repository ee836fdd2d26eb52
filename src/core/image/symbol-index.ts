/** Symbols by address. Two rules pick among several at one address: nm's for data, llvm-symbolizer's for code. */
import { lastAtOrBelow } from "../base/bisect.js";
import { NameSet } from "../base/name-set.js";
import { rowOrder } from "../base/row-order.js";
import { demangle } from "../demangle/demangle.js";
import { EM, SHF, SHN, SHT, STB, STT } from "../elf/elf-constants.js";
import type { ElfFile, ElfSection } from "../elf/elf-file.js";
import type { ElfSymbols } from "../elf/symbols.js";
import type { ImageSymbol } from "./image.js";

export class SymbolIndex {
  /** Rows of the symbol table by (address, size, place in the table). */
  private readonly order: Uint32Array;
  private readonly addresses: Float64Array;
  /** Largest end address of this symbol and all before it: where a search backwards may stop. */
  private readonly reach: Float64Array;
  private readonly cache = new Map<number, ImageSymbol>();
  /** Rows of STT_FILE symbols: each stands before the local symbols of its file. */
  private fileRows: Uint32Array | undefined;
  private all: readonly ImageSymbol[] | undefined;

  constructor(
    private readonly elf: ElfFile,
    private readonly symbols: ElfSymbols,
    private readonly tlsAddress: number,
  ) {
    const all = new Uint32Array(symbols.count);
    const address = new Float64Array(symbols.count);
    const holds = elf.sections.map(({ flags }) => (flags & SHF.ALLOC) !== 0);
    let count = 0;
    for (let row = 0; row < symbols.count; row++) {
      // Most symbols are passed over by a look at their section; all of them are in the way of every first answer.
      if (holds[symbols.section[row]!] === false || !this.isNamed(row)) continue;
      all[count++] = row;
      address[row] = this.addressOf(row);
    }
    this.order = sortRows(all.subarray(0, count), address, symbols.size);
    this.addresses = new Float64Array(count);
    this.reach = new Float64Array(count);
    let reach = 0;
    for (let index = 0; index < count; index++) {
      const row = this.order[index]!;
      const start = address[row]!;
      this.addresses[index] = start;
      this.reach[index] = reach = Math.max(reach, start + symbols.size[row]!);
    }
  }

  /**
   * The symbol with a size that covers the address; of nested ones the innermost, of several at one start: typed before
   * untyped, global before weak before local, then the last in the table.
   */
  sizedAt(address: number): ImageSymbol | undefined {
    for (let index = lastAtOrBelow(this.addresses, address); index >= 0 && this.reach[index]! > address; index--) {
      const start = this.addresses[index]!;
      let best = -1;
      for (; index >= 0 && this.addresses[index] === start; index--)
        if (start + this.sizeAt(index) > address && this.covers(index, address))
          if (best < 0 || this.rank(index) > this.rank(best)) best = index;
      if (best >= 0) return this.symbol(best);
      index++;
    }
    return undefined;
  }

  /** The covering symbol, or the nearest one before the address if it has no size and is of the same section. */
  at(address: number): ImageSymbol | undefined {
    const sized = this.sizedAt(address);
    if (sized !== undefined) return sized;
    let index = lastAtOrBelow(this.addresses, address);
    if (index < 0) return undefined;
    const start = this.addresses[index]!;
    let best = -1;
    for (; index >= 0 && this.addresses[index] === start; index--) {
      if (this.sizeAt(index) > 0) return undefined;
      if (this.covers(index, address) && (best < 0 || this.rank(index) > this.rank(best))) best = index;
    }
    return best < 0 ? undefined : this.symbol(best);
  }

  /**
   * The name llvm-symbolizer gives an instruction: of the nearest start before it the largest symbol, the last in the
   * table of several. This tells a function's cold part (`f.cold`) and its clones apart.
   */
  functionAt(address: number): ImageSymbol | undefined {
    let index = lastAtOrBelow(this.addresses, address);
    while (index >= 0 && this.typeAt(index) === STT.TLS) index--;
    if (index < 0 || !this.covers(index, address)) return undefined;
    const size = this.sizeAt(index);
    return size === 0 || address < this.addresses[index]! + size ? this.symbol(index) : undefined;
  }

  /** The source file the linker recorded for a local symbol of `functionAt`: a base name, and no line. */
  fileAt(address: number): string | undefined {
    const row = this.order[lastAtOrBelow(this.addresses, address)];
    if (row === undefined || this.symbols.info[row]! >> 4 !== STB.LOCAL) return undefined;
    this.fileRows ??= this.findFiles();
    const file = this.fileRows[lastAtOrBelow(this.fileRows, row)];
    return file === undefined ? undefined : this.symbols.name(file);
  }

  list(): readonly ImageSymbol[] {
    return (this.all ??= Array.from(this.order, (_, index) => this.symbol(index)));
  }

  /** Those of one of the names, spelled so but for a suffix or version, or an identifier of their mangled name. */
  like(names: ReadonlySet<string>): readonly ImageSymbol[] {
    const wanted = new NameSet(names);
    const { nameOffset, names: table } = this.symbols;
    const bytes = table.upTo(0, table.size);
    const found: ImageSymbol[] = [];
    for (let index = 0; index < this.order.length; index++)
      if (isLike(wanted, bytes, nameOffset[this.order[index]!]!)) found.push(this.symbol(index));
    return found;
  }

  /** Dynamic symbol names serve relocations too. */
  nameOfRow(row: number): string {
    return this.symbols.name(row);
  }

  private findFiles(): Uint32Array {
    const rows: number[] = [];
    for (let row = 0; row < this.symbols.count; row++) if ((this.symbols.info[row]! & 0xf) === STT.FILE) rows.push(row);
    return Uint32Array.from(rows);
  }

  private symbol(index: number): ImageSymbol {
    let symbol = this.cache.get(index);
    if (symbol === undefined) {
      const name = this.symbols.name(this.order[index]!);
      symbol = new NamedSymbol(name, this.typeAt(index), this.addresses[index]!, this.sizeAt(index));
      this.cache.set(index, symbol);
    }
    return symbol;
  }

  /** Whether the address is in the section the symbol is of: `_edata` is no part of what follows .data. */
  private covers(index: number, address: number): boolean {
    const section = this.sectionOf(this.order[index]!);
    // The zeroed part of the TLS template takes no room: what follows it has the same addresses.
    if (section !== undefined && (section.flags & SHF.TLS) !== 0 && section.type === SHT.NOBITS) return false;
    return section === undefined || (address >= section.address && address < section.address + section.size);
  }

  private rank(index: number): number {
    const binding = this.symbols.info[this.order[index]!]! >> 4;
    const typed = this.typeAt(index) === STT.NOTYPE ? 0 : 4;
    if (binding === STB.GLOBAL || binding === STB.GNU_UNIQUE) return typed + 3;
    return typed + (binding === STB.WEAK ? 2 : 1);
  }

  private typeAt(index: number): number {
    return this.symbols.info[this.order[index]!]! & 0xf;
  }

  private sizeAt(index: number): number {
    return this.symbols.size[this.order[index]!]!;
  }

  /** Thread-local symbols hold an offset into the template; Thumb functions have the lowest bit set. */
  private addressOf(row: number): number {
    const value = this.symbols.address[row]!;
    const type = this.symbols.info[row]! & 0xf;
    if (type === STT.TLS) return this.tlsAddress + value;
    return this.elf.machine === EM.ARM && type === STT.FUNC ? value - (value % 2) : value;
  }

  private sectionOf(row: number): ElfSection | undefined {
    return this.elf.sections[this.symbols.section[row]!];
  }

  /** Defined, in memory, and not one of the marks assemblers leave ($x, $d). */
  private isNamed(row: number): boolean {
    const section = this.symbols.section[row]!;
    if (section === SHN.UNDEF || section === SHN.ABS || section === SHN.COMMON) return false;
    const type = this.symbols.info[row]! & 0xf;
    const of = this.sectionOf(row);
    if (of !== undefined && (of.flags & SHF.ALLOC) === 0) return false;
    if (type === STT.TLS) return of === undefined || (of.flags & SHF.TLS) !== 0;
    if (type !== STT.NOTYPE && type !== STT.OBJECT && type !== STT.FUNC && type !== STT.GNU_IFUNC) return false;
    if (type !== STT.NOTYPE) return true;
    const name = this.symbols.name(row);
    return name !== "" && !(MARKED_MACHINES.has(this.elf.machine) && /^\$[adtx](?:\.|$)/.test(name));
  }
}

function isLike(names: NameSet, bytes: Uint8Array, start: number): boolean {
  if (names.isAt(bytes, start, SUFFIXES)) return true;
  // clang names a variable of a function "handle.count".
  if (bytes[start] !== UNDERSCORE) {
    let at = start;
    while (bytes[at] !== undefined && bytes[at] !== 0 && bytes[at] !== DOT) at++;
    return bytes[at] === DOT && names.isAt(bytes, at + 1, SUFFIXES);
  }
  for (let at = start + 1; bytes[at] !== undefined && bytes[at] !== 0; at++)
    if (isDigit(bytes[at - 1]) && !isDigit(bytes[at]) && endsLength(names, bytes, at)) return true;
  return false;
}

/** Whether the digits before `at` end in the length of a name there: those before them may belong to another name. */
function endsLength(names: NameSet, bytes: Uint8Array, at: number): boolean {
  let length = 0;
  for (let digit = at - 1, weight = 1; isDigit(bytes[digit]) && weight < MOST_LENGTH; digit--, weight *= 10) {
    length += (bytes[digit]! - ZERO) * weight;
    // Rust puts an underscore between the length and what begins with one.
    if (names.isAtWith(bytes, at, length) || names.isAtWith(bytes, at + 1, length)) return true;
  }
  return false;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= NINE;
}

class NamedSymbol implements ImageSymbol {
  readonly kind: ImageSymbol["kind"];
  readonly indirect?: boolean;
  private readable: string | undefined;

  constructor(
    readonly name: string,
    type: number,
    readonly address: number,
    readonly size: number,
  ) {
    this.kind = KINDS[type] ?? "other";
    if (type === STT.GNU_IFUNC) this.indirect = true;
  }

  get displayName(): string {
    // The static table names what was copied from a library with the version it was bound to.
    return (this.readable ??= demangle(this.name.replace(/@.*$/, "")));
  }
}

/** By (address, size, row). */
function sortRows(rows: Uint32Array, address: Float64Array, size: Float64Array): Uint32Array {
  const values = new Float64Array(rows.length);
  for (let at = 0; at < rows.length; at++) values[at] = address[rows[at]!]!;
  const order = rowOrder(values);
  for (let at = 0; at < order.length; at++) order[at] = rows[order[at]!]!;
  for (let start = 0, end = 1; start < order.length; start = end++) {
    const first = address[order[start]!]!;
    while (end < order.length && address[order[end]!] === first) end++;
    if (end - start > 1) order.subarray(start, end).sort((a, b) => size[a]! - size[b]! || a - b);
  }
  return order;
}

const UNDERSCORE = 0x5f;
const ZERO = 0x30;
const NINE = 0x39;
/** No identifier is longer. */
const MOST_LENGTH = 1e6;
/** Before a compiler's suffix, before a version. */
const DOT = 0x2e;
const SUFFIXES: readonly number[] = [DOT, 0x40];
const KINDS: Readonly<Record<number, ImageSymbol["kind"]>> = {
  [STT.FUNC]: "function",
  [STT.GNU_IFUNC]: "function",
  [STT.OBJECT]: "object",
  [STT.TLS]: "tls",
};
const MARKED_MACHINES: ReadonlySet<number> = new Set([EM.ARM, EM.AARCH64, EM.RISCV]);
