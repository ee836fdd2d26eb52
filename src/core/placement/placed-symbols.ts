/** Which symbols of an image a placement means: of static ones that share a name those of its source file. */
import type { Definition, Image, ImageSymbol } from "../image/image.js";
import type { PlacedName } from "./placement.js";
import { lastIdentifier, type NamedSymbols, type SymbolNames } from "./symbol-names.js";

/** Where nothing tells where any of them is declared, all of that name. */
export function symbolsOf(image: Image, names: SymbolNames, { symbol, file }: PlacedName): NamedSymbols {
  const found = names.find(symbol);
  if (file === undefined) return found;
  const files = found.own.map((one) => sourceOf(image, one));
  if (files.length > 0 && files.every((one) => one === undefined)) return found;
  const fitting = files.filter((one): one is string => one !== undefined && isFile(one, file));
  // "a.c" is also the end of "sub/a.c".
  const nearest = Math.min(...fitting.map(({ length }) => length));
  const inFile = (one: ImageSymbol): boolean => {
    const source = sourceOf(image, one);
    return source !== undefined && isFile(source, file) && source.length <= nearest;
  };
  return { own: found.own.filter(inFile), parts: found.parts.filter(inFile), copies: found.copies.filter(inFile) };
}

/** Source files of symbols whose name is also one of another file; empty: the name alone says which. */
export function filesOfShared(image: Image, own: readonly ImageSymbol[]): readonly string[] {
  const files = own.flatMap(({ name }) => {
    const same = own.filter((one) => one.name === name);
    const found = same.length < 2 ? [] : same.flatMap((one) => sourceOf(image, one) ?? []);
    return new Set(found).size > 1 ? found : [];
  });
  return [...new Set(files)].sort();
}

/** Each by the names of its own symbols: compilers put those into the names of sections. What has none stays as it is. */
export function spelledOut<Named extends PlacedName>(
  image: Image,
  names: SymbolNames,
  placements: readonly Named[],
): readonly Named[] {
  return placements.flatMap((placement) => {
    const own = new Set(symbolsOf(image, names, placement).own.map(({ name }) => name.replace(/@.*$/, "")));
    return own.size === 0 ? [placement] : [...own].map((symbol) => ({ ...placement, symbol }));
  });
}

/**
 * Patterns of a linker script for the object file of a placement with a file, as build systems name it after its source.
 * undefined: another one that has the symbol would match, or the debug information tells of none.
 */
export function objectPatterns(image: Image, { symbol, file }: PlacedName): readonly string[] | undefined {
  const named = image
    .definitionsOf(new Set([lastIdentifier(symbol)]))
    .filter(({ name, displayName }) => name === symbol || displayName === symbol);
  const isOwn = ({ declaration }: Definition): boolean =>
    declaration !== undefined && file !== undefined && isFile(normal(declaration.file), file);
  const [own, ...others] = new Set(named.filter(isOwn).map(({ unit }) => baseName(unit.name)));
  if (own === undefined || others.length > 0) return undefined;
  const stem = own.replace(/\.[^.]*$/, "");
  const clashes = named.some(
    (one) =>
      !isOwn(one) &&
      baseName(one.unit.name)
        .replace(/\.[^.]*$/, "")
        .endsWith(stem),
  );
  if (clashes || !/^[\w.+-]+$/.test(own)) return undefined;
  // The second form is GNU ld's for members of archives.
  return [`${stem}.o`, `${own}.o`, `${own}.obj`, `${stem}.obj`].flatMap((name) => [`*${name}`, `*:*${name}`]);
}

/** Whether a path that a compiler recorded is that file: absolute, or relative to a folder of the recorded path. */
export function isFile(recorded: string, file: string): boolean {
  const path = normal(recorded);
  return path === file || path.endsWith(`/${file}`);
}

function sourceOf(image: Image, { address }: ImageSymbol): string | undefined {
  // The unlikely half of a function is declared where the whole is.
  const declaration = image.declarationAt(address) ?? image.framesAt(address).at(-1)?.declaration;
  return declaration === undefined || declaration.file === "" ? undefined : normal(declaration.file);
}

function normal(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === ".." && parts.length > 1) parts.pop();
    else if (part !== ".") parts.push(part);
  }
  return parts.join("/");
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
