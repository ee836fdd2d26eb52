/** How deep each stack of a lock set is used: what a thread must touch before its interval. */
import type { LockSet } from "./lock-set.js";

export interface PrefaultDepth {
  /** "[stack]", "stack of input (tid 12)". */
  readonly name: string;
  readonly main: boolean;
  /** Bytes from the highest page of the set down to the end of the lowest. */
  readonly depth: number;
}

export function prefaultDepths({ parts, pageSize }: Pick<LockSet, "parts" | "pageSize">): readonly PrefaultDepth[] {
  return parts
    .filter(({ region }) => region === "main-stack" || region === "thread-stack" || region === "tls")
    .map(({ region, name, ranges }) => {
      const starts = ranges.map(({ address }) => Number(address));
      const ends = ranges.map(({ pages }, number) => starts[number]! + pages * pageSize);
      return { name, main: region === "main-stack", depth: Math.max(...ends) - Math.min(...starts) };
    });
}

/** Some room above what was seen: a signal, a deeper call. In units that people write. */
export function roundedDepth(bytes: number): number {
  const wanted = Math.max(bytes * 2, SMALLEST_DEPTH);
  return 2 ** Math.ceil(Math.log2(wanted));
}

const SMALLEST_DEPTH = 16_384;
