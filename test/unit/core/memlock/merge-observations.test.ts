import { expect, it } from "vitest";
import type { LockSetObservation, ObservedPage, PageReason } from "../../../../src/core/memlock/lock-set.js";
import { mergeObservations } from "../../../../src/core/memlock/merge-observations.js";

const EMPTY: LockSetObservation = {
  pid: 1,
  command: ["program"],
  pageSize: 4096,
  maps: "",
  threads: [],
  rounds: [],
  pages: [],
  intervals: [],
  faultsAfter: 0,
  leftOneOut: true,
  alreadyLockedPages: 0,
  limits: { softBytes: 0, hardBytes: 0, privileged: false },
  whole: undefined,
  gaps: [],
  tracePath: undefined,
};

function page(number: number, stimulus: string, dropped = false): ObservedPage {
  const reason: PageReason = {
    kind: "fault",
    round: 1,
    stimulus,
    access: "read",
    kernel: false,
    major: false,
    again: false,
    tid: 1,
    chain: [],
  };
  return { page: number, reasons: [reason], dropped };
}

function observed(own: Partial<LockSetObservation>): LockSetObservation {
  return { ...EMPTY, rounds: [{ round: 1, resident: 0, faults: 1, newPages: 1 }], ...own };
}

it("one observation is its own union", () => {
  const one = observed({});
  expect(mergeObservations([one])).toBe(one);
});

it("a page that one campaign needs stays, and tells every reason", () => {
  const merged = mergeObservations([
    observed({ pages: [page(5, "a", true), page(6, "a", true)] }),
    observed({ pages: [page(5, "b"), page(6, "b", true)] }),
  ]);
  expect(merged.pages.map(({ page: number, dropped, reasons }) => [number, dropped, reasons.length])).toEqual([
    [5, false, 2],
    [6, true, 2],
  ]);
  expect(merged.pages[0]!.reasons.map(({ round, stimulus }) => [round, stimulus])).toEqual([
    [1, "a"],
    [2, "b"],
  ]);
});

it("rounds are counted on, faults added, and each gap is told once, with its largest count", () => {
  const merged = mergeObservations([
    observed({ faultsAfter: 2, gaps: [{ code: "no-swap", detail: "7" }, { code: "no-kernel-events" }] }),
    observed({ gaps: [{ code: "no-swap", detail: "12" }, { code: "no-kernel-events" }], leftOneOut: false }),
  ]);
  expect(merged.rounds.map(({ round }) => round)).toEqual([1, 2]);
  expect(merged.faultsAfter).toBe(2);
  expect(merged.leftOneOut).toBe(false);
  expect(merged.gaps).toEqual([{ code: "no-swap", detail: "12" }, { code: "no-kernel-events" }]);
});

it("what one campaign could not say the union cannot say either", () => {
  expect(mergeObservations([observed({ faultsAfter: undefined }), observed({})]).faultsAfter).toBeUndefined();
});
