/** An image with what reach asks of it: functions, what they refer to, and the pointers that its data holds. */
import { attempt } from "../base/errors.js";
import { loadedBytes } from "../elf/loaded-bytes.js";
import { readDynamic, readDynamicSymbols } from "../elf/dynamic.js";
import { DT, PT, SHN, SHT } from "../elf/elf-constants.js";
import type { ElfFile } from "../elf/elf-file.js";
import { recordsIn } from "../elf/records.js";
import { readDynamicRelocations } from "../elf/relocations.js";
import { readSymbolTable, type ElfSymbols } from "../elf/symbols.js";
import { unwindRanges } from "../elf/unwind-ranges.js";
import type { Image } from "../image/image.js";
import { cloneOf } from "../placement/symbol-names.js";
import { cStringAt } from "../base/c-string.js";
import { CodeReader, type Disassemble } from "./code-reader.js";
import { FunctionIndex, type CodeRange } from "./function-index.js";
import { objectReferences, type NamedReference } from "./object-references.js";
import { Pointers } from "./pointers.js";
import { staticRelocations, type StaticRelocation } from "./static-relocations.js";

export interface ReachFile {
  readonly image: Image;
  readonly functions: FunctionIndex;
  readonly code: CodeReader;
  readonly pointers: Pointers;
  /** What the linker kept of the relocations of code; empty mostly. By place. */
  readonly kept: readonly StaticRelocation[];
  /** What object files tell of a function, by its name in the symbol table. */
  referencesByName(symbol: string): readonly NamedReference[];
  /** Where the symbols of a name are. */
  named(symbol: string): readonly number[];
  /** Functions are looked up by the loader when they are first called. */
  readonly boundLazily: boolean;
  /** DT_NEEDED: the libraries that names are looked up in, in that order. */
  readonly needed: readonly string[];
  /** Cold halves and the like, which belong to the function of that name in the symbol table. */
  partsOf(symbol: string): readonly CodeRange[];
  /** Name of a dynamic symbol. */
  dynamicName(index: number): string;
  /** Address of what the file defines under a name for others. */
  exported(name: string): number | undefined;
}

/** @param objects object files that the file was linked from, where they are known. */
export function reachFile(
  elf: ElfFile,
  image: Image,
  disassemble: Disassemble,
  objects: readonly ElfFile[] = [],
): ReachFile {
  const functions = new FunctionIndex(image, unwindRanges(elf));
  const kept = elf.type === ET_REL ? [] : staticRelocations(elf);
  const dynamic = dynamicSymbols(elf);
  let parts: Map<string, CodeRange[]> | undefined;
  let exports: Map<string, number> | undefined;
  let byName: ReadonlyMap<string, readonly NamedReference[]> | undefined;
  let places: Map<string, number[]> | undefined;
  return {
    image,
    functions,
    code: new CodeReader(image, functions, disassemble),
    pointers: new Pointers(elf, image, kept),
    kept,
    ...loaderTables(elf),
    partsOf: (symbol) => (parts ??= partsByFunction(functions)).get(symbol) ?? [],
    referencesByName: (symbol) => (byName ??= objectReferences(objects)).get(symbol) ?? [],
    named: (symbol) => (places ??= placesByName(image)).get(symbol) ?? [],
    dynamicName: (index) => dynamic?.name(index) ?? "",
    exported: (name) => (exports ??= definedNames(dynamic)).get(name),
  };
}

function placesByName(image: Image): Map<string, number[]> {
  const places = new Map<string, number[]>();
  for (const { name, kind, address } of image.symbols()) {
    if (kind === "tls") continue;
    const known = places.get(name);
    if (known === undefined) places.set(name, [address]);
    else known.push(address);
  }
  return places;
}

function partsByFunction(functions: FunctionIndex): Map<string, CodeRange[]> {
  const parts = new Map<string, CodeRange[]>();
  for (const range of functions.between(0, Infinity)) {
    const clone = range.symbol === undefined ? undefined : cloneOf(range.symbol.name);
    if (clone?.kind !== "part") continue;
    const known = parts.get(clone.of);
    if (known === undefined) parts.set(clone.of, [range]);
    else known.push(range);
  }
  return parts;
}

function dynamicSymbols(elf: ElfFile): ElfSymbols | undefined {
  const section = elf.sections.find(({ type }) => type === SHT.DYNSYM);
  const symbols = attempt(() =>
    section === undefined ? readDynamicSymbols(elf, readDynamic(elf)) : readSymbolTable(elf, section),
  );
  return symbols.ok ? symbols.value : undefined;
}

function definedNames(symbols: ElfSymbols | undefined): Map<string, number> {
  const names = new Map<string, number>();
  for (let row = 1; row < (symbols?.count ?? 0); row++) {
    const section = symbols!.section[row]!;
    if (section !== SHN.UNDEF && section < SHN.LORESERVE) names.set(symbols!.name(row), symbols!.address[row]!);
  }
  return names;
}

function loaderTables(elf: ElfFile): Pick<ReachFile, "boundLazily" | "needed"> {
  const tags = readDynamic(elf);
  const now =
    tags.has(DT_BIND_NOW) ||
    ((tags.get(DT_FLAGS) ?? 0) & DF_BIND_NOW) !== 0 ||
    ((tags.get(DT_FLAGS_1) ?? 0) & DF_1_NOW) !== 0;
  // A library may have entries there that need no names: functions that are chosen by the processor.
  const named = readDynamicRelocations(elf, tags).plt.some(({ symbol }) => symbol !== 0);
  return { boundLazily: named && !now, needed: neededLibraries(elf, tags) };
}

/** There is one tag for each, so that a map of tags does not have them all. */
function neededLibraries(elf: ElfFile, tags: ReadonlyMap<number, number>): readonly string[] {
  const dynamic = elf.segments.find(({ type }) => type === PT.DYNAMIC);
  const strings = tags.get(DT.STRTAB);
  if (dynamic === undefined || strings === undefined || !elf.is64) return [];
  const fields = recordsIn(
    loadedBytes(elf, dynamic.address, Math.min(dynamic.fileSize, MAX_DYNAMIC_BYTES)),
    16,
    elf.littleEndian,
  );
  const names: string[] = [];
  for (let row = 0; row < fields.count && fields.u64(row, 0) !== 0; row++) {
    if (fields.u64(row, 0) !== DT_NEEDED || names.length === MAX_NEEDED) continue;
    names.push(cStringAt(loadedBytes(elf, strings + fields.u64(row, 8), MAX_NAME_BYTES), 0));
  }
  return names;
}

const ET_REL = 1;
const DT_NEEDED = 1;
const DT_BIND_NOW = 24;
const DT_FLAGS = 30;
const DT_FLAGS_1 = 0x6fff_fffb;
const DF_BIND_NOW = 8;
const DF_1_NOW = 1;
const MAX_DYNAMIC_BYTES = 1 << 20;
const MAX_NEEDED = 1024;
const MAX_NAME_BYTES = 4096;
