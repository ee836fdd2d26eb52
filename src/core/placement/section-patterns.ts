/** What compilers call the sections of a function or a global under -ffunction-sections and -fdata-sections. */
import type { SectionKind } from "./locked-sections.js";

/** Sections of one symbol that a script is to put into one output section. */
export interface PlacedSections {
  readonly output: string;
  readonly kind: SectionKind;
  /** Of section names, with wildcards. */
  readonly patterns: readonly string[];
}

/** Of a function the unlikely half, its clones, and under "rodata" its jump tables, constants and strings. */
export function sectionPatterns(symbol: string, kind: SectionKind): readonly string[] {
  switch (kind) {
    case "text":
      // gcc splits functions by how likely they run, and names clones after them.
      return ["", ".unlikely", ".hot", ".startup", ".exit"].flatMap((part) => [
        `.text${part}.${symbol}`,
        `.text${part}.${symbol}.*`,
      ]);
    case "rodata":
      return [`.rodata.${symbol}`, `.rodata.${symbol}.*`];
    case "data":
      return [`.data.${symbol}`, `.data.rel.${symbol}`, `.data.rel.local.${symbol}`];
    case "bss":
      // A guard says whether it has been made, each time that it is used.
      return [`.bss.${symbol}`, ...(symbol.startsWith("_Z") ? [`.bss._ZGV${symbol.slice(2)}`] : [])];
  }
}

/**
 * What places a symbol by its sections: of a function also its constants, where `inputs`, the names of the program's
 * sections, hold any. `constants` is where they go.
 */
export function placedSections(
  symbol: string,
  kind: SectionKind,
  section: string,
  constants: string,
  inputs: readonly string[],
): PlacedSections[] {
  const own: PlacedSections = { output: section, kind, patterns: sectionPatterns(symbol, kind) };
  const name = `.rodata.${symbol}`;
  const patterns = kind === "text" ? constantPatterns(symbol) : [];
  if (patterns.length === 0) return [own];
  if (!inputs.some((input) => input === name || input.startsWith(`${name}.`))) return [own];
  return [own, { output: constants, kind: "rodata", patterns }];
}

/** Where constants of functions go that were placed alone. */
export function constantsSection(section: string): string {
  return section === "locked_text" ? "locked_rodata" : `${section}_constants`;
}

/** Which of a symbol's sections is named like one of many symbols' things: gcc puts all cold code into .text.unlikely. */
export function sharedSectionOf(symbol: string, kind: SectionKind): string | undefined {
  return sectionPatterns(symbol, kind).find(isSharedSection);
}

/** Of a function its jump tables, constants and strings; none where all strings are in sections of that name. */
export function constantPatterns(symbol: string): readonly string[] {
  return sharedSectionOf(symbol, "rodata") === undefined ? sectionPatterns(symbol, "rodata") : [];
}

/** Whether compilers put things of many symbols into sections of that name. */
export function isSharedSection(name: string): boolean {
  return SHARED.test(name);
}

/** What compilers put into section names; nothing that ends a name in a script, or matches others. */
export const SECTION_SYMBOL = /^[A-Za-z_.$][\w.$]*$/;

/** gcc/varasm.cc: default_elf_select_section and default_function_section; mergeable constants and strings. */
const SHARED =
  /^\.(?:text\.(?:unlikely|hot|startup|exit|split|unknown)|data\.rel(?:\.ro)?(?:\.local)?|bss\.rel\.ro|rodata\.(?:cst\d+|str\d+(?:\.\d+)?))$/;
