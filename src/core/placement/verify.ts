/** Whether each placement came true in the linked file; and if not, why. */
import type { Definition, Image, ImageSection, ImageSymbol, SourcePosition } from "../image/image.js";
import { kindOf } from "./locked-sections.js";
import { isFile, symbolsOf } from "./placed-symbols.js";
import type { Placement } from "./placement.js";
import { lastIdentifier, SymbolNames } from "./symbol-names.js";

/** Why a symbol is not, or not wholly, where it was to be. */
export type Mismatch =
  /** Nothing of the name is in the file, nor was it in what was compiled. */
  | { readonly code: "unknown" }
  /** The compiler put its code into every caller: no function is left to be placed. */
  | { readonly code: "inlined"; readonly calls: number }
  /** The compiler does without the variable: its value is known. */
  | { readonly code: "optimised-away" }
  /** Nothing refers to it, so that the linker dropped it (--gc-sections). */
  | { readonly code: "dropped" }
  /** It is in the file, but from another object file, compiled without the tag (COMDAT). */
  | { readonly code: "other-copy"; readonly section: string }
  /** It stayed where it was: the tag was not applied, or matched nothing. */
  | { readonly code: "elsewhere"; readonly section: string }
  /** A part that the compiler split off, its unlikely half mostly, was left outside. */
  | { readonly code: "part-outside"; readonly name: string; readonly section: string }
  /** Only copies under other names are left (link-time optimisation, constant arguments), outside. */
  | { readonly code: "renamed"; readonly name: string; readonly section: string }
  /** It is inside, but a copy made for some of its callers was left outside. */
  | { readonly code: "copy-outside"; readonly name: string; readonly section: string }
  /** Another file has it, a shared library mostly: this one only uses it. */
  | { readonly code: "declaration-only" }
  /** What runs under its name is chosen at load time: only who chooses has this address. */
  | { readonly code: "ifunc" }
  | { readonly code: "thread-local" }
  /** In a section of that name, but before its start symbol: mold makes several where flags differ. */
  | { readonly code: "before-start"; readonly start: string }
  /** In the section, but not all of it before its end symbol: an orphan that the linker added after the script's own. */
  | { readonly code: "after-end"; readonly end: string };

export interface Verification {
  readonly placement: Placement;
  /** Empty: verified. */
  readonly mismatches: readonly Mismatch[];
  /** What is in the section. */
  readonly placed: readonly PlacedSymbol[];
  readonly declaration: SourcePosition | undefined;
  /** Zero-initialised, but in a section with content: it takes room in the file. */
  readonly takesFileSpace: boolean;
}

export interface PlacedSymbol {
  readonly name: string;
  readonly address: number;
  readonly size: number;
  /** Pages it lies on. */
  readonly pages: number;
}

/** One for each placement, in their order. */
export function verifyPlacements(
  image: Image,
  placements: readonly Placement[],
  pageSize: number,
): readonly Verification[] {
  const names = new SymbolNames(image, [
    ...placements.map(({ symbol }) => symbol),
    ...placements.flatMap(({ section }) => [...startSymbols(section), ...endSymbols(section)]),
  ]);
  const found = placements.map((placement) => ({ placement, symbols: symbolsOf(image, names, placement) }));
  const isUnclear = found.some(
    ({ placement, symbols }) => symbols.own.some((one) => !isIn(image, one, placement)) || symbols.own.length === 0,
  );
  // What the symbol table cannot explain, and what is many, the debug information is read whole for: it tells of all at once.
  const definitions =
    isUnclear || placements.length > ONE_BY_ONE
      ? image.definitionsOf(new Set(placements.map(({ symbol }) => lastIdentifier(symbol))))
      : [];
  return found.map(({ placement, symbols }) => {
    const own = definitions.filter((definition) => isOf(definition, placement));
    const inside = [...symbols.own, ...symbols.copies, ...symbols.parts].filter((one) => isIn(image, one, placement));
    const section = sectionOf(image, placement);
    return {
      placement,
      mismatches: [
        ...ownMismatches(image, placement, symbols.own, symbols.copies, own),
        ...symbols.parts
          .filter((one) => !isIn(image, one, placement))
          .map((part) => ({
            code: "part-outside" as const,
            name: part.name,
            section: nameOf(image, part),
          })),
        ...(section === undefined ? [] : inside.flatMap((one) => beyondBounds(names, section, one))),
      ],
      placed: inside.map((one) => ({
        name: one.displayName,
        address: one.address,
        size: one.size,
        pages: pagesOf(one, pageSize),
      })),
      declaration: declarationOf(image, symbols.own[0], own),
      takesFileSpace:
        placement.kind === "bss" && section !== undefined && kindOf(section) !== "bss" && inside.length > 0,
    };
  });
}

function declarationOf(
  image: Image,
  symbol: ImageSymbol | undefined,
  definitions: readonly Definition[],
): SourcePosition | undefined {
  const own = symbol && definitions.find(({ addresses }) => addresses.includes(symbol.address));
  return (own ?? definitions[0])?.declaration ?? (symbol && image.declarationAt(symbol.address));
}

function ownMismatches(
  image: Image,
  placement: Placement,
  own: readonly ImageSymbol[],
  copies: readonly ImageSymbol[],
  definitions: readonly Definition[],
): readonly Mismatch[] {
  if (own.some(({ kind }) => kind === "tls")) return [{ code: "thread-local" }];
  if (own.some(({ indirect }) => indirect)) return [{ code: "ifunc" }];
  const outside = own.filter((one) => !isIn(image, one, placement));
  // A tagged copy that was dropped, and one that stands elsewhere: the linker took the other object file's.
  const tagged = definitions.some(({ dropped }) => dropped);
  if (outside.length > 0) {
    return outside.map((one) => ({
      code: tagged && own.length === 1 ? ("other-copy" as const) : ("elsewhere" as const),
      section: nameOf(image, one),
    }));
  }
  const code = own.length > 0 ? ("copy-outside" as const) : ("renamed" as const);
  const left = copies.filter((one) => !isIn(image, one, placement));
  if (left.length > 0) return left.map((copy) => ({ code, name: copy.name, section: nameOf(image, copy) }));
  if (own.length > 0 || copies.length > 0) return [];
  const calls = definitions.reduce((sum, { inlinedCalls }) => sum + inlinedCalls, 0);
  if (calls > 0) return [{ code: "inlined", calls }];
  if (definitions.length === 0) return [{ code: "unknown" }];
  if (definitions.every(({ declaredOnly }) => declaredOnly)) return [{ code: "declaration-only" }];
  if (tagged) return [{ code: "dropped" }];
  return [
    definitions.some(({ kind }) => kind === "variable") ? { code: "optimised-away" } : { code: "inlined", calls },
  ];
}

/** By start and end symbols as linkers define them for names like C's, and as scripts mostly do. */
function beyondBounds(names: SymbolNames, { name }: ImageSection, { address, size }: ImageSymbol): readonly Mismatch[] {
  const [start] = startSymbols(name).flatMap((one) => names.spelled(one));
  if (start !== undefined && address < start.address) return [{ code: "before-start", start: start.name }];
  const [end] = endSymbols(name).flatMap((one) => names.spelled(one));
  return end !== undefined && address + Math.max(size, 1) > end.address ? [{ code: "after-end", end: end.name }] : [];
}

function startSymbols(section: string): readonly string[] {
  const plain = section.replace(/^\./, "");
  return [`__start_${plain}`, `__${plain}_start`];
}

function endSymbols(section: string): readonly string[] {
  const plain = section.replace(/^\./, "");
  return [`__stop_${plain}`, `__${plain}_end`, `__${plain}_stop`];
}

/** Declarations that are looked up each in its unit. */
const ONE_BY_ONE = 16;

function isIn(image: Image, symbol: ImageSymbol, { section }: Placement): boolean {
  const name = nameOf(image, symbol);
  return name === section || name === `.${section}`;
}

function sectionOf(image: Image, { section }: Placement): ImageSection | undefined {
  return image.sections.find(({ name }) => name === section || name === `.${section}`);
}

function nameOf(image: Image, { address }: ImageSymbol): string {
  return image.sectionAt(address)?.name ?? "";
}

function isOf({ name, displayName, declaration }: Definition, { symbol: wanted, file }: Placement): boolean {
  if (file !== undefined && declaration !== undefined && !isFile(declaration.file, file)) return false;
  if (name === wanted || displayName === wanted) return true;
  const short = displayName.replace(/\(.*$/s, "");
  return short === wanted || short.replace(/<.*$/s, "").replace(/^.* /s, "") === wanted;
}

function pagesOf({ address, size }: ImageSymbol, pageSize: number): number {
  return size === 0 ? 1 : Math.ceil((address + size) / pageSize) - Math.floor(address / pageSize);
}
