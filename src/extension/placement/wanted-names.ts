/** Names as the cursor and reports give them, spelled so that the program's symbol table knows them. */
import { realpathSync } from "node:fs";
import type { Definition, Image, SourcePosition } from "../../core/image/image.js";
import { definedName } from "../../core/placement/source-names.js";
import { lastIdentifier } from "../../core/placement/symbol-names.js";
import { sourceMapper } from "../../core/report/source-map.js";
import type { WantedName } from "./placement-order.js";

/**
 * For each name what a plan is asked for: "file:name", where the name has its namespace and parameters if the debug
 * information tells them. Reads it whole, once.
 */
export function spelledNames(
  image: Image,
  wanted: readonly WantedName[],
  sourceMap: Readonly<Record<string, string>>,
): readonly string[] {
  const located = wanted.filter(({ at }) => at !== undefined);
  const identifiers = new Set(located.map(({ name }) => lastIdentifier(definedName(name).name)));
  const definitions = identifiers.size === 0 ? [] : image.definitionsOf(identifiers);
  const here = realPaths(sourceMapper(sourceMap));
  return wanted.map((one) => {
    const { name, at } = one;
    if (at === undefined) return name;
    const own = definitions.flatMap((definition) => {
      if (!isOf(definition, one)) return [];
      const lines = positionsOf(image, definition).flatMap(({ file, line }) => (here(file) === at.file ? [line] : []));
      return lines.length === 0 ? [] : [{ name: definition.displayName, lines }];
    });
    const exact = own.filter(({ lines }) => lines.includes(at.line));
    const names = new Set((exact.length > 0 ? exact : own).map((found) => found.name));
    const [only] = names;
    return names.size === 1 && only !== undefined ? `${at.file}:${only}` : `${at.file}:${at.line}:${name}`;
  });
}

/** What of a spelled name is the symbol's. */
export function withoutFile(spelled: string, { at }: WantedName): string {
  if (at === undefined || !spelled.startsWith(`${at.file}:`)) return spelled;
  return spelled.slice(at.file.length + 1).replace(/^\d+:(?!:)/, "");
}

function isOf({ kind, name, displayName }: Definition, wanted: WantedName): boolean {
  if (wanted.kind !== undefined && wanted.kind !== kind) return false;
  const identifier = definedName(wanted.name).name;
  return name === identifier || definedName(displayName).name === identifier;
}

/** Where it is declared, and where what has its address is: a member is declared in its class. */
function positionsOf(image: Image, { declaration, addresses }: Definition): readonly SourcePosition[] {
  const own = addresses.flatMap((address) => image.declarationAt(address) ?? []);
  return declaration === undefined ? own : [declaration, ...own];
}

/** As the path is here; the path itself where it is not here. */
function realPaths(map: (path: string) => string): (path: string) => string {
  const known = new Map<string, string>();
  return (path) => {
    let real = known.get(path);
    if (real === undefined) known.set(path, (real = realPath(map(path))));
    return real;
  };
}

export function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path; // Not here: it is no file of the editor's.
  }
}
