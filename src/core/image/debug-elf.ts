/** The file that holds an image's debug information: itself, or a separate one; and its DWARF sections. */
import { SparseBytes } from "../base/sparse-bytes.js";
import { DWARF_SECTION_NAMES, type DwarfSections } from "../dwarf/dwarf-sections.js";
import { SHT } from "../elf/elf-constants.js";
import { readElf, type ElfFile, type ElfSection } from "../elf/elf-file.js";
import { readBuildId, readDebugLink } from "../elf/notes.js";
import { sectionContent } from "../elf/section-content.js";
import type { DebugProvider } from "./debug-provider.js";
import type { ProblemList } from "./problem-list.js";

export interface DebugElf {
  readonly elf: ElfFile;
  readonly path: string;
}

/** A file that is not the one asked for, or broken, is no debug file. */
export function openDebugFile(
  elf: ElfFile,
  path: string,
  buildId: string | undefined,
  find: DebugProvider | undefined,
  problems: ProblemList,
): DebugElf | undefined {
  const debugLink = readDebugLink(elf);
  const file = find?.({ path, buildId, debugLink });
  if (file === undefined) return undefined;
  const debug = problems.try(() => readElf(file.source));
  if (debug === undefined) return undefined;
  if (buildId !== undefined && readBuildId(debug) !== buildId) {
    problems.add(`${file.path} has another build id`);
    return undefined;
  }
  return { elf: debug, path: file.path };
}

export function dwarfSections(elf: ElfFile, problems: ProblemList): DwarfSections {
  const content = new Map<string, SparseBytes>();
  for (const section of elf.sections) {
    const field = DWARF_SECTION_NAMES[dwarfName(section) ?? ""];
    if (field === undefined || content.has(field)) continue;
    const bytes = problems.try(() => sectionContent(elf, section));
    if (bytes !== undefined) content.set(field, bytes);
  }
  const of = (field: string): SparseBytes => content.get(field) ?? SparseBytes.of(new Uint8Array(), `.debug_${field}`);
  return {
    littleEndian: elf.littleEndian,
    info: of("info"),
    abbrev: of("abbrev"),
    line: of("line"),
    str: of("str"),
    lineStr: of("lineStr"),
    aranges: of("aranges"),
    ranges: of("ranges"),
    rnglists: of("rnglists"),
    addr: of("addr"),
    strOffsets: of("strOffsets"),
  };
}

/** "info" of .debug_info and .zdebug_info. */
function dwarfName({ name, type }: ElfSection): string | undefined {
  return type === SHT.NOBITS ? undefined : /^\.z?debug_(.+)$/.exec(name)?.[1];
}

export function hasDebugInformation(elf: ElfFile): boolean {
  return elf.sections.some((section) => dwarfName(section) === "info");
}

export function hasLines(elf: ElfFile): boolean {
  return elf.sections.some((section) => dwarfName(section) === "line");
}
