/** Binary search over sorted columns. */

/** Index of the last entry that is ≤ value among the first `length`, or -1. */
export function lastAtOrBelow(sorted: ArrayLike<number>, value: number, length = sorted.length): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
