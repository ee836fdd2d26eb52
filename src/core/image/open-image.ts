/** Opens an ELF file as an Image. Cheap: symbols, relocations and debug information are decoded on first use. */
import type { ByteSource } from "../base/byte-source.js";
import { SparseBytes } from "../base/sparse-bytes.js";
import { demangle } from "../demangle/demangle.js";
import { Dwarf, type DwarfPosition } from "../dwarf/dwarf.js";
import { readDynamic, readDynamicSymbols } from "../elf/dynamic.js";
import { EM, ET, PT, SHT } from "../elf/elf-constants.js";
import { readElf, type ElfFile } from "../elf/elf-file.js";
import { readBuildId } from "../elf/notes.js";
import { readDynamicRelocations } from "../elf/relocations.js";
import { decodeSymbols, readSymbolTable, type ElfSymbols } from "../elf/symbols.js";
import { dwarfSections, hasDebugInformation, hasLines, openDebugFile, type DebugElf } from "./debug-elf.js";
import type { DebugProvider } from "./debug-provider.js";
import type { Definition, Frame, Image, ImageObject, ImageSection, ImageSymbol, SourcePosition } from "./image.js";
import { objectAt, type ObjectSources } from "./image-objects.js";
import { imageSection, imageSegment, SectionIndex } from "./image-sections.js";
import { JumpTables } from "./jump-tables.js";
import { Linkage } from "./linkage.js";
import { ProblemList } from "./problem-list.js";
import { SymbolIndex } from "./symbol-index.js";

/** Throws InputError when the source is no ELF file; whatever else is broken in it becomes `problems`. */
export function openImage(source: ByteSource, path: string, debug?: DebugProvider): Image {
  const elf = readElf(source);
  const buildId = readBuildId(elf);
  const problems = new ProblemList(elf.problems);
  const separate = hasDebugInformation(elf) ? undefined : openDebugFile(elf, path, buildId, debug, problems);
  return new ElfImage(elf, path, buildId, separate, problems);
}

class ElfImage implements Image {
  readonly machine: Image["machine"];
  readonly kind: Image["kind"];
  readonly segments: Image["segments"];
  readonly sections: readonly ImageSection[];
  readonly debug: Image["debug"];
  private readonly index: SectionIndex;
  private readonly sources: ObjectSources;
  private readonly names = new Map<string, string>();
  private symbolIndex: SymbolIndex | undefined;
  private dynamicSymbols: ElfSymbols | undefined;
  private linkageTables: Linkage | undefined;
  private jumpTables: JumpTables | undefined;
  private dwarf: Dwarf | undefined;

  constructor(
    private readonly elf: ElfFile,
    readonly path: string,
    readonly buildId: string | undefined,
    private readonly separate: DebugElf | undefined,
    private readonly problemList: ProblemList,
  ) {
    this.machine = elf.is64 || elf.machine !== EM.RISCV ? (MACHINES[elf.machine] ?? "other") : "other";
    this.kind = KINDS[elf.type] ?? "other";
    this.segments = elf.segments.map(imageSegment);
    this.sections = elf.sections.slice(1).map(imageSection);
    this.index = new SectionIndex(elf);
    this.sources = {
      elf,
      sections: this.index,
      symbols: () => this.symbolsByAddress(),
      linkage: () => this.linkage(),
      jumpTables: () => this.tables(),
      framesAt: (address) => this.framesAt(address),
    };
    this.debug = {
      symbols: symbolKind(elf, separate?.elf),
      lines: hasLines(elf) || (separate !== undefined && hasLines(separate.elf)),
      file: separate?.path,
    };
  }

  get problems(): readonly string[] {
    return this.problemList.texts;
  }

  addressOfFileOffset(offset: number): number | undefined {
    const segment = this.segments.find(
      ({ type, fileOffset, fileSize }) => type === PT.LOAD && offset >= fileOffset && offset < fileOffset + fileSize,
    );
    return segment === undefined ? undefined : offset - segment.fileOffset + segment.address;
  }

  sectionAt(address: number): ImageSection | undefined {
    const section = this.index.at(address);
    return section === undefined ? undefined : this.sections[section.index - 1];
  }

  symbolAt(address: number): ImageSymbol | undefined {
    const stub = this.stubAt(address);
    return stub === undefined
      ? this.symbolsByAddress().at(address)
      : { ...stub, displayName: stub.name, kind: "function" };
  }

  symbols(): readonly ImageSymbol[] {
    return this.symbolsByAddress().list();
  }

  symbolsLike(names: ReadonlySet<string>): readonly ImageSymbol[] {
    return this.symbolsByAddress().like(names);
  }

  framesAt(address: number): readonly Frame[] {
    if (!this.index.isCode(address)) return [];
    const stub = this.stubAt(address);
    if (stub !== undefined) return [this.nameOnly(stub.name, stub.name)];
    const found = this.debugInformation().framesAt(address);
    const symbols = this.symbolsByAddress();
    const symbol = symbols.functionAt(address);
    if (found.length === 0) {
      if (symbol === undefined) return [];
      return [this.nameOnly(symbol.displayName, symbol.name, symbols.fileAt(address))];
    }
    return found.map(({ file, md5, line, column, scope }, index) => {
      const inlined = index < found.length - 1;
      // The symbol table knows a function's parts and clones (f.cold, f.part.0), its entry does not.
      const named = inlined || symbol === undefined ? scope : { name: symbol.name, linkageName: symbol.name };
      const linkageName = named?.linkageName ?? named?.name ?? "";
      return {
        function: this.readable(linkageName),
        linkageName,
        ...position({ file, line, column }),
        ...(md5 === undefined ? {} : { md5 }),
        inlined,
        declaration: scope?.declaration && position(scope.declaration),
      };
    });
  }

  objectAt(address: number): ImageObject | undefined {
    return objectAt(this.sources, address);
  }

  declarationAt(start: number): SourcePosition | undefined {
    const declared = this.index.isCode(start)
      ? this.debugInformation().framesAt(start).at(-1)?.scope?.declaration
      : this.debugInformation().variableAt(start)?.declaration;
    return declared && position(declared);
  }

  definitionsOf(names: ReadonlySet<string>): readonly Definition[] {
    const found = this.debugInformation().definitions(names);
    return found.map(({ name, linkageName, kind, declaration, addresses, inlinedCalls, declaredOnly, unit }) => {
      const symbol = linkageName ?? name ?? "";
      // The linker leaves what it dropped at 0 or all ones, where nothing is.
      const there = addresses.filter((address) => this.index.at(address) !== undefined);
      return {
        name: symbol,
        displayName: this.readable(symbol),
        kind,
        declaration: declaration && position(declaration),
        addresses: there,
        dropped: there.length < addresses.length,
        inlinedCalls,
        declaredOnly,
        unit,
      };
    });
  }

  /** The same few names come again and again: a header's functions are inlined everywhere. */
  private readable(linkageName: string): string {
    let name = this.names.get(linkageName);
    if (name === undefined) {
      name = demangle(linkageName);
      this.names.set(linkageName, name);
    }
    return name;
  }

  private nameOnly(name: string, linkageName: string, file = ""): Frame {
    return { function: name, linkageName, file, line: 0, column: 0, inlined: false, declaration: undefined };
  }

  private stubAt(address: number) {
    const section = this.index.at(address);
    return section !== undefined && /^\.i?plt(?:\.|$)/.test(section.name) ? this.linkage().stubAt(address) : undefined;
  }

  private linkage(): Linkage {
    if (this.linkageTables === undefined) {
      const dynamic = this.dynamicTable();
      this.linkageTables = new Linkage({
        elf: this.elf,
        relocations: readDynamicRelocations(this.elf, readDynamic(this.elf)),
        symbolName: (index) => dynamic.name(index),
        nameOf: (address) => this.placeName(address),
      });
    }
    return this.linkageTables;
  }

  private tables(): JumpTables {
    return (this.jumpTables ??= new JumpTables({
      elf: this.elf,
      sections: this.index,
      functionAt: (address) => this.symbolsByAddress().functionAt(address),
    }));
  }

  /** A name for what a pointer points at: a symbol, or the section and how far in. */
  private placeName(address: number): string | undefined {
    const symbol = this.symbolsByAddress().at(address);
    const offset = symbol === undefined ? 0 : address - symbol.address;
    if (symbol !== undefined)
      return offset === 0 ? symbol.displayName : `${symbol.displayName}+0x${offset.toString(16)}`;
    const section = this.index.at(address);
    return section && `${section.name}+0x${(address - section.address).toString(16)}`;
  }

  private symbolsByAddress(): SymbolIndex {
    if (this.symbolIndex === undefined) {
      const own = this.tableOf(this.elf, SHT.SYMTAB);
      const debug = own === undefined && this.separate ? this.tableOf(this.separate.elf, SHT.SYMTAB) : undefined;
      const tls = this.elf.segments.find(({ type }) => type === PT.TLS);
      this.symbolIndex = new SymbolIndex(this.elf, own ?? debug ?? this.dynamicTable(), tls?.address ?? 0);
    }
    return this.symbolIndex;
  }

  private dynamicTable(): ElfSymbols {
    return (this.dynamicSymbols ??=
      this.tableOf(this.elf, SHT.DYNSYM) ??
      this.problemList.try(() => {
        const tags = readDynamic(this.elf);
        return tags.size === 0 ? noSymbols(this.elf) : readDynamicSymbols(this.elf, tags);
      }) ??
      noSymbols(this.elf));
  }

  private tableOf(elf: ElfFile, type: number): ElfSymbols | undefined {
    const section = elf.sections.find((candidate) => candidate.type === type);
    const symbols = section && this.problemList.try(() => readSymbolTable(elf, section));
    return symbols !== undefined && symbols.count > 0 ? symbols : undefined;
  }

  private debugInformation(): Dwarf {
    if (this.dwarf === undefined) {
      const holder = this.separate?.elf ?? this.elf;
      this.dwarf = new Dwarf(dwarfSections(holder, this.problemList), {
        isCode: (address) => this.index.isCode(address),
        problem: (text) => this.problemList.add(text),
      });
    }
    return this.dwarf;
  }
}

function position({ file, line, column }: DwarfPosition): SourcePosition {
  return { file: file ?? "", line, column };
}

function symbolKind(elf: ElfFile, debug: ElfFile | undefined): Image["debug"]["symbols"] {
  const has = (file: ElfFile | undefined, wanted: number): boolean =>
    file?.sections.some(({ type, size }) => type === wanted && size > 0) ?? false;
  if (has(elf, SHT.SYMTAB) || has(debug, SHT.SYMTAB)) return "symtab";
  return has(elf, SHT.DYNSYM) || elf.segments.some(({ type }) => type === PT.DYNAMIC) ? "dynsym" : "none";
}

function noSymbols(elf: ElfFile): ElfSymbols {
  return decodeSymbols(elf, new Uint8Array(), SparseBytes.of(new Uint8Array(), ".dynstr"));
}

const MACHINES: Readonly<Record<number, Image["machine"]>> = {
  [EM.X86_64]: "x86-64",
  [EM.AARCH64]: "aarch64",
  [EM.I386]: "i386",
  [EM.ARM]: "arm",
  [EM.RISCV]: "riscv64",
};
const KINDS: Readonly<Record<number, Image["kind"]>> = {
  [ET.REL]: "relocatable",
  [ET.EXEC]: "executable",
  [ET.DYN]: "shared",
  [ET.CORE]: "core",
};
