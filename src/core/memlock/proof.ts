/** A proof: what was counted in each interval after everything that is not locked had left memory, and what it shows. */
import type { Gap, LockLimits, ObservedInterval } from "./lock-set.js";

/** What proving saw. */
export interface ProofObservation {
  readonly pid: number;
  readonly command: readonly string[];
  readonly pageSize: number;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly endedAt: string;
  /** `uname -srm` of the machine it ran on. */
  readonly machine: string;
  readonly intervals: readonly ProofInterval[];
  /** undefined: perf was refused. `kernel`: faults inside system calls were seen, too. */
  readonly events: { readonly kernel: boolean } | undefined;
  /** Bytes the target has locked (VmLck), and how many of them are resident. */
  readonly locked: { readonly bytes: number; readonly residentBytes: number } | undefined;
  readonly limits: LockLimits;
  /** Only faults below these functions count; empty: all faults do. */
  readonly critical: readonly string[];
  /** Faults the critical functions may take in one interval. */
  readonly budget: number;
  readonly gaps: readonly Gap[];
  readonly tracePath: string | undefined;
}

/** One run of an interval, evicted before. */
export interface ProofInterval extends Pick<ObservedInterval, "name" | "stimulus"> {
  /** How pages were taken out; undefined: nothing was evicted. */
  readonly eviction:
    | {
        readonly means: string;
        readonly before: number;
        readonly after: number;
        /** How long it took, the looks into pagemap included. */
        readonly milliseconds?: number;
        /** Locked pages that the eviction of their neighbours had unmapped, and that were brought back. */
        readonly restored?: number;
      }
    | undefined;
  /** Evictable pages the interval needs, and how many of them were locked and resident, or verified absent. */
  readonly coverage: { readonly needed: number; readonly verified: number };
  /** Locked pages that were not resident when it began. */
  readonly lockedAbsent: number;
  /** The target took the whole stimulus. */
  readonly taken: boolean;
  readonly ending: "seen" | "timeout" | "target-ended";
  /** Threads that ran. */
  readonly ran: number;
  /** By perf events; undefined where they were refused. */
  readonly events: { readonly faults: number; readonly lost: number } | undefined;
  /** By /proc/PID/stat and task/TID/stat; undefined when the process was gone. */
  readonly counters: { readonly minor: number; readonly major: number } | undefined;
  /** Of the events' faults, those that do not count: outside of the critical functions. */
  readonly outside: number;
  /** The first of them, for a reader to follow. */
  readonly faults: readonly ProofFault[];
}

export interface ProofFault {
  /** "0x…" run-time addresses. */
  readonly address: string;
  readonly instruction: string | undefined;
  readonly tid: number | undefined;
  readonly major: boolean;
  readonly kernel: boolean;
  readonly access: "read" | "write" | "execute" | "unknown";
  /** What lies there, and the function that reached for it, where they could be named. */
  readonly object: string | undefined;
  readonly function: string | undefined;
}

export type ProofVerdict = "fault-free" | "faults" | "unproved";

/** Why nothing was proved. */
export type DoubtCode =
  | "no-intervals"
  | "no-events"
  | "no-counters"
  | "lost-records"
  | "not-evicted"
  | "coverage"
  | "locked-absent"
  | "not-taken"
  | "no-end"
  | "target-ended"
  | "nothing-ran"
  | "counters-disagree";

export interface Doubt {
  readonly code: DoubtCode;
  /** How many of the intervals it is about. */
  readonly intervals: number;
  /** A count or a share that the sentence names. */
  readonly detail?: string | undefined;
}

/** The answer, as `faultline prove --json` prints it; described by schemas/proof.schema.json. */
export interface Proof {
  readonly version: 1;
  readonly verdict: ProofVerdict;
  readonly command: readonly string[];
  readonly pid: number;
  readonly pageSize: number;
  /** How many were run. */
  readonly intervals: number;
  /** That count: of all intervals together. */
  readonly faults: number;
  /** The most in one interval; it is held against the budget. */
  readonly worst: number;
  readonly counters: {
    readonly events: number | undefined;
    readonly minor: number | undefined;
    readonly major: number | undefined;
    readonly lost: number;
  };
  readonly coverage: {
    readonly needed: number;
    readonly verified: number;
    /** The smallest share of one interval; 1 where nothing was needed. */
    readonly least: number;
  };
  readonly doubts: readonly Doubt[];
  /** What the verdict does not speak about. */
  readonly gaps: readonly Gap[];
  readonly evidence: ProofObservation;
}

/** Of the pages an interval needs, the share that must be locked or verified absent before it. */
export const LEAST_COVERAGE = 0.95;

/**
 * Two counters that know nothing of each other must agree: perf's events, and the kernel's own counters, which see faults
 * that no event tells (get_user_pages). One fault is enough for "faults"; any doubt is enough against "fault-free".
 */
export function proofOf(observation: ProofObservation): Proof {
  const { intervals, budget, events, gaps } = observation;
  const counts = intervals.map(countOf);
  const worst = Math.max(0, ...counts);
  const doubts = doubtsOf(observation);
  return {
    version: 1,
    verdict: worst > budget ? "faults" : doubts.length > 0 ? "unproved" : "fault-free",
    command: observation.command,
    pid: observation.pid,
    pageSize: observation.pageSize,
    intervals: intervals.length,
    faults: sum(counts),
    worst,
    counters: {
      events: events === undefined ? undefined : sum(intervals.map((run) => run.events?.faults ?? 0)),
      minor: total(intervals, ({ counters }) => counters?.minor),
      major: total(intervals, ({ counters }) => counters?.major),
      lost: sum(intervals.map((run) => run.events?.lost ?? 0)),
    },
    coverage: {
      needed: sum(intervals.map(({ coverage }) => coverage.needed)),
      verified: sum(intervals.map(({ coverage }) => coverage.verified)),
      least: Math.min(1, ...intervals.map(shareOf)),
    },
    doubts,
    gaps,
    evidence: observation,
  };
}

/** By whichever counter saw more, without those that do not count. */
function countOf({ events, counters, outside }: ProofInterval): number {
  const counted = counters === undefined ? 0 : counters.minor + counters.major;
  return Math.max(0, Math.max(events?.faults ?? 0, counted) - outside);
}

function doubtsOf({ intervals, events }: ProofObservation): Doubt[] {
  if (intervals.length === 0) return [{ code: "no-intervals", intervals: 0 }];
  const doubts: Doubt[] = [];
  const check = (
    code: DoubtCode,
    wrong: (run: ProofInterval) => boolean,
    detail?: (runs: ProofInterval[]) => string,
  ) => {
    const found = intervals.filter(wrong);
    if (found.length > 0) doubts.push({ code, intervals: found.length, detail: detail?.(found) });
  };
  check("not-taken", (run) => !run.taken);
  check("no-end", ({ ending }) => ending === "timeout");
  check("target-ended", ({ ending }) => ending === "target-ended");
  check("nothing-ran", ({ ran }) => ran === 0);
  check("no-events", (run) => events === undefined || run.events === undefined);
  check("no-counters", ({ counters }) => counters === undefined);
  check(
    "lost-records",
    (run) => (run.events?.lost ?? 0) > 0,
    (runs) => String(sum(runs.map((run) => run.events?.lost ?? 0))),
  );
  check("not-evicted", ({ eviction }) => eviction === undefined || eviction.means === "none");
  check(
    "coverage",
    (run) => run.eviction !== undefined && !(shareOf(run) >= LEAST_COVERAGE),
    (runs) => percent(Math.min(...runs.map(shareOf))),
  );
  check(
    "locked-absent",
    ({ lockedAbsent }) => lockedAbsent > 0,
    (runs) => String(Math.max(...runs.map(({ lockedAbsent }) => lockedAbsent))),
  );
  // Without the kernel's faults perf sees fewer: then only more than the counters' would be strange.
  check("counters-disagree", (run) => {
    if (run.events === undefined || run.counters === undefined) return false;
    const counted = run.counters.minor + run.counters.major;
    return events?.kernel === true ? run.events.faults !== counted : run.events.faults > counted;
  });
  return doubts;
}

function shareOf({ coverage: { needed, verified } }: ProofInterval): number {
  return needed === 0 ? 1 : verified / needed;
}

function percent(share: number): string {
  return `${(Math.floor(share * 1000) / 10).toFixed(1)} %`;
}

function total(
  intervals: readonly ProofInterval[],
  count: (run: ProofInterval) => number | undefined,
): number | undefined {
  const counts = intervals.map(count);
  return counts.includes(undefined) ? undefined : sum(counts.map((value) => value ?? 0));
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}
