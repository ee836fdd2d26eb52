/** Where the source defines what a name of an image's symbol table names. */
import type { Definition, Image, ImageSymbol } from "../image/image.js";
import { kindOf, type SectionKind } from "./locked-sections.js";
import type { SourceDefinition, SourceLanguage, SourceOptions, SourceRefusal } from "./source-answer.js";
import { definedName, unwrittenName } from "./source-names.js";
import { lastIdentifier, SymbolNames } from "./symbol-names.js";

/** One definition of a name: static functions and variables may have several. */
export interface SourcePlace {
  readonly definition: SourceDefinition;
  /** As the compiler recorded it, absolute. */
  readonly file: string;
  /** As in the symbol table. */
  readonly symbol: string;
  readonly language: SourceLanguage | undefined;
  readonly compiler: SourceOptions["compiler"];
  readonly unit: Definition["unit"];
}

/** Why no place is known for a name. */
export type NoPlace =
  | { readonly code: "unknown" }
  /** It is in the symbol table, but nothing tells where it is defined (compiled without -g). */
  | { readonly code: "no-debug-information" }
  /** Its source calls it otherwise: by an asm label. */
  | { readonly code: "renamed" }
  /** The compiler does without the variable. */
  | { readonly code: "optimised-away" }
  | Extract<SourceRefusal, { readonly code: "literal" | "lambda" | "compiler-made" | "alias" }>;

/** Why a name's place is not the one to be changed. */
export type UnclearPlace =
  /** Several are called so: each as it can be asked for. */
  | { readonly code: "ambiguous"; readonly choices: readonly string[] }
  /** The file is not here, or may not be changed. */
  | { readonly code: "file"; readonly reason: string }
  /** A function was called data, or the reverse. */
  | { readonly code: "kind"; readonly kind: SectionKind };

/** For each name its places, without repeats, in the order of their files. Reads all debug information once. */
export function sourcePlaces(image: Image, wanted: readonly string[]): readonly (readonly SourcePlace[] | NoPlace)[] {
  const names = new SymbolNames(image);
  const identifiers = wanted.map((name) => definedName(name).name);
  const definitions = image.definitionsOf(
    new Set(identifiers.flatMap((name) => [...spellings(name), lastIdentifier(name)])),
  );
  return wanted.map((name, index) => {
    const symbols = symbolsNamed(image, names, name);
    const found = new Map<string, SourcePlace>();
    const add = (definition: Definition, symbol: ImageSymbol | undefined): void => {
      const place = placeOf(image, definition, symbol);
      if (place !== undefined) found.set(`${place.file}:${place.definition.line}:${place.definition.column}`, place);
    };
    for (const definition of definitions) {
      const own = symbols.find(({ address }) => definition.addresses.includes(address));
      // Another name of the same address is asked for as well.
      if (own === undefined || (definition.name !== own.name && identifierOf(definition) !== identifiers[index]))
        continue;
      add(definition, own);
    }
    if (found.size > 0) return inOrder(found);
    // Inlined everywhere; or a constant, of which gcc tells the value and not the place.
    for (const definition of definitions) {
      if (definition.addresses.length > 0 || !isOf(definition, name, identifiers[index]!)) continue;
      add(definition, symbols.find((symbol) => symbol.name === definition.name) ?? symbols[0]);
    }
    if (found.size > 0) return inOrder(found);
    const unwritten = unwrittenName(name);
    if (unwritten !== undefined) return unwritten;
    const made = definitions.some((one) => isOf(one, name, identifiers[index]!) && isUnwritten(one));
    if (made) return { code: "compiler-made" };
    // The linker's own marks (__bss_start) have no size.
    const isShared = ({ address, size, name: own }: ImageSymbol): boolean =>
      size > 0 && symbols.some((one) => one.address === address && one.name !== own);
    if (symbols.length > 0 && image.symbols().some(isShared)) return { code: "alias", line: 0 };
    if (symbols.length > 0) {
      const isDeclared = symbols.some(({ address }) => image.declarationAt(address) !== undefined);
      return { code: isDeclared ? "renamed" : "no-debug-information" };
    }
    const gone = definitions.some((one) => one.kind === "variable" && isOf(one, name, identifiers[index]!));
    return { code: gone ? "optimised-away" : "unknown" };
  });
}

/** Demanglers and compilers disagree on blanks: operator"" _s and operator""_s, operator int* and operator int *. */
function spellings(name: string): readonly string[] {
  return name.startsWith("operator")
    ? [name, name.replace(/"" /, '""'), name.replace(/(\w)([*&]+)$/, "$1 $2")]
    : [name];
}

function identifierOf({ displayName }: Definition): string {
  return definedName(displayName).name;
}

/** An implicit member has no line of its own. */
function isUnwritten({ declaration }: Definition): boolean {
  return declaration === undefined || declaration.line === 0;
}

function inOrder(found: ReadonlyMap<string, SourcePlace>): readonly SourcePlace[] {
  return [...found.values()].sort((one, other) =>
    one.file === other.file ? one.definition.line - other.definition.line : one.file < other.file ? -1 : 1,
  );
}

function symbolsNamed(image: Image, names: SymbolNames, wanted: string): readonly ImageSymbol[] {
  const { own, copies } = names.find(wanted);
  if (own.length > 0) return own;
  // A variable of a function: gcc calls it "count.0", clang "handle.count".
  const spelled = new RegExp(`^(?:[\\w$]+\\.)?${wanted.replace(/[^\w]/g, "\\$&")}(?:\\.\\d+)*$`);
  const numbered = image.symbols().filter(({ name }) => name.includes(wanted) && spelled.test(name));
  return numbered.length > 0 ? numbered : copies;
}

/** undefined: a variable that has no storage, or what has no position. */
function placeOf(image: Image, definition: Definition, symbol: ImageSymbol | undefined): SourcePlace | undefined {
  const { unit } = definition;
  // Of a member's entries only the one that has the address is sure to be its definition.
  const declaration = (symbol && image.declarationAt(symbol.address)) ?? definition.declaration;
  if (declaration === undefined || declaration.file === "" || declaration.line === 0) return undefined;
  const section = symbol === undefined ? undefined : image.sectionAt(symbol.address);
  if (section === undefined && definition.kind === "variable" && symbol?.kind !== "tls") return undefined;
  const kind: SectionKind = definition.kind === "function" ? "text" : section === undefined ? "data" : kindOf(section);
  return {
    definition: {
      displayName: symbol?.displayName ?? definition.displayName,
      line: declaration.line,
      column: declaration.column,
      kind,
      currentSection: section?.name,
      threadLocal: symbol?.kind === "tls",
      emitted: symbol !== undefined,
    },
    file: declaration.file,
    symbol: symbol?.name ?? definition.name,
    language: languageOfUnit(unit),
    compiler: compilerOf(unit.producer),
    unit,
  };
}

/** What has no linkage has no mangled name, and so no qualifiers here. */
function isOf({ name, displayName }: Definition, wanted: string, identifier: string): boolean {
  if (name === wanted || displayName === wanted) return true;
  const own = definedName(displayName);
  const path = definedName(wanted).qualifiers;
  const common = Math.min(own.qualifiers.length, path.length);
  return (
    own.name === identifier &&
    own.qualifiers.slice(own.qualifiers.length - common).join() === path.slice(path.length - common).join()
  );
}

/** DW_LANG_… (DWARF 5, section 7.12, and what was registered since). */
function languageOfUnit({ language }: Definition["unit"]): SourceLanguage | undefined {
  if (C.has(language)) return "c";
  if (CPP.has(language)) return "c++";
  return language === RUST ? "rust" : undefined;
}

function compilerOf(producer: string): SourceOptions["compiler"] {
  if (/\bclang\b/i.test(producer)) return /\brustc\b/.test(producer) ? "rustc" : "clang";
  if (/^GNU /.test(producer)) return "gcc";
  return producer.includes("rustc") ? "rustc" : "unknown";
}

const C: ReadonlySet<number> = new Set([0x01, 0x02, 0x0c, 0x1d, 0x2c, 0x3e]);
const CPP: ReadonlySet<number> = new Set([0x04, 0x1a, 0x21, 0x2b, 0x3a]);
const RUST = 0x1c;
