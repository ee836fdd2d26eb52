/** Ranges of addresses: put together, taken away from one another, intersected. */

/** Bytes; start and end are multiples of the page size, below 2^53. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** In address order, what overlaps or touches as one. */
export function merged(ranges: readonly ByteRange[]): readonly ByteRange[] {
  const result: { start: number; end: number }[] = [];
  for (const { start, end } of inOrder(ranges)) {
    const last = result.at(-1);
    if (last !== undefined && start <= last.end) last.end = Math.max(last.end, end);
    else if (end > start) result.push({ start, end });
  }
  return result;
}

/** In address order, the parts of `ranges` that none of `others` covers; each keeps what else it says. */
export function subtract<Range extends ByteRange>(
  ranges: readonly Range[],
  others: readonly ByteRange[],
): readonly Range[] {
  const away = merged(others);
  const result: Range[] = [];
  let first = 0;
  for (const range of inOrder(ranges)) {
    // What ends before this range begins can not reach the next ones either.
    while (first < away.length && away[first]!.end <= range.start) first++;
    let start = range.start;
    for (let index = first; index < away.length && away[index]!.start < range.end; index++) {
      if (away[index]!.start > start) result.push({ ...range, start, end: away[index]!.start });
      start = Math.max(start, away[index]!.end);
    }
    if (start < range.end) result.push({ ...range, start });
  }
  return result;
}

/**
 * Where both are, in address order, with the range of each side.
 * @param ranges in address order, without overlaps; so are the `others`.
 */
export function intersections<Range extends ByteRange, Other extends ByteRange>(
  ranges: readonly Range[],
  others: readonly Other[],
): readonly (ByteRange & { readonly range: Range; readonly other: Other })[] {
  const result: (ByteRange & { range: Range; other: Other })[] = [];
  for (let i = 0, j = 0; i < ranges.length && j < others.length;) {
    const [range, other] = [ranges[i]!, others[j]!];
    const start = Math.max(range.start, other.start);
    const end = Math.min(range.end, other.end);
    if (start < end) result.push({ start, end, range, other });
    if (range.end <= other.end) i++;
    else j++;
  }
  return result;
}

export function bytesOf(ranges: readonly ByteRange[]): number {
  return ranges.reduce((sum, { start, end }) => sum + end - start, 0);
}

export function inOrder<Range extends ByteRange>(ranges: readonly Range[]): readonly Range[] {
  return ranges.toSorted((a, b) => a.start - b.start);
}
