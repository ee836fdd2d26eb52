/** Large values in pieces: between threads a value is read in one go, and that must not hold up the extension host. */

/** Where a list is in the value: property names and indices from the top. */
export type ListPath = readonly (string | number)[];

export interface Pieces {
  /** The value, its long lists empty. */
  readonly frame: unknown;
  /** Each list that was emptied, in order: where it goes and what was in it. */
  readonly lists: readonly { readonly path: ListPath; readonly rows: readonly unknown[] }[];
}

/** Takes lists of more than `most` rows out of plain data. */
export function takeApart(value: unknown, most: number): Pieces {
  const lists: { path: ListPath; rows: readonly unknown[] }[] = [];
  const visit = (part: unknown, path: ListPath): unknown => {
    if (Array.isArray(part)) {
      if (part.length <= most) return part.map((item: unknown, index) => visit(item, [...path, index]));
      lists.push({ path, rows: part });
      return [];
    }
    if (typeof part !== "object" || part === null) return part;
    return Object.fromEntries(Object.entries(part).map(([name, item]) => [name, visit(item, [...path, name])]));
  };
  return { frame: visit(value, []), lists };
}

/** Puts rows of a list back in; those of one list come in order. */
export function putBack(frame: unknown, path: ListPath, rows: readonly unknown[]): void {
  let part = frame;
  for (const step of path) part = (part as Readonly<Record<string | number, unknown>>)[step];
  const list = part as unknown[];
  for (const row of rows) list.push(row);
}
