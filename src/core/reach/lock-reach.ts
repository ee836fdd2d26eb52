/** What the critical path could reach, added to what a campaign observed: a rare branch would fault all the same. */
import type { LockSetObservation, ObservedPage, ReachedByPath } from "../memlock/lock-set.js";
import type { Reach, ReachedObject } from "./reached.js";

/** Where the program lies in the process. */
export interface LoadedProgram {
  /** Run-time addresses less link-time addresses. */
  readonly bias: number;
  /** Whether a run-time address is in any of its mappings. */
  readonly isMapped: (address: number) => boolean;
}

/**
 * The observation with the pages of what was reached; of those that were there nothing changes, but none is left out any
 * more. Each page was not tried alone, so the set is not shown to be irreducible.
 */
export function withReach(observation: LockSetObservation, reach: Reach, program: LoadedProgram): LockSetObservation {
  const { pageSize } = observation;
  const pages = new Map<number, ObservedPage>(observation.pages.map((page) => [page.page, page]));
  let added = 0;
  for (const object of reach.objects) {
    for (const page of pagesOf(object, program.bias, pageSize)) {
      const known = pages.get(page);
      if (known?.dropped === false || !program.isMapped(page * pageSize)) continue;
      pages.set(page, { page, reasons: known?.reasons ?? [reasonOf(object, program.bias)], dropped: false });
      added++;
    }
  }
  return {
    ...observation,
    pages: [...pages.values()],
    leftOneOut: false,
    reach: {
      addedPages: added,
      notExecuted: notExecuted(observation, reach, program.bias),
      unknownCalls: reach.unknown.length,
    },
  };
}

/** Functions that no fault was in, and none of whose pages any interval came to. Those on pages of others may be more. */
function notExecuted(
  { pages, pageSize }: LockSetObservation,
  { objects }: Reach,
  bias: number,
): ReachedByPath["notExecuted"] {
  const touched = new Set(pages.map(({ page }) => page));
  const code = pages.flatMap(({ reasons }) => reasons.flatMap(({ chain }) => chain)).sort((a, b) => a - b);
  const isIn = (start: number, end: number): boolean => code.some((address) => address >= start && address < end);
  return objects
    .filter(({ kind }) => kind === "function")
    .filter((object) => !pagesOf(object, bias, pageSize).some((page) => touched.has(page)))
    .filter(({ address, size }) => !isIn(address + bias, address + size + bias))
    .map(({ name, via }) => ({ function: name, calledFrom: via?.by }));
}

function pagesOf({ address, size }: ReachedObject, bias: number, pageSize: number): readonly number[] {
  const first = Math.floor((address + bias) / pageSize);
  const last = Math.floor((address + bias + Math.max(size, 1) - 1) / pageSize);
  return Array.from({ length: last - first + 1 }, (_, at) => first + at);
}

function reasonOf({ kind, address, via }: ReachedObject, bias: number): ObservedPage["reasons"][number] {
  const isCode = kind === "function" || kind === "plt-stub";
  return {
    kind: "reach",
    round: 0,
    stimulus: undefined,
    access: isCode ? "execute" : via?.how === "write" ? "write" : "read",
    kernel: false,
    major: false,
    again: false,
    tid: undefined,
    address: address + bias,
    chain: [],
  };
}
