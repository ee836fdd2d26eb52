/** Relocations that a linker has used and kept (--emit-relocs), or that an object file has for it. */
import { attempt } from "../base/errors.js";
import { MAX_STRING_TABLE_BYTES } from "../base/limits.js";
import { EM, SHF, SHN, SHT, STT } from "../elf/elf-constants.js";
import type { ElfFile, ElfSection } from "../elf/elf-file.js";
import { recordsIn } from "../elf/records.js";
import { readSymbolTable, type ElfSymbols } from "../elf/symbols.js";
import type { ReferenceKind } from "./references.js";

export interface StaticRelocation {
  /** In a linked file the link-time address of the place; in an object file its offset in the section. */
  readonly place: number;
  /** Index of the section the place is in. */
  readonly section: number;
  readonly kind: Extract<ReferenceKind, "call" | "address">;
  /** Name of the symbol; "" for that of a section. */
  readonly symbol: string;
  /** Section index and value of the symbol; undefined where another file defines it. */
  readonly target: { readonly section: number; readonly value: number } | undefined;
  /** Whether the symbol itself is meant, and not a place in a section. */
  readonly named: boolean;
  /** Relative to the end of an instruction that is not known here: the place may be some bytes further. */
  readonly vague: boolean;
}

/** By place. Empty where the file has none; 64-bit files of x86-64 and aarch64 only. */
export function staticRelocations(elf: ElfFile): readonly StaticRelocation[] {
  const kinds = KINDS[elf.machine];
  if (kinds === undefined || !elf.is64) return [];
  const tables = new Map<number, ElfSymbols | undefined>();
  return elf.sections
    .filter(({ type, flags, size }) => type === SHT.RELA && (flags & SHF.ALLOC) === 0 && size > 0)
    .flatMap((section) => {
      const relocated = elf.sections[section.info];
      if (relocated === undefined || (relocated.flags & SHF.ALLOC) === 0) return [];
      if (!tables.has(section.link)) tables.set(section.link, symbolsOf(elf, elf.sections[section.link]));
      const symbols = tables.get(section.link);
      return symbols === undefined ? [] : decode(elf, section, symbols, kinds);
    })
    .sort((a, b) => a.place - b.place);
}

function symbolsOf(elf: ElfFile, section: ElfSection | undefined): ElfSymbols | undefined {
  if (section?.type !== SHT.SYMTAB) return undefined;
  const symbols = attempt(() => readSymbolTable(elf, section));
  return symbols.ok ? symbols.value : undefined;
}

function decode(
  elf: ElfFile,
  section: ElfSection,
  symbols: ElfSymbols,
  kinds: Readonly<Record<number, RelocationKind>>,
): StaticRelocation[] {
  const content = attempt(() => elf.source.read(section.offset, Math.min(section.size, MAX_STRING_TABLE_BYTES)));
  if (!content.ok) return [];
  const fields = recordsIn(content.value, RELA_BYTES, elf.littleEndian);
  const found: StaticRelocation[] = [];
  for (let row = 0; row < fields.count; row++) {
    const type = fields.u32(row, elf.littleEndian ? 8 : 12);
    const symbol = fields.u32(row, elf.littleEndian ? 12 : 8);
    const kind = kinds[type];
    if (kind === undefined || symbol >= symbols.count) continue;
    const sectionSymbol = (symbols.info[symbol]! & 0xf) === STT.SECTION;
    const of = symbols.section[symbol]!;
    // What a relative one adds is counted from its place, mostly four bytes before the end of the instruction.
    const addend = sectionSymbol
      ? signed64(fields.u32(row, elf.littleEndian ? 16 : 20), fields.u32(row, elf.littleEndian ? 20 : 16))
      : 0;
    found.push({
      place: fields.u64(row, 0),
      section: section.info,
      kind: kind.kind,
      symbol: sectionSymbol ? "" : symbols.name(symbol),
      target:
        of === SHN.UNDEF || of >= SHN.LORESERVE
          ? undefined
          : { section: of, value: symbols.address[symbol]! + addend + (sectionSymbol ? kind.bias : 0) },
      named: !sectionSymbol,
      vague: sectionSymbol && kind.bias > 0,
    });
  }
  return found;
}

function signed64(low: number, high: number): number {
  return (high | 0) * 2 ** 32 + low;
}

interface RelocationKind {
  readonly kind: StaticRelocation["kind"];
  /** Bytes from the place to where a relative address counts from. */
  readonly bias: number;
}

function address(bias = 0): RelocationKind {
  return { kind: "address", bias };
}
const CALL: RelocationKind = { kind: "call", bias: 4 };

/** Of the processor supplements: those that lead to code or data of the program. Thread-local ones do not. */
const KINDS: Readonly<Record<number, Readonly<Record<number, RelocationKind>>>> = {
  // 64, PC32, PLT32, GOTPCREL, 32, 32S, PC64, GOTPCRELX, REX_GOTPCRELX
  [EM.X86_64]: {
    1: address(),
    2: address(4),
    4: CALL,
    9: address(4),
    10: address(),
    11: address(),
    24: address(),
    41: address(4),
    42: address(4),
  },
  // ABS64, PREL32, ADR_PREL_PG_HI21 and its NC, ADD, LDST8, JUMP26, CALL26, LDST16…64, LDST128, ADR_GOT_PAGE, LD64_GOT
  [EM.AARCH64]: {
    257: address(),
    261: address(),
    275: address(),
    276: address(),
    277: address(),
    278: address(),
    282: { kind: "call", bias: 0 },
    283: { kind: "call", bias: 0 },
    284: address(),
    285: address(),
    286: address(),
    299: address(),
    311: address(),
    312: address(),
  },
};
const RELA_BYTES = 24;
