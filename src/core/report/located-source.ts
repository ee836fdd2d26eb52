/** What to write into a source map when a person shows where a file is. */

export interface SourceMapping {
  /** Beginning of the recorded path. */
  readonly from: string;
  /** What stands there on this machine, absolute. */
  readonly to: string;
}

/**
 * The mapping that fits most other files, too: what the two paths have in common at their ends stays out of it.
 * Undefined where nothing needs mapping. Both paths are absolute.
 */
export function sourceMapping(recorded: string, located: string): SourceMapping | undefined {
  if (recorded === located) return undefined;
  const from = recorded.split("/");
  const to = located.split("/");
  // The first part is the empty one before the root; a prefix must keep a component of each.
  while (from.length > 2 && to.length > 2 && from.at(-1) === to.at(-1)) {
    from.pop();
    to.pop();
  }
  return { from: from.join("/"), to: to.join("/") };
}

/** The path that was recorded, where a source map has already replaced its beginning: the inverse of `sourceMapper`. */
export function recordedPath(path: string, map: Readonly<Record<string, string>>): string {
  const entry = Object.entries(map)
    .filter(([, to]) => path === to || path.startsWith(to.endsWith("/") ? to : `${to}/`))
    .sort(([, a], [, b]) => b.length - a.length)[0];
  return entry === undefined ? path : entry[0].replace(/\/$/, "") + path.slice(entry[1].replace(/\/$/, "").length);
}

/** How many components two paths share at their ends: the more, the likelier they are one file. */
export function commonEnd(a: string, b: string): number {
  const left = a.split("/");
  const right = b.split("/");
  let count = 0;
  while (count < left.length && count < right.length && left.at(-1 - count) === right.at(-1 - count)) count++;
  return count;
}
