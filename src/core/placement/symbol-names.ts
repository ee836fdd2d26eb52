/** Names of symbols as people write them, and the suffixes by which compilers name parts and copies of functions. */
import type { Image, ImageSymbol } from "../image/image.js";

/** A part holds some of a function's code; a copy all of it, for some of its callers or under a name of the linker's. */
export interface Clone {
  readonly of: string;
  readonly kind: "part" | "copy";
}

/** undefined: the symbol is what it is called. */
export function cloneOf(name: string): Clone | undefined {
  const found = /^(.+?)\.(cold|part|constprop|isra|lto_priv|llvm|localalias)(?:\.|$)/.exec(name);
  if (found === null) return undefined;
  return { of: found[1]!, kind: found[2] === "cold" || found[2] === "part" ? "part" : "copy" };
}

export interface NamedSymbols {
  /** The symbols of exactly that name; several static functions may share one. */
  readonly own: readonly ImageSymbol[];
  readonly parts: readonly ImageSymbol[];
  readonly copies: readonly ImageSymbol[];
}

/** Finds symbols by mangled name, by readable name, and by readable name without parameters. */
export class SymbolNames {
  private readonly byName = new Map<string, ImageSymbol[]>();
  /** Those that may be read otherwise than they are spelled. */
  private readonly mangled: ImageSymbol[] = [];
  /** Variables of C functions: "count.0" of gcc, "handle.count" of clang. */
  private readonly dotted: ImageSymbol[] = [];
  private readonly clones: { readonly symbol: ImageSymbol; readonly clone: Clone }[] = [];

  /** @param wanted all that will be asked for, where that is known: a large image has hundreds of thousands of symbols. */
  constructor(image: Image, wanted?: readonly string[]) {
    const parts = wanted?.map(mangledPart);
    const symbols =
      wanted === undefined || parts === undefined || parts.includes("")
        ? image.symbols()
        : image.symbolsLike(new Set([...wanted, ...parts]));
    for (const symbol of symbols) {
      const name = withoutVersion(symbol.name);
      const same = this.byName.get(name);
      if (same === undefined) this.byName.set(name, [symbol]);
      else same.push(symbol);
      const clone = name.includes(".") ? cloneOf(symbol.name) : undefined;
      if (clone !== undefined) this.clones.push({ symbol, clone });
      else if (name.startsWith("_")) this.mangled.push(symbol);
      else if (name.includes(".")) this.dotted.push(symbol);
    }
  }

  /** Spelled exactly so, but for a version. */
  spelled(name: string): readonly ImageSymbol[] {
    return this.byName.get(name) ?? [];
  }

  find(wanted: string): NamedSymbols {
    const base = mangledPart(wanted);
    const exact = this.byName.get(wanted) ?? this.mangled.filter((symbol) => isNamed(symbol, wanted, base));
    const own = exact.length > 0 ? exact : this.variablesOfFunctions(wanted);
    const names = new Set([wanted, ...own.map(({ name }) => withoutVersion(name))]);
    const clones = this.clones.filter(
      ({ symbol: { name, displayName }, clone }) =>
        name.includes(base) && (names.has(clone.of) || isReadable(displayName, wanted)),
    );
    const of = (kind: Clone["kind"]): readonly ImageSymbol[] =>
      clones.filter(({ clone }) => clone.kind === kind).map(({ symbol }) => symbol);
    return { own, parts: of("part"), copies: of("copy") };
  }

  /** As debug information names them: without their function. */
  private variablesOfFunctions(wanted: string): readonly ImageSymbol[] {
    if (!/^[A-Za-z_]\w*$/.test(wanted)) return [];
    const spelled = new RegExp(`^(?:[\\w$]+\\.)?${wanted}(?:\\.\\d+)*$`);
    const isMangled = ({ name, displayName }: ImageSymbol): boolean =>
      name.startsWith("_ZZ") && name.includes(wanted) && displayName.endsWith(`::${wanted}`);
    return [...this.dotted.filter(({ name }) => spelled.test(name)), ...this.mangled.filter(isMangled)];
  }
}

/** "ns::T<int>::f(char)" gives "f". */
export function lastIdentifier(name: string): string {
  const plain = withoutParameters(name).replace(/<.*$/s, "");
  return /[A-Za-z_~$][\w$]*$/.exec(plain)?.[0] ?? plain;
}

/** What of a name stands in the mangled one as well: of operators only what they are members of. */
function mangledPart(wanted: string): string {
  const plain = withoutParameters(wanted);
  const outer = plain.replace(/(?:^|::|\s)operator\b.*$/s, "");
  if (outer === plain) return lastIdentifier(wanted).replace(/^~/, "");
  return /[A-Za-z_$][\w$]*$/.exec(outer.replace(/<.*$/s, ""))?.[0] ?? "";
}

function isNamed(symbol: ImageSymbol, wanted: string, base: string): boolean {
  // Demangling is the dear part: a mangled name holds the identifiers of its readable one.
  if (!symbol.name.includes(base) || symbol.name === symbol.displayName) return false;
  return isReadable(symbol.displayName, wanted);
}

function isReadable(displayName: string, wanted: string): boolean {
  const name = displayName.replace(/ \[clone .*$/s, "").replace(/ \(\..*\)$/s, "");
  if (name === wanted) return true;
  if (BESIDE.test(name)) return false;
  const short = withoutParameters(name);
  return short === wanted || withoutArguments(short) === wanted;
}

/** What compilers make beside a symbol is named after it: "guard variable for f()::x", "non-virtual thunk to A::f()". */
const BESIDE = /^[\w #-]+ (?:for|to) /;

/** An instance of a function template has its result before its name: "int twice<int>". */
function withoutArguments(name: string): string {
  return name.replace(/<.*$/s, "").replace(/^.* /s, "");
}

function withoutParameters(name: string): string {
  const at = name.replaceAll("(anonymous namespace)", "{anonymous namespace}").indexOf("(");
  // A variable of a function goes on after it: "handle(int)::count".
  return at > 0 && !name.includes(")::", at) ? name.slice(0, at) : name;
}

function withoutVersion(name: string): string {
  const at = name.indexOf("@");
  return at > 0 ? name.slice(0, at) : name;
}
