/** Where sources are here: prefixes of the paths the compiler recorded, replaced by local ones (faultline.json `sourceMap`). */

import type { SourcePosition } from "../image/image.js";
import type { SourceMapping } from "./located-source.js";

export type SourceMapper = (path: string) => string;

/** What others than the project know of where sources are, such as a debugger: taken only where the file is there. */
export interface OtherSources {
  /** Of two with the same beginning, the first one is tried first. */
  readonly mappings: readonly SourceMapping[];
  /** Whether there is a regular file of this path. */
  isHere(path: string): boolean;
}

/**
 * The longest matching prefix wins; a prefix matches whole path components only. Where the project has none, or its file
 * is missing, `others` are tried one after the other; a path that nobody can replace by a file that is there stays what
 * the project made of it.
 */
export function sourceMapper(map: Readonly<Record<string, string>>, others?: OtherSources): SourceMapper {
  const own = longestFirst(Object.entries(map).map(([from, to]) => ({ from, to })));
  const replaced = (path: string): string => replacements(own, path)[0] ?? path;
  if (others === undefined || others.mappings.length === 0) return replaced;
  const strange = longestFirst(others.mappings);
  const known = new Map<string, string>();
  return (path) => {
    let found = known.get(path);
    if (found === undefined) {
      const first = replaced(path);
      const candidates = replacements(strange, path);
      found = candidates.length === 0 || (first !== path && others.isHere(first)) ? first : undefined;
      found ??= candidates.find((candidate) => others.isHere(candidate)) ?? first;
      known.set(path, found);
    }
    return found;
  };
}

function longestFirst(mappings: readonly SourceMapping[]): readonly SourceMapping[] {
  return mappings
    .map(({ from, to }) => ({ from: trimSlash(from), to: trimSlash(to) }))
    .sort((a, b) => b.from.length - a.from.length);
}

function replacements(mappings: readonly SourceMapping[], path: string): readonly string[] {
  return mappings
    .filter(({ from }) => path === from || path.startsWith(`${from}/`))
    .map(({ from, to }) => to + path.slice(from.length));
}

export function mappedPosition(
  position: SourcePosition | undefined,
  mapSource: SourceMapper,
): SourcePosition | undefined {
  return position === undefined ? undefined : { ...position, file: mapSource(position.file) };
}

function trimSlash(path: string): string {
  return path.endsWith("/") ? path.slice(0, -1) : path;
}
