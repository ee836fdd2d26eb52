/** Overlapping address intervals flattened to boundaries: a query is one binary search. */
import { lastAtOrBelow } from "../base/bisect.js";

export interface IntervalMap {
  /** Ascending; owner i holds from boundary i up to boundary i + 1. */
  readonly boundaries: Float64Array;
  /** -1 where nobody owns the stretch. */
  readonly owners: Float64Array;
}

/** Flattens [low, high) intervals. Where they overlap the later one wins, so children must follow their parents. */
export function flattenIntervals(
  lows: readonly number[],
  highs: readonly number[],
  owners: readonly number[],
): IntervalMap {
  const edges = new Float64Array(lows.length * 2);
  edges.set(lows);
  edges.set(highs, lows.length);
  edges.sort();
  let count = 0;
  for (let index = 0; index < edges.length; index++)
    if (count === 0 || edges[index] !== edges[count - 1]) edges[count++] = edges[index]!;
  const boundaries = edges.slice(0, count);
  const painted = new Float64Array(count).fill(-1);
  // From the last interval to the first, each paints what is still free; `next` leaps over what is not.
  const next = new Int32Array(count + 1);
  for (let index = 0; index <= count; index++) next[index] = index;
  for (let index = lows.length - 1; index >= 0; index--) {
    const end = lastAtOrBelow(boundaries, highs[index]!);
    let at = free(next, lastAtOrBelow(boundaries, lows[index]!));
    while (at < end) {
      painted[at] = owners[index]!;
      next[at] = at + 1;
      at = free(next, at);
    }
  }
  return { boundaries, owners: painted };
}

/** Owner of the address, or -1. */
export function ownerAt({ boundaries, owners }: IntervalMap, address: number): number {
  const index = lastAtOrBelow(boundaries, address);
  return index < 0 ? -1 : owners[index]!;
}

/** First unpainted stretch at or after `at`; halves the path it walks. */
function free(next: Int32Array, at: number): number {
  let here = at;
  while (next[here] !== here) {
    next[here] = next[next[here]!]!;
    here = next[here]!;
  }
  return here;
}
