/** What a program's file shows of its link: sections, all symbols, the linker that made it. */
import { attempt } from "../core/base/errors.js";
import { EM, ET, SHF, SHN, SHT, STB, STT } from "../core/elf/elf-constants.js";
import { readElf, type ElfFile, type ElfSection } from "../core/elf/elf-file.js";
import { scriptlessLinker, type ScriptlessLinker } from "../core/elf/scriptless-linker.js";
import { readSymbolTable } from "../core/elf/symbols.js";
import type { Dialect } from "../core/ldscript/dialect.js";
import { lldOf, type LinkedLayout } from "../core/ldscript/search/layout-fit.js";
import { FileByteSource } from "./file-source.js";
import { UserError } from "./user-error.js";

export interface LinkedProgram extends LinkedLayout {
  readonly path: string;
  /** undefined: GNU ld, which leaves no name. */
  readonly linker: Dialect | ScriptlessLinker | undefined;
  readonly kind: "static" | "pie" | "shared";
  /** Prefixes of the linkers of its machine: "" is this machine's own. */
  readonly targets: readonly string[];
  readonly defined: ReadonlySet<string>;
  /** Names of the sources, as STT_FILE has them. */
  readonly sources: ReadonlySet<string>;
  /** Readelf's letters of an output section. */
  readonly flagsOf: (section: string) => { readonly flags: string; readonly type: string } | undefined;
}

/** Throws UserError for a file that is no linked one. */
export function readLinkedProgram(path: string): LinkedProgram {
  let source: FileByteSource;
  try {
    source = FileByteSource.open(path);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError(`${path} cannot be read (${reason}): name a program that is built.`);
  }
  try {
    const elf = attempt(() => readElf(source));
    if (!elf.ok) throw new UserError(`${path} is no ELF file (${elf.error.message}): name a program that is built.`);
    return programOf(path, elf.value);
  } finally {
    source.close();
  }
}

function programOf(path: string, elf: ElfFile): LinkedProgram {
  const sections = elf.sections.map(({ name, address, size, flags, type }) => ({
    ...{ name, address, size, type },
    loaded: (flags & SHF.ALLOC) !== 0,
    letters: (flags & SHF.WRITE ? "W" : "") + (flags & SHF.ALLOC ? "A" : "") + (flags & SHF.EXECINSTR ? "X" : ""),
  }));
  const table = elf.sections.find(({ type }) => type === SHT.SYMTAB);
  const { defined, sources } = namesIn(elf, table);
  const byName = new Map(sections.map((section) => [section.name, section]));
  return {
    path,
    sections,
    symbols: table === undefined ? undefined : defined,
    linker: lldOf(textOf(elf, ".comment")) ?? scriptlessLinker(elf),
    kind: elf.type !== ET.DYN ? "static" : byName.has(".interp") ? "pie" : "shared",
    targets: targetsOf(elf.machine),
    defined,
    sources,
    flagsOf: (name) => {
      const section = byName.get(name);
      return section && { flags: section.letters, type: section.type === SHT.NOBITS ? "NOBITS" : "PROGBITS" };
    },
  };
}

/** Names that an object or a linked file defines, its sources' names apart. */
export function namesIn(
  elf: ElfFile,
  table: ElfSection | undefined,
): {
  readonly defined: ReadonlySet<string>;
  readonly sources: ReadonlySet<string>;
  readonly globals: readonly string[];
} {
  const defined = new Set<string>();
  const sources = new Set<string>();
  const globals: string[] = [];
  const read = table === undefined ? undefined : attempt(() => readSymbolTable(elf, table));
  const symbols = read?.ok === true ? read.value : undefined;
  for (let row = 1; row < (symbols?.count ?? 0); row++) {
    const type = symbols!.info[row]! & 15;
    if (type === STT.FILE) sources.add(symbols!.name(row));
    else if (symbols!.section[row] !== SHN.UNDEF && type !== STT.SECTION) {
      const name = symbols!.name(row);
      defined.add(name);
      if (symbols!.info[row]! >> 4 !== STB.LOCAL) globals.push(name);
    }
  }
  return { defined, sources, globals };
}

function textOf(elf: ElfFile, name: string): string {
  const section = elf.sections.find((each) => each.name === name);
  if (section === undefined || section.type === SHT.NOBITS) return "";
  return new TextDecoder("latin1").decode(elf.source.read(section.offset, Math.min(section.size, MOST_COMMENT)));
}

/** Debian's names of the cross binutils; the machine's own linker first where it is the same. */
function targetsOf(machine: number): readonly string[] {
  const [own, names] = TARGETS.get(machine) ?? [undefined, []];
  return own === process.arch ? ["", ...names] : names;
}

const TARGETS: ReadonlyMap<number, readonly [string, readonly string[]]> = new Map([
  [EM.X86_64, ["x64", ["x86_64-linux-gnu-"]]],
  [EM.AARCH64, ["arm64", ["aarch64-linux-gnu-", "aarch64-none-elf-"]]],
  [EM.ARM, ["arm", ["arm-linux-gnueabihf-", "arm-none-eabi-"]]],
  [EM.I386, ["ia32", ["i686-linux-gnu-"]]],
  [EM.RISCV, ["riscv64", ["riscv64-linux-gnu-", "riscv64-unknown-elf-"]]],
]);
const MOST_COMMENT = 1 << 16;
