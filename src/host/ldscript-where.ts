/** Which statement places a symbol of a program, in the script the program was linked with. */
import { dirname } from "node:path";
import { SHN, STB, STT } from "../core/elf/elf-constants.js";
import type { ElfFile } from "../core/elf/elf-file.js";
import { readSymbolTable } from "../core/elf/symbols.js";
import type { ImageSymbol } from "../core/image/image.js";
import type { InputSection } from "../core/ldscript/matcher-input.js";
import { openScript, type OpenedScript } from "../core/ldscript/opened-script.js";
import { isComplete } from "../core/ldscript/script-outline.js";
import { takenAt, placedSections, type PlacedSection, type TakenSections } from "../core/ldscript/search/placed-by.js";
import { includeReader, scriptText } from "./ldscript-file.js";
import { ofObjects } from "./ldscript-inputs.js";
import { symbolTable, type LinkedInputs } from "./linked-inputs.js";
import type { FoundScripts } from "./ldscript-search.js";
import { UserError } from "./user-error.js";

/** The script that decides, opened, and where its text is: of the linker's own, the text itself. */
export interface DecidingScript {
  readonly path: string;
  readonly isBuiltIn: boolean;
  readonly opened: OpenedScript;
}

/**
 * One that only adds stands before the whole one. undefined: the linker's layout is no script (lld, mold, gold), or it
 * could not be asked. @param given a script that is asked about, perhaps with a text that is not saved.
 */
export function decidingScript(
  found: FoundScripts,
  given?: { readonly path: string; readonly text?: string },
): DecidingScript | undefined {
  const { dialect, builtIn, link } = found;
  const textOf = (path: string): string => (path === given?.path ? given.text : undefined) ?? scriptText(path);
  const open = (path: string, text: string, defaultScript: FoundScripts["builtIn"]): OpenedScript => {
    const readInclude = includeReader([dirname(path), ...(link === undefined ? [] : [link.folder])]);
    return openScript(text, { dialect, readInclude, defaultScript });
  };
  const chosen = found.chosen.map(({ path }) => path);
  const wholes = chosen.filter((path) => isComplete(open(path, textOf(path), undefined)));
  const first = given?.path ?? chosen.find((path) => !wholes.includes(path)) ?? wholes[0];
  if (first !== undefined) {
    const whole = wholes.find((path) => path !== first);
    const base = whole === undefined ? builtIn : { path: whole, text: textOf(whole) };
    return { path: first, isBuiltIn: false, opened: open(first, textOf(first), base) };
  }
  return builtIn && { path: builtIn.path, isBuiltIn: true, opened: open(builtIn.path, builtIn.text, undefined) };
}

export interface PlacedSymbol extends PlacedSection {
  readonly symbol: string;
  /** The section that the linked file has it in: another one where the script was changed since. */
  readonly linked: string | undefined;
}

/**
 * One for each section that has one of the symbols: several where files have statics of one name.
 * @param source name of the file that defines it, without folders, where it is known.
 */
export function placedSymbols(
  { dialect }: FoundScripts,
  linked: LinkedInputs | undefined,
  script: DecidingScript,
  symbols: readonly ImageSymbol[],
  linkedSection: (address: number) => string | undefined,
  source?: string,
): readonly PlacedSymbol[] {
  return symbols.flatMap((symbol) => {
    const inputs = linked?.inputs ?? [];
    const own = linked === undefined ? [] : inputsOf(symbol, linked, source);
    const section = linkedSection(symbol.address);
    return placedSections(script.opened, inputs, new Set(own), dialect).map((place) => ({
      ...place,
      symbol: symbol.displayName,
      linked: section,
    }));
  });
}

/** What the statement around an offset of the script took. */
export function takenByStatement(
  { dialect }: FoundScripts,
  linked: LinkedInputs | undefined,
  { opened }: DecidingScript,
  offset: number,
): (TakenSections & { readonly from: LinkedInputs["from"] }) | undefined {
  const taken = linked === undefined ? undefined : takenAt(opened, offset, linked.inputs, dialect);
  return taken && { ...taken, from: linked!.from };
}

/** By its address in the map, else by its name in the objects. */
function inputsOf(symbol: ImageSymbol, linked: LinkedInputs, source: string | undefined): readonly InputSection[] {
  const { address } = symbol;
  const at = linked.inputs.find(
    (input) =>
      input.address !== undefined &&
      input.flags.includes("A") &&
      input.address <= address &&
      address < input.address + (input.size ?? 0),
  );
  if (at !== undefined) return [at];
  const homes = linked.objects.flatMap((object) => {
    try {
      return ofObjects(object, (file, elf) => homeOf(file, elf, symbol)).flatMap((home) => home ?? []);
    } catch (error) {
      if (error instanceof UserError) return []; // Removed after the link.
      throw error;
    }
  });
  const strong = homes.filter(({ isGlobal }) => isGlobal);
  const ofSource = homes.filter(({ sources }) => source !== undefined && sources.has(source));
  const likely = ofSource.length > 0 ? ofSource : strong.length > 0 ? strong.slice(0, 1) : homes;
  const names = new Set(likely.map(({ file, section }) => `${file}\0${section}`));
  return linked.inputs.filter(({ file, name }) => names.has(`${file}\0${name}`));
}

interface Home {
  readonly file: string;
  readonly section: string;
  readonly isGlobal: boolean;
  readonly sources: ReadonlySet<string>;
}

/** Where an object defines the symbol. */
function homeOf(file: string, elf: ElfFile, { name }: ImageSymbol): Home | undefined {
  const table = symbolTable(elf);
  if (table === undefined) return undefined;
  const symbols = readSymbolTable(elf, table);
  const sources = new Set<string>();
  let home: Home | undefined;
  for (let row = 1; row < symbols.count; row++) {
    const info = symbols.info[row]!;
    const index = symbols.section[row]!;
    if ((info & 15) === STT.FILE) sources.add(symbols.name(row));
    else if (index !== SHN.UNDEF && symbols.name(row) === name) {
      const section = index === SHN.COMMON ? "COMMON" : elf.sections[index]?.name;
      if (section !== undefined) home ??= { file, section, isGlobal: info >> 4 !== STB.LOCAL, sources };
    }
  }
  return home;
}
