/** What one run of an interval says about faults and pages. */
import type { PageReason } from "../../core/memlock/lock-set.js";
import type { IntervalFault } from "./campaign-trace.js";
import type { IntervalRun } from "./campaign.js";

/** What is kept of an interval. */
export interface RunDigest extends Pick<IntervalRun, "interval" | "stimulus"> {
  readonly faults: number;
  readonly lost: number;
  /** Its end was seen, and the stimulus taken. */
  readonly ended: boolean;
  /** A thread of the program ran in it. */
  readonly ran: boolean;
  /** Pages it touched that have no swap to leave for; undefined: that cannot be known. */
  readonly unswappable: number | undefined;
}

/** A fault maps what is in the page cache within an aligned window of this size (fault_around_bytes). */
const FAULT_AROUND_BYTES = 1 << 16;

/** Groups no two pages of which lie in one window. */
export function groupsApart(pages: readonly number[], pageSize: number): number[][] {
  const groups: { readonly pages: number[]; readonly windows: Set<number> }[] = [];
  for (const page of pages) {
    const window = Math.floor((page * pageSize) / FAULT_AROUND_BYTES);
    const group = groups.find(({ windows }) => !windows.has(window));
    if (group === undefined) groups.push({ pages: [page], windows: new Set([window]) });
    else {
      group.pages.push(page);
      group.windows.add(window);
    }
  }
  return groups.map((group) => group.pages);
}

export function byEvent(fault: IntervalFault, round: number, stimulus: string | undefined): PageReason {
  const { access, kernel, major, tid, address, chain } = fault;
  return { kind: "fault", round, stimulus, access, kernel, major, again: false, tid, address, chain };
}

export function byPagemap(round: number, stimulus: string | undefined): PageReason {
  return {
    kind: "pagemap",
    round,
    stimulus,
    access: "unknown",
    kernel: true,
    major: false,
    again: false,
    tid: undefined,
    chain: [],
  };
}

export function isNews(reason: PageReason, known: readonly PageReason[]): boolean {
  return !known.some(({ kind, stimulus }) => kind === reason.kind && stimulus === reason.stimulus);
}

export function digestOf(run: IntervalRun): RunDigest {
  const ended = run.ending.kind === "seen" && run.taken;
  const { interval, stimulus } = run;
  return {
    interval,
    stimulus,
    faults: faultsIn(run),
    lost: run.traced?.lost ?? 0,
    ended,
    ran: run.ran.length > 0,
    unswappable: run.touched?.unswappable,
  };
}

/** By whichever counter saw more. */
export function faultsIn(run: IntervalRun): number {
  const counter = run.counted === undefined ? 0 : run.counted.minor + run.counted.major;
  return Math.max(run.traced?.counted ?? 0, counter) - run.outside;
}

/** Faults of the process's counters that perf did not see. */
export function hiddenFaults(run: IntervalRun): number {
  const counter = run.counted === undefined ? 0 : run.counted.minor + run.counted.major;
  return Math.max(0, counter - (run.traced?.counted ?? 0));
}

/** Pages of files that did not leave, in mappings that were touched: whoever evicts better will make them fault. */
export function touchedFilePages(run: IntervalRun): number[] {
  return (run.eviction?.stayed ?? []).flatMap(({ mapping, runs, reason }) =>
    reason !== "file" || run.touched?.stayed.has(mapping.start) !== true
      ? []
      : runs.flatMap(({ start, pages }) =>
          Array.from({ length: pages }, (_, at) => start / run.eviction!.pageSize + at),
        ),
  );
}
