/** Overlapping address intervals and who owns them: flattened to boundaries once it is worth it. */
import { lastAtOrBelow } from "../base/bisect.js";

/** Intervals [low, high) by row. Where they overlap the later one wins, so children must follow their parents. */
export class IntervalMap {
  private asked = 0;
  private flat: Stretches | undefined;

  constructor(
    private readonly lows: readonly number[],
    private readonly highs: readonly number[],
    private readonly owners: readonly number[],
  ) {}

  /** Owner of the address, or -1. The first few times all intervals are looked at: most maps are asked no more often. */
  ownerAt(address: number): number {
    if (this.flat === undefined && this.asked++ < FEW_QUESTIONS) return this.lastCovering(address);
    const { boundaries, owners } = (this.flat ??= flatten(this.lows, this.highs, this.owners));
    const index = lastAtOrBelow(boundaries, address);
    return index < 0 ? -1 : owners[index]!;
  }

  private lastCovering(address: number): number {
    const { lows, highs } = this;
    for (let row = lows.length - 1; row >= 0; row--)
      if (address >= lows[row]! && address < highs[row]!) return this.owners[row]!;
    return -1;
  }
}

interface Stretches {
  /** Ascending; owner i holds from boundary i up to boundary i + 1. */
  readonly boundaries: Float64Array;
  /** -1 where nobody owns the stretch. */
  readonly owners: Float64Array;
}

function flatten(lows: readonly number[], highs: readonly number[], owners: readonly number[]): Stretches {
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

/** First unpainted stretch at or after `at`; halves the path it walks. */
function free(next: Int32Array, at: number): number {
  let here = at;
  while (next[here] !== here) {
    next[here] = next[next[here]!]!;
    here = next[here]!;
  }
  return here;
}

const FEW_QUESTIONS = 4;
