/**
 * Which pages an interval needs locked: evict, run, lock what faulted, again until nothing does; then leave one out.
 * Its steps share one state, and are read together.
 */
import type { LockSetRound, ObservedPage, PageReason } from "../../core/memlock/lock-set.js";
import type { EvictionMeans } from "../evict/means.js";
import type { MemoryCgroup } from "../evict/memory-cgroup.js";
import type { CampaignTrace } from "./campaign-trace.js";
import type { Campaign, IntervalRun, Occasion } from "./campaign.js";
import { rangesOf, type Call, type Injection } from "./injection.js";
import {
  byEvent,
  byPagemap,
  digestOf,
  faultsIn,
  groupsApart,
  hiddenFaults,
  isNews,
  touchedFilePages,
  type RunDigest,
} from "./run-findings.js";

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

export interface LoopTools {
  readonly campaign: Campaign;
  readonly means: EvictionMeans;
  readonly injection: Injection;
  readonly trace: CampaignTrace | undefined;
  /** Reclaimed while an interval lasts. */
  readonly group: MemoryCgroup | undefined;
  /** Shows each page a round touches; undefined where the kernel's own fault-around is to stay in all of them. */
  readonly exact: RoundExactness | undefined;
  readonly occasions: readonly Occasion[];
  /** Faultless intervals that end the loop: the least, and as many more as can be had soon. */
  readonly cleanIntervals: { readonly least: number; readonly most: number };
  readonly onProgress: (progress: LoopProgress) => void;
}

/** Arms and disarms what makes rounds exact. */
export interface RoundExactness {
  /** False: it cannot be had, and is not asked for again. */
  arm(): Promise<boolean>;
  disarm(): Promise<void>;
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
/** More clean intervals than were asked for are run for so long … */
const LONG_LOOK_MS = 10_000;
/** … and pages that turn up late are locked and tried again for so long. */
const LONGEST_LOOK_MS = 60_000;
/** Pages that turn up late, or beside unseen faults, are tried alone so often. */
const MAX_RETRIALS = 3;
/** Where one interval takes longer than this, pages are left out in groups first. */
const SLOW_INTERVAL_MS = 50;

interface Entry {
  readonly reasons: PageReason[];
  dropped: boolean;
}

export async function runLockLoop(tools: LoopTools): Promise<LoopResult> {
  const loop = new LockLoop(tools);
  const stuck = await loop.untilNoneFaults();
  if (stuck === undefined) await loop.leaveOneOut();
  let clean = await loop.cleanIntervals(stuck === undefined);
  for (let again = 0; again < MAX_RETRIALS && stuck === undefined && loop.untried.length > 0; again++) {
    await loop.leaveOneOut(loop.untried);
    clean = await loop.cleanIntervals(true);
  }
  return { ...loop.result(), ...clean, stuck, leftOneOut: stuck === undefined && loop.untried.length === 0 };
}

class LockLoop {
  private readonly entries = new Map<number, Entry>();
  private readonly failures = new Map<number, number>();
  private readonly rounds: LockSetRound[] = [];
  private readonly runs: RunDigest[] = [];
  private readonly tried = new Set<number>();
  private milliseconds = 0;
  private last: IntervalRun | undefined;

  constructor(private readonly tools: LoopTools) {}

  /** Every other round is exact, the first one too; what ends the loop is a round as the program will see it. */
  async untilNoneFaults(): Promise<LoopResult["stuck"]> {
    let available = true;
    let exact = false;
    for (let round = 1, idle = 0; round <= MAX_ROUNDS; round++) {
      exact = available && !exact && (await this.tools.exact?.arm()) === true;
      if (round === 1) available = exact;
      const found = await this.oneRound(round, exact).finally(() => this.tools.exact?.disarm());
      const { faults, newPages } = found;
      this.rounds.push(found);
      this.tools.onProgress({ kind: "round", round: found, locked: this.lockedPages().length });
      if (faults === 0 && newPages === 0 && !exact) return undefined;
      idle = newPages === 0 ? idle + 1 : 0;
      if (idle === MAX_IDLE_ROUNDS) return "no-progress";
    }
    return "rounds";
  }

  private async oneRound(round: number, exact: boolean): Promise<LockSetRound> {
    let resident = 0;
    let faults = 0;
    let newPages = 0;
    for (const occasion of this.tools.occasions) {
      const run = await this.measure(occasion);
      resident = Math.max(resident, run.eviction?.resistant ?? 0);
      faults += faultsIn(run);
      newPages += await this.lockNew(run, round, { exact });
    }
    return { round, resident, faults, newPages, ...(exact ? { exact } : {}) };
  }

  /**
   * Each page by itself: unlocked, evicted, it must fault again, in the run of one stimulus at least. One that does not
   * leave and is in a mapping that was touched is kept: nobody can say that it is not needed. Where an interval takes
   * long, pages that cannot come in with one another are first left out together: each that faults then is needed.
   */
  async leaveOneOut(candidates: readonly number[] = this.lockedPages()): Promise<void> {
    const slow = this.meanMilliseconds() > SLOW_INTERVAL_MS;
    const doubtful: number[] = [];
    let done = 0;
    const progress = (): void => {
      const dropped = [...this.entries.values()].filter((entry) => entry.dropped).length;
      this.tools.onProgress({ kind: "leave-one-out", done, of: candidates.length, dropped });
    };
    for (const group of slow ? groupsApart(candidates, this.tools.campaign.pageSize) : []) {
      await this.call(rangesOf(group).map((range) => ({ kind: "munlock", range })));
      const needed = await this.neededOf(group);
      await this.call(rangesOf(group).map((range) => ({ kind: "mlock", range })));
      doubtful.push(...group.filter((page) => !needed.has(page)));
      for (const page of needed) this.tried.add(page);
      done += needed.size;
      progress();
    }
    for (const page of slow ? doubtful : candidates) {
      await this.call([{ kind: "munlock", range: { first: page, count: 1 } }]);
      if ((await this.neededOf([page])).size > 0) {
        await this.call([{ kind: "mlock", range: { first: page, count: 1 } }]);
      } else this.entries.get(page)!.dropped = true;
      this.tried.add(page);
      done += 1;
      progress();
    }
  }

  /** Which of these unlocked pages are missed. */
  private async neededOf(pages: readonly number[]): Promise<Set<number>> {
    const needed = new Set<number>();
    for (const occasion of this.tools.occasions) {
      const run = await this.measure(occasion);
      const faulted = new Set(run.traced?.faults.map(({ page }) => page) ?? []);
      const cameIn = new Set(hiddenFaults(run) > 0 ? run.cameIn : []);
      const stayed = new Set(touchedFilePages(run));
      for (const page of pages) {
        const missed = faulted.has(page) || cameIn.has(page) || stayed.has(page);
        if (missed || (this.isRare(page) && run.eviction?.present().has(page) === false)) needed.add(page);
      }
      if (needed.size === pages.length) break;
      // Another page that faulted meanwhile is a setback of its own: it is locked, and these are asked again.
      const others = [...faulted].filter((page) => !pages.includes(page));
      if (others.length > 0 && (await this.lockNew(run, this.rounds.length + 1, { without: pages })) > 0) {
        return this.neededOf(pages);
      }
    }
    return needed;
  }

  /** @param complete false: the loop got stuck, and the intervals only show how many faults are left. */
  async cleanIntervals(complete: boolean): Promise<{ intervals: number; faultsAfter: number }> {
    const { occasions, cleanIntervals: wanted, onProgress } = this.tools;
    const begun = performance.now();
    let faultsAfter = 0;
    let setbacks = 0;
    let done = 0;
    for (; done < wanted.most;) {
      if (done >= wanted.least && performance.now() - begun > LONG_LOOK_MS) break;
      const run = await this.measure(occasions[done % occasions.length]!);
      const faults = faultsIn(run);
      const patient = setbacks < MAX_SETBACKS && performance.now() - begun < LONGEST_LOOK_MS;
      if (faults > 0 && complete && patient && (await this.lockNew(run, this.rounds.length + 1)) > 0) {
        setbacks += 1;
        done = 0;
        faultsAfter = 0;
        continue;
      }
      faultsAfter += faults;
      done += 1;
      onProgress({ kind: "clean", done, of: wanted.most });
    }
    return { intervals: done, faultsAfter };
  }

  /** Locked pages that turned up after the others had been tried alone, or beside a fault that nobody saw. */
  get untried(): readonly number[] {
    return this.lockedPages().filter((page) => !this.tried.has(page));
  }

  /** It faulted with the others locked: one interval needed it. (If it cannot leave again, that was a first touch.) */
  private isRare(page: number): boolean {
    const [first] = this.entries.get(page)?.reasons ?? [];
    return first?.kind === "fault" && first.round > this.rounds.length;
  }

  private meanMilliseconds(): number {
    return this.milliseconds / Math.max(1, this.runs.length);
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
    this.milliseconds += run.milliseconds;
    this.last = run;
    return run;
  }

  /** Locks what the run needed and is not locked yet; how many pages that were. */
  private async lockNew(
    run: IntervalRun,
    round: number,
    { without = [], exact = false }: { readonly without?: readonly number[]; readonly exact?: boolean } = {},
  ): Promise<number> {
    const found = this.neededPages(run, round, exact);
    for (const page of without) found.delete(page);
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
      // It may have come in beside the one that was needed, whatever an earlier trial said.
      if (reasons[0]?.kind === "pagemap") this.tried.delete(page);
      if (known === undefined) this.entries.set(page, { reasons, dropped: false });
      else {
        known.dropped = false;
        known.reasons.push(...reasons.filter((reason) => isNews(reason, known.reasons)));
      }
    }
    return fresh.filter((page) => !this.failures.has(page)).length;
  }

  private neededPages(run: IntervalRun, round: number, exact: boolean): Map<number, Omit<Entry, "dropped">> {
    const needed = new Map<number, Omit<Entry, "dropped">>();
    const { stimulus } = run;
    const { pid } = this.tools.campaign.target;
    for (const fault of run.traced?.faults ?? []) {
      if (fault.pid !== pid) continue;
      const known = needed.get(fault.page);
      if (known === undefined) needed.set(fault.page, { reasons: [byEvent(fault, round, stimulus)] });
      else known.reasons[0] = { ...known.reasons[0]!, again: true };
    }
    // Where each page has a fault of its own nothing else comes in, unless it is no business of this search.
    if (needed.size > 0 && !(exact && run.outside === 0)) return needed;
    // Perf sees none any more: what comes in now comes by the faults it cannot see.
    const cameIn = hiddenFaults(run) > 0 ? run.cameIn.filter((page) => !needed.has(page)) : [];
    for (const page of cameIn) needed.set(page, { reasons: [byPagemap(round, stimulus)] });
    if (faultsIn(run) === 0)
      for (const page of touchedFilePages(run)) needed.set(page, { reasons: [byPagemap(round, stimulus)] });
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
