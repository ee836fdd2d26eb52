/** What a data or code address of an image holds, named as precisely as the file allows. */
import { PT, SHF, SHT } from "../elf/elf-constants.js";
import type { ElfFile, ElfSection } from "../elf/elf-file.js";
import { loadedBytes, loadSegmentAt } from "../elf/loaded-bytes.js";
import type { Frame, ImageObject, ImageSymbol, ObjectKind } from "./image.js";
import type { SectionIndex } from "./image-sections.js";
import type { JumpTables } from "./jump-tables.js";
import { isStubSection, type Linkage } from "./linkage.js";
import { stringLiteralAt } from "./string-literals.js";
import type { SymbolIndex } from "./symbol-index.js";

export interface ObjectSources {
  readonly elf: ElfFile;
  readonly sections: SectionIndex;
  readonly symbols: () => SymbolIndex;
  readonly linkage: () => Linkage;
  readonly jumpTables: () => JumpTables;
  readonly framesAt: (address: number) => readonly Frame[];
}

/** undefined only for addresses outside of every segment and section. */
export function objectAt(sources: ObjectSources, address: number): ImageObject | undefined {
  const section = sources.sections.at(address);
  if (section === undefined) return outsideSections(sources, address);
  if ((section.flags & SHF.EXECINSTR) !== 0) return codeAt(sources, section, address);
  const symbols = sources.symbols();
  const symbol = symbols.sizedAt(address);
  const kind = tableKind(section);
  if (kind !== undefined) return symbol === undefined ? wholeSection(section, kind) : { ...namedBy(symbol), kind };
  if (symbol !== undefined) return namedBy(symbol);
  if (section.name.startsWith(".got")) return { kind: "got-slot", ...sources.linkage().slotAt(address, section) };
  if ((section.flags & SHF.WRITE) === 0 && section.type === SHT.PROGBITS) {
    const constant = constantAt(sources, section, address);
    if (constant !== undefined) return constant;
  }
  const sizeless = symbols.at(address);
  return sizeless === undefined ? wholeSection(section, "section") : namedBy(sizeless);
}

function codeAt(sources: ObjectSources, section: ElfSection, address: number): ImageObject {
  const stub = isStubSection(section) ? sources.linkage().stubAt(address) : undefined;
  if (stub !== undefined) return { kind: "plt-stub", ...stub };
  const symbol = sources.symbols().at(address);
  if (symbol !== undefined && symbol.kind !== "object") return { ...namedBy(symbol), kind: "function" };
  if (symbol !== undefined) return namedBy(symbol);
  const frame = sources.framesAt(address).at(-1);
  if (frame === undefined || frame.function === "") return wholeSection(section, "section");
  return { kind: "function", name: frame.function, symbol: undefined, address, size: 0 };
}

/** Tables in .rodata, where the linker leaves no boundary between them and literals. */
function constantAt(sources: ObjectSources, section: ElfSection, address: number): ImageObject | undefined {
  const table = sources.jumpTables().at(address);
  if (table !== undefined)
    return {
      kind: "jump-table",
      name: `jump table of ${table.function}`,
      symbol: undefined,
      address: table.address,
      size: table.size,
    };
  const start = Math.max(section.address, address - STRING_WINDOW_BYTES);
  const end = Math.min(section.address + section.size, address + STRING_WINDOW_BYTES);
  const bytes = loadedBytes(sources.elf, start, end - start);
  if (!(bytes.length > address - start)) return undefined;
  const reference = sources.jumpTables().referenceBefore(address);
  const literal = stringLiteralAt(bytes, address - start, {
    pure: (section.flags & SHF.STRINGS) !== 0,
    referenced: reference === undefined ? undefined : reference - start,
  });
  return (
    literal && {
      kind: "string",
      name: literal.name,
      symbol: undefined,
      address: start + literal.start,
      size: literal.size,
    }
  );
}

/** Sections whose content is one table of the loader's or the unwinder's. */
function tableKind({ name, type, flags }: ElfSection): ObjectKind | undefined {
  if ((flags & SHF.TLS) !== 0) return "tls-template";
  if (/^\.(?:eh_frame|eh_frame_hdr|gcc_except_table|ARM\.ex(?:idx|tab)|sframe)(?:\.|$)/.test(name))
    return "unwind-table";
  switch (type) {
    case SHT.RELA:
    case SHT.REL:
    case SHT.RELR:
      return "relocations";
    case SHT.DYNSYM:
    case SHT.DYNAMIC:
    case SHT.HASH:
    case SHT.GNU_HASH:
    case SHT.GNU_VERDEF:
    case SHT.GNU_VERNEED:
    case SHT.GNU_VERSYM:
    case SHT.STRTAB:
      return "dynamic-table";
    default:
      return name === ".interp" ? "dynamic-table" : undefined;
  }
}

function namedBy(symbol: ImageSymbol): ImageObject {
  return {
    kind: symbol.kind === "function" ? "function" : /^_ZT[VTISC]/.test(symbol.name) ? "vtable" : "variable",
    name: symbol.displayName,
    symbol: symbol.name,
    address: symbol.address,
    size: symbol.size,
  };
}

function wholeSection({ name, address, size }: ElfSection, kind: ObjectKind): ImageObject {
  return { kind, name: name === "" ? "unnamed section" : name, symbol: undefined, address, size };
}

/** The headers at the start of the file, the rest of a page beside a section, or a file without sections. */
function outsideSections({ elf, sections, symbols }: ObjectSources, address: number): ImageObject | undefined {
  const segment = loadSegmentAt(elf, address);
  if (segment !== undefined && segment.offset === 0 && address - segment.address < elf.headerSize)
    return {
      kind: "dynamic-table",
      name: "ELF and program headers",
      symbol: undefined,
      address: segment.address,
      size: elf.headerSize,
    };
  const before = sections.before(address);
  if (before !== undefined) {
    // Pages are mapped whole, so the bytes after a section's end are there as well.
    const start = before.address + before.size;
    const page = Math.ceil(start / LARGEST_PAGE_BYTES) * LARGEST_PAGE_BYTES;
    if (segment === undefined && address >= page) return undefined;
    return { kind: "padding", name: `padding after ${before.name}`, symbol: undefined, address: start, size: 0 };
  }
  if (segment === undefined) return undefined;
  const symbol = symbols().at(address);
  if (symbol !== undefined) return namedBy(symbol);
  const flags = `${segment.flags & 4 ? "r" : "-"}${segment.flags & 2 ? "w" : "-"}${segment.flags & 1 ? "x" : "-"}`;
  const number = elf.segments.filter(({ type }) => type === PT.LOAD).indexOf(segment) + 1;
  const name = `segment ${number} (${flags})`;
  return { kind: "section", name, symbol: undefined, address: segment.address, size: segment.memorySize };
}

/** A literal longer than this on either side is shown from where the window starts. */
const STRING_WINDOW_BYTES = 4096;
const LARGEST_PAGE_BYTES = 65536;
