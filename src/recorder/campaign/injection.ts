/** Calls made inside the target, as a campaign needs them: locks, and advice where nobody else may give it. */
import type { EvictionMeans } from "../evict/means.js";
import type { MappingFacts } from "../evict/mapping-facts.js";
import type { PlainCall } from "../inject/call-messages.js";

/** Pages `first` … `first + count - 1`, by number (address / page size). */
export interface Pages {
  readonly first: number;
  readonly count: number;
}

export type Call =
  | { readonly kind: "mlock" | "munlock"; readonly range: Pages }
  | { readonly kind: "madvise"; readonly range: Pages; readonly advice: "pageout" | "dontneed" | "cold" };

/** A process of its own that makes the calls inside the target. */
export interface Injection {
  /** Results in order; negative error numbers where a call failed. */
  run(calls: readonly Call[]): Promise<readonly number[]>;
  /** The same, of calls that are not about pages. */
  runPlain(calls: readonly PlainCall[]): Promise<readonly number[]>;
  close(): Promise<void>;
}

/** Eviction by calls in the target: what an unprivileged user may do to processes of their own. */
export function injectedMeans(injection: Injection, pageSize: number): EvictionMeans {
  return {
    name: "injected madvise",
    // What does not leave shall at least show whether it is touched: in one go, for each visit wakes the target.
    pageOut: (mappings) => advise(injection, mappings, ["pageout", "cold"], pageSize),
    age: undefined,
    drop: (mappings) => advise(injection, mappings, ["dontneed"], pageSize),
    close: () => undefined,
  };
}

async function advise(
  injection: Injection,
  mappings: readonly MappingFacts[],
  advices: readonly ("pageout" | "dontneed" | "cold")[],
  pageSize: number,
): Promise<void> {
  await injection.run(
    mappings.flatMap(({ start, end }) =>
      advices.map((advice) => ({
        kind: "madvise" as const,
        advice,
        range: { first: start / pageSize, count: (end - start) / pageSize },
      })),
    ),
  );
}

/** Neighbouring pages as one range each, in address order. */
export function rangesOf(pages: Iterable<number>): Pages[] {
  const ranges: { first: number; count: number }[] = [];
  for (const page of [...new Set(pages)].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last !== undefined && last.first + last.count === page) last.count += 1;
    else ranges.push({ first: page, count: 1 });
  }
  return ranges;
}
