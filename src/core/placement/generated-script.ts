/** A linker script that places functions and globals, for GNU ld and lld: given with -T beside the linker's own. */
import type { SectionKind } from "./locked-sections.js";
import {
  constantPatterns,
  constantsSection,
  SECTION_SYMBOL,
  sectionPatterns,
  sharedSectionOf,
} from "./section-patterns.js";

/** What a script places: by the name in the symbol table, which compilers put into section names. */
export interface ScriptPlacement {
  readonly symbol: string;
  readonly kind: SectionKind;
  readonly section: string;
  /** Patterns of the object files whose symbol it is; undefined: of any. */
  readonly objects?: readonly string[];
}

/**
 * One output section for each section name, whole pages at both ends, with the bounds that linkers define for names like
 * C's and that runtime/faultline.h looks for. Of a function the unlikely half, its clones, jump tables and constants
 * come along. Of nothing it is a script that changes nothing: the build may go on naming it. Needs -ffunction-sections and -fdata-sections. Throws RangeError for a name that no section
 * can have, or that sections of many symbols have.
 */
export function generatedScript(placements: readonly ScriptPlacement[]): string {
  const sections = new Map<string, { kind: SectionKind; statements: string[] }>();
  const add = (section: string, kind: SectionKind, added: readonly string[]): void => {
    const known = sections.get(section);
    if (known === undefined) sections.set(section, { kind, statements: [...added] });
    else known.statements.push(...added);
  };
  for (const { symbol, kind, section, objects } of placements) {
    if (!SECTION_SYMBOL.test(symbol)) throw new RangeError(`no section is named after "${symbol}"`);
    const shared = sharedSectionOf(symbol, kind);
    if (shared !== undefined) throw new RangeError(`${shared} is not of "${symbol}" alone`);
    add(section, kind, statements(sectionPatterns(symbol, kind), objects));
  }
  const constants = placements.find(({ kind }) => kind === "rodata")?.section;
  for (const { symbol, kind, section, objects } of placements) {
    if (kind !== "text") continue;
    const patterns = constantPatterns(symbol);
    if (patterns.length > 0) add(constants ?? constantsSection(section), "rodata", statements(patterns, objects));
  }
  const parts = [...sections].map(([name, one]) => outputSection(name, one.kind, one.statements));
  return `${HEADER}\n${parts.length === 0 ? NOTHING : parts.join("\n")}`;
}

/** Whether the text came of this: anything else is somebody's own. */
export function isGeneratedScript(text: string): boolean {
  return text.startsWith(MARK);
}

function statements(patterns: readonly string[], objects: readonly string[] = ["*"]): readonly string[] {
  return objects.flatMap((object) => patterns.map((pattern) => `${object}(${pattern})`));
}

/** Start and end stand inside the braces: lld's INSERT moves output sections only. */
function outputSection(name: string, kind: SectionKind, inside: readonly string[]): string {
  return `SECTIONS {
  ${name}${kind === "bss" ? " (NOLOAD)" : ""} : ALIGN(CONSTANT(COMMONPAGESIZE)) {
    __start_${name} = .;
    *(${name})
${inside.map((statement) => `    ${statement}`).join("\n")}
    . = ALIGN(CONSTANT(COMMONPAGESIZE));
    __stop_${name} = .;
  }
} INSERT AFTER ${AFTER[kind]};
`;
}

const AFTER: Readonly<Record<SectionKind, string>> = { text: ".text", rodata: ".rodata", data: ".data", bss: ".bss" };
/** A script without INSERT would take the place of the linker's own. */
const NOTHING = "SECTIONS { } INSERT AFTER .text;\n";
const MARK = '/* Made by "faultline place --script"';
const HEADER = `${MARK} from the placements in faultline.json: do not edit.
   Compile with -ffunction-sections -fdata-sections, link with -Wl,-T,THIS_FILE (GNU ld, lld). */`;
