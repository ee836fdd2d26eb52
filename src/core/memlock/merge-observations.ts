/** Several campaigns of one program, each started for other stimuli, as one observation: the union of what they need. */
import type { Gap, LockSetObservation, ObservedPage } from "./lock-set.js";

/**
 * All of the same program and libraries at the same addresses; mappings, threads and limits are the last one's. A page is
 * dropped only where nobody needs it.
 */
export function mergeObservations(observations: readonly LockSetObservation[]): LockSetObservation {
  const last = observations.at(-1);
  if (last === undefined) throw new RangeError("no observation to merge");
  if (observations.length === 1) return last;
  let before = 0;
  const rounds = observations.flatMap((one) => {
    const first = before;
    before += one.rounds.length;
    return one.rounds.map((round) => ({ ...round, round: first + round.round }));
  });
  return {
    ...last,
    rounds,
    pages: mergedPages(observations),
    intervals: observations.flatMap(({ intervals }) => intervals),
    faultsAfter: observations.some(({ faultsAfter }) => faultsAfter === undefined)
      ? undefined
      : observations.reduce((sum, { faultsAfter = 0 }) => sum + faultsAfter, 0),
    leftOneOut: observations.every(({ leftOneOut }) => leftOneOut),
    gaps: mergedGaps(observations.flatMap((one) => one.gaps)),
  };
}

function mergedPages(observations: readonly LockSetObservation[]): ObservedPage[] {
  const pages = new Map<number, ObservedPage>();
  let before = 0;
  for (const { pages: observed, rounds } of observations) {
    for (const one of observed) {
      const reasons = one.reasons.map((reason) => ({ ...reason, round: before + reason.round }));
      const known = pages.get(one.page);
      pages.set(one.page, {
        page: one.page,
        reasons: [...(known?.reasons ?? []), ...reasons],
        dropped: one.dropped && (known?.dropped ?? true),
      });
    }
    before += rounds.length;
  }
  return [...pages.values()];
}

/** The same gap of several campaigns is told once; of counts, the largest. */
export function mergedGaps(all: readonly Gap[]): Gap[] {
  const gaps = new Map<string, Gap>();
  for (const gap of all) {
    const counts = gap.detail !== undefined && /^\d+$/.test(gap.detail);
    const key = counts ? gap.code : `${gap.code}\0${gap.detail ?? ""}`;
    const known = gaps.get(key);
    if (known === undefined || (counts && Number(known.detail) < Number(gap.detail))) gaps.set(key, gap);
  }
  return [...gaps.values()];
}
