/** Which pages an interval needs locked: evict, run, lock what faulted, again until nothing does; then leave one out. */
import type { LockSetRound, ObservedPage, PageReason } from "../../core/memlock/lock-set.js";
import type { EvictionMeans } from "../evict/evict.js";
import type { MemoryCgroup } from "../evict/memory-cgroup.js";
import type { CampaignTrace, IntervalFault } from "./campaign-trace.js";
import type { Campaign, IntervalRun, Occasion } from "./campaign.js";
import { rangesOf, type Call, type Injection } from "./injection.js";

export interface LockFailure {
  readonly page: number;
  readonly errno: number;
}

export interface LoopResult {
  readonly rounds: readonly LockSetRound[];
  readonly pages: readonly ObservedPage[];
  /** Pages that could not be locked: beyond the limit, or not mapped any more when the interval was over. */
  readonly failures: readonly LockFailure[];
  /** The clean intervals at the end, and the faults they took. */
  readonly intervals: number;
  readonly faultsAfter: number;
  /** Why the loop ended without an interval that takes no fault. */
  readonly stuck: "no-progress" | "rounds" | undefined;
  readonly last: IntervalRun | undefined;
  /** Whether each page was tried alone. */
  readonly leftOneOut: boolean;
  /** Every interval that was run, in order. */
  readonly runs: readonly RunDigest[];
}

/** What is kept of an interval. */
export interface RunDigest extends Pick<IntervalRun, "interval" | "stimulus"> {
  readonly faults: number;
  readonly lost: number;
  /** Its end was seen, and the stimulus taken. */
  readonly ended: boolean;
}

export interface LoopTools {
  readonly campaign: Campaign;
  readonly means: EvictionMeans;
  readonly injection: Injection;
  readonly trace: CampaignTrace | undefined;
  /** Reclaimed while an interval lasts. */
  readonly group: MemoryCgroup | undefined;
  readonly occasions: readonly Occasion[];
  /** Faultless intervals that end the loop. */
  readonly cleanIntervals: number;
  readonly onProgress: (progress: LoopProgress) => void;
}

export type LoopProgress =
  | { readonly kind: "round"; readonly round: LockSetRound; readonly locked: number }
  | { readonly kind: "leave-one-out"; readonly done: number; readonly of: number; readonly dropped: number }
  | { readonly kind: "clean"; readonly done: number; readonly of: number };

const MAX_ROUNDS = 100;
/** Rounds in a row that found nothing that can be locked: more of them will not either. */
const MAX_IDLE_ROUNDS = 3;
/** Clean intervals that are begun again because a page faulted after all. */
const MAX_SETBACKS = 100;

interface Entry {
  readonly reasons: PageReason[];
  dropped: boolean;
}

export async function runLockLoop(tools: LoopTools): Promise<LoopResult> {
  const loop = new LockLoop(tools);
  const stuck = await loop.untilNoneFaults();
  if (stuck === undefined) await loop.leaveOneOut();
  const clean = await loop.cleanIntervals(stuck === undefined);
  return { ...loop.result(), ...clean, stuck, leftOneOut: stuck === undefined };
}

class LockLoop {
  private readonly entries = new Map<number, Entry>();
  private readonly failures = new Map<number, number>();
  private readonly rounds: LockSetRound[] = [];
  private readonly runs: RunDigest[] = [];
  private last: IntervalRun | undefined;

  constructor(private readonly tools: LoopTools) {}

  async untilNoneFaults(): Promise<LoopResult["stuck"]> {
    for (let round = 1, idle = 0; round <= MAX_ROUNDS; round++) {
      let resident = 0;
      let faults = 0;
      let newPages = 0;
      for (const occasion of this.tools.occasions) {
        const run = await this.measure(occasion);
        resident = Math.max(resident, run.eviction?.resistant ?? 0);
        faults += faultsIn(run);
        newPages += await this.lockNew(run, round);
      }
      const done = { round, resident, faults, newPages };
      this.rounds.push(done);
      this.tools.onProgress({ kind: "round", round: done, locked: this.lockedPages().length });
      if (faults === 0 && newPages === 0) return undefined;
      idle = newPages === 0 ? idle + 1 : 0;
      if (idle === MAX_IDLE_ROUNDS) return "no-progress";
    }
    return "rounds";
  }

  /**
   * Each page by itself: unlocked, evicted, it must fault again, in the run of one stimulus at least. One that does not
   * leave and is in a mapping that was touched is kept: nobody can say that it is not needed.
   */
  async leaveOneOut(): Promise<void> {
    const candidates = this.lockedPages();
    let dropped = 0;
    for (const [index, page] of candidates.entries()) {
      const entry = this.entries.get(page)!;
      await this.call([{ kind: "munlock", range: { first: page, count: 1 } }]);
      const needed = await this.isNeeded(page);
      if (needed) await this.call([{ kind: "mlock", range: { first: page, count: 1 } }]);
      else {
        entry.dropped = true;
        dropped += 1;
      }
      this.tools.onProgress({ kind: "leave-one-out", done: index + 1, of: candidates.length, dropped });
    }
  }

  private async isNeeded(page: number): Promise<boolean> {
    for (const occasion of this.tools.occasions) {
      const run = await this.measure(occasion);
      const faulted = run.traced?.faults.some((fault) => fault.page === page) === true;
      const hidden = hiddenFaults(run) > 0 && run.cameIn.includes(page);
      if (faulted || hidden || touchedFilePages(run).includes(page)) return true;
      // Another page that faulted meanwhile is a setback of its own: it is locked, and this one is asked again.
      if (faultsIn(run) > 0 && (await this.lockNew(run, this.rounds.length + 1)) > 0) return this.isNeeded(page);
    }
    return false;
  }

  /** @param complete false: the loop got stuck, and the intervals only show how many faults are left. */
  async cleanIntervals(complete: boolean): Promise<{ intervals: number; faultsAfter: number }> {
    const { occasions, cleanIntervals: wanted, onProgress } = this.tools;
    let faultsAfter = 0;
    let setbacks = 0;
    for (let done = 0; done < wanted;) {
      const run = await this.measure(occasions[done % occasions.length]!);
      const faults = faultsIn(run);
      if (faults > 0 && complete && setbacks < MAX_SETBACKS && (await this.lockNew(run, this.rounds.length + 1)) > 0) {
        setbacks += 1;
        done = 0;
        faultsAfter = 0;
        continue;
      }
      faultsAfter += faults;
      done += 1;
      onProgress({ kind: "clean", done, of: wanted });
    }
    return { intervals: wanted, faultsAfter };
  }

  result(): Pick<LoopResult, "rounds" | "pages" | "failures" | "last" | "runs"> {
    return {
      runs: this.runs,
      rounds: this.rounds,
      pages: [...this.entries]
        .sort(([a], [b]) => a - b)
        .map(([page, { reasons, dropped }]) => ({ page, reasons, dropped })),
      failures: [...this.failures].map(([page, errno]) => ({ page, errno })),
      last: this.last,
    };
  }

  private async measure(occasion: Occasion): Promise<IntervalRun> {
    const { campaign, means, trace, group } = this.tools;
    const run = await campaign.measure(occasion, means, trace, group);
    this.runs.push(digestOf(run));
    this.last = run;
    return run;
  }

  /** Locks what the run needed and is not locked yet; how many pages that were. */
  private async lockNew(run: IntervalRun, round: number): Promise<number> {
    const found = this.neededPages(run, round);
    const fresh = [...found.keys()].filter((page) => {
      const known = this.entries.get(page);
      return !this.failures.has(page) && (known === undefined || known.dropped);
    });
    // Locked, and yet it faulted: locking it once more brings it in, which is all that mlock does then.
    const again = [...found.keys()].filter((page) => this.entries.get(page)?.dropped === false);
    const failed = await this.lock([...fresh, ...again]);
    for (const { page, errno } of failed) this.failures.set(page, errno);
    for (const [page, { reasons }] of found) {
      if (this.failures.has(page)) continue;
      const known = this.entries.get(page);
      if (known === undefined) this.entries.set(page, { reasons, dropped: false });
      else {
        known.dropped = false;
        known.reasons.push(...reasons.filter((reason) => isNews(reason, known.reasons)));
      }
    }
    return fresh.filter((page) => !this.failures.has(page)).length;
  }

  private neededPages(run: IntervalRun, round: number): Map<number, Omit<Entry, "dropped">> {
    const needed = new Map<number, Omit<Entry, "dropped">>();
    const { stimulus } = run;
    const { pid } = this.tools.campaign.target;
    for (const fault of run.traced?.faults ?? []) {
      if (fault.pid !== pid) continue;
      const known = needed.get(fault.page);
      if (known === undefined) needed.set(fault.page, { reasons: [byEvent(fault, round, stimulus)] });
      else known.reasons[0] = { ...known.reasons[0]!, again: true };
    }
    if (needed.size > 0) return needed;
    // Perf sees none any more: what comes in now comes by the faults it cannot see.
    const unseen = { reasons: [byPagemap(round, stimulus)] };
    if (hiddenFaults(run) > 0) for (const page of run.cameIn) needed.set(page, { ...unseen });
    else if (faultsIn(run) === 0) for (const page of touchedFilePages(run)) needed.set(page, { ...unseen });
    return needed;
  }

  private async lock(pages: readonly number[]): Promise<LockFailure[]> {
    if (pages.length === 0) return [];
    const ranges = rangesOf(pages);
    const results = await this.call(ranges.map((range) => ({ kind: "mlock", range })));
    const failures: LockFailure[] = [];
    for (const [index, range] of ranges.entries()) {
      if ((results[index] ?? 0) >= 0) continue;
      // Not atomic: page by page, so that it is known which are locked.
      const single = Array.from({ length: range.count }, (_, at) => range.first + at);
      const answers = await this.call(single.map((first) => ({ kind: "mlock", range: { first, count: 1 } })));
      single.forEach((page, at) => {
        if ((answers[at] ?? 0) < 0) failures.push({ page, errno: -answers[at]! });
      });
    }
    return failures;
  }

  private lockedPages(): number[] {
    return [...this.entries].filter(([, { dropped }]) => !dropped).map(([page]) => page);
  }

  private call(calls: readonly Call[]): Promise<readonly number[]> {
    return this.tools.injection.run(calls);
  }
}

function byEvent(fault: IntervalFault, round: number, stimulus: string | undefined): PageReason {
  const { access, kernel, major, tid, address, chain } = fault;
  return { kind: "fault", round, stimulus, access, kernel, major, again: false, tid, address, chain };
}

function byPagemap(round: number, stimulus: string | undefined): PageReason {
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

function isNews(reason: PageReason, known: readonly PageReason[]): boolean {
  return !known.some(({ kind, stimulus }) => kind === reason.kind && stimulus === reason.stimulus);
}

export function digestOf(run: IntervalRun): RunDigest {
  const ended = run.ending.kind === "seen" && run.taken && run.ran.length > 0;
  const { interval, stimulus } = run;
  return { interval, stimulus, faults: faultsIn(run), lost: run.traced?.lost ?? 0, ended };
}

/** By whichever counter saw more. */
export function faultsIn(run: IntervalRun): number {
  const counter = run.counted === undefined ? 0 : run.counted.minor + run.counted.major;
  return Math.max(run.traced?.counted ?? 0, counter) - run.outside;
}

/** Faults of the process's counters that perf did not see. */
function hiddenFaults(run: IntervalRun): number {
  const counter = run.counted === undefined ? 0 : run.counted.minor + run.counted.major;
  return Math.max(0, counter - (run.traced?.counted ?? 0));
}

/** Pages of files that did not leave, in mappings that were touched: whoever evicts better will make them fault. */
function touchedFilePages(run: IntervalRun): number[] {
  return (run.eviction?.stayed ?? []).flatMap(({ mapping, runs, reason }) =>
    reason !== "file" || run.touched?.stayed.has(mapping.start) !== true
      ? []
      : runs.flatMap(({ start, pages }) =>
          Array.from({ length: pages }, (_, at) => start / run.eviction!.pageSize + at),
        ),
  );
}
