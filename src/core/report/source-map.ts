/** Where sources are here: prefixes of the paths the compiler recorded, replaced by local ones (faultline.json `sourceMap`). */

import type { SourcePosition } from "../image/image.js";

export type SourceMapper = (path: string) => string;

/** The longest matching prefix wins; a prefix matches whole path components only. */
export function sourceMapper(map: Readonly<Record<string, string>>): SourceMapper {
  const entries = Object.entries(map)
    .map(([from, to]) => ({ from: trimSlash(from), to: trimSlash(to) }))
    .sort((a, b) => b.from.length - a.from.length);
  return (path) => {
    const entry = entries.find(({ from }) => path === from || path.startsWith(`${from}/`));
    return entry === undefined ? path : entry.to + path.slice(entry.from.length);
  };
}

export function mappedPosition(
  position: SourcePosition | undefined,
  mapSource: SourceMapper,
): SourcePosition | undefined {
  return position === undefined ? undefined : { ...position, file: mapSource(position.file) };
}

function trimSlash(path: string): string {
  return path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
}
