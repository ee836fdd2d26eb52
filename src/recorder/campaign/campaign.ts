/** One program under one perf session, whose intervals are provoked, evicted before, counted and looked at, one by one. */
import { writeFileSync } from "node:fs";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import type { Interval, Stimulus } from "../../core/trace/intervals.js";
import { UserError } from "../../host/user-error.js";
import { evict, type Eviction } from "../evict/evict.js";
import { lookAt } from "../evict/look.js";
import type { EvictionMeans } from "../evict/means.js";
import { pressure, type MemoryCgroup } from "../evict/memory-cgroup.js";
import type { MappingFacts } from "../evict/mapping-facts.js";
import { pageBytes } from "../ffi/ring.js";
import type { CampaignTrace, IntervalFault } from "./campaign-trace.js";
import { ranBetween, readCounters, type Counters } from "./counters.js";
import { settle, watchEnd, type IntervalEnding } from "./interval-end.js";
import { stimulusDriver, type StimulusDriver, type StimulusPlace } from "./stimulus.js";
import type { Target } from "./target.js";

/** An interval of the project with what provokes it. */
export interface Occasion {
  readonly interval: Interval;
  readonly stimulus: Stimulus | undefined;
}

export interface IntervalRun {
  readonly interval: string;
  readonly stimulus: string | undefined;
  /** undefined where nothing was evicted before it: warming up. */
  readonly eviction: Eviction | undefined;
  readonly ending: IntervalEnding;
  /** The target has taken the stimulus: nothing of it waits in the pipe any more. */
  readonly taken: boolean;
  /** Threads of the target that ran. */
  readonly ran: readonly number[];
  /** By perf; undefined where it was refused. */
  /** `faults` are those that count. */
  readonly traced:
    { readonly faults: readonly IntervalFault[]; readonly counted: number; readonly lost: number } | undefined;
  /** Of the traced faults, those that do not count: outside of the critical functions. */
  readonly outside: number;
  /** By the kernel's counters of the process; undefined when it was gone before they could be read. */
  readonly counted: { readonly minor: number; readonly major: number } | undefined;
  /** Pages that were not in memory when it began, and are now. */
  readonly cameIn: readonly number[];
  /** What was touched in the interval, by the accessed bits; undefined where those cannot be had without faults. */
  readonly touched: Touched | undefined;
  readonly milliseconds: number;
}

/** Pages touched in an interval that did not have to come in for it. */
export interface Touched {
  /** In locked memory. */
  readonly locked: number;
  /** Not locked, should have left memory, and had not: by start of the mapping. */
  readonly stayed: ReadonlyMap<number, number>;
  /** Private memory that has no swap to leave for. */
  readonly unswappable: number;
}

/** Whether a fault was certainly taken outside of these functions, and of what they call. */
export type OutsideTest = (fault: IntervalFault, critical: ReadonlySet<string>) => boolean;

/** How long an interval may take to end. */
export const DEFAULT_TIMEOUT_MS = 10_000;

export class Campaign {
  private readonly drivers = new Map<Stimulus, StimulusDriver>();
  private readonly idle = new Set<Occasion>();
  private marks: CampaignTrace | undefined;
  private isOutside: ((fault: IntervalFault) => boolean) | undefined;
  readonly pageSize = pageBytes();

  constructor(
    readonly target: Target,
    private readonly place: StimulusPlace,
    private readonly stop: AbortSignal,
    private readonly timeoutMs = DEFAULT_TIMEOUT_MS,
  ) {}

  /** The session in which marks are seen while nothing is measured. */
  seeMarksIn(trace: CampaignTrace | undefined): void {
    this.marks = trace;
  }

  /** Provokes the interval without evicting anything. */
  async warm(occasion: Occasion): Promise<IntervalRun> {
    return this.run(occasion, undefined, undefined);
  }

  /**
   * Evicts, verifies, provokes and counts; with a group, its memory is reclaimed all the while the interval lasts. A
   * program that goes on by itself and did nothing in its interval gets some more of them: on a busy machine, or where
   * its period is longer, that one said nothing.
   */
  async measure(
    occasion: Occasion,
    means: EvictionMeans,
    trace: CampaignTrace | undefined,
    group?: MemoryCgroup,
  ): Promise<IntervalRun> {
    const { stimulus } = occasion;
    for (let more = stimulus === undefined && !this.idle.has(occasion) ? MORE_IF_IDLE : 0; more > 0; more--) {
      const run = await this.run(occasion, { means, group }, trace);
      if (!wasIdle(run)) return run;
      if (more === 1) this.idle.add(occasion);
    }
    return this.run(occasion, { means, group }, trace);
  }

  /** From now on only faults below these functions count; without any, all do. */
  count(critical: readonly string[], isOutside: OutsideTest): void {
    const names = new Set(critical);
    this.isOutside = names.size === 0 ? undefined : (fault) => isOutside(fault, names);
  }

  close(): void {
    for (const driver of this.drivers.values()) driver.close();
  }

  private async run(
    { interval, stimulus }: Occasion,
    eviction: { readonly means: EvictionMeans; readonly group: MemoryCgroup | undefined } | undefined,
    trace: CampaignTrace | undefined,
  ): Promise<IntervalRun> {
    this.stop.throwIfAborted();
    const { target } = this;
    const driver = stimulus === undefined ? undefined : await this.driverOf(stimulus);
    this.requireTarget();
    const release = eviction === undefined || stimulus !== undefined ? undefined : await target.hold();
    const gone = eviction === undefined ? undefined : await evict(target.pid, eviction.means, this.pageSize);
    const cleared = gone !== undefined && readiesBits(target.pid, gone);
    // What was written before is read by now, and is no end of this one.
    await nextTurn();
    const watch = watchEnd(interval, {
      target,
      trace: trace ?? this.marks,
      answers: driver?.answers,
      beginsAfterMs: interval.from?.kind === "after" ? interval.from.milliseconds : 0,
    });
    const before = readCounters(target.pid);
    const begun = performance.now();
    trace?.begin();
    release?.();
    // Being let go is no work of the interval; a mark that is seen is.
    const awake = release === undefined || interval.to?.kind === "mark" ? before : await wokenUp(target);
    const hog = eviction?.group === undefined ? undefined : pressure(eviction.group);
    let ending: IntervalEnding;
    try {
      await driver?.give(this.stop);
      ending = await watch.wait(this.timeoutMs, this.stop);
      if (ending.kind === "seen" && settles(interval)) await settle(target);
    } catch (error) {
      await trace?.end();
      throw error;
    } finally {
      await hog?.end();
    }
    const taken = driver?.wasTaken() ?? true;
    const all = await trace?.end();
    const counting = all?.faults.filter((fault) => this.isOutside?.(fault) !== true);
    const milliseconds = performance.now() - begun;
    const after = readCounters(target.pid);
    this.stop.throwIfAborted();
    return {
      interval: interval.name,
      stimulus: stimulus?.name,
      eviction: gone,
      ending,
      taken,
      ran: awake === undefined || after === undefined ? [] : ranBetween(awake, after),
      traced: all === undefined ? undefined : { ...all, faults: counting ?? [] },
      outside: (all?.faults.length ?? 0) - (counting?.length ?? 0),
      counted:
        before === undefined || after === undefined
          ? undefined
          : { minor: after.minor - before.minor, major: after.major - before.major },
      ...(gone === undefined
        ? { cameIn: [], touched: undefined }
        : this.lookBack(gone, cleared, anyFault(all, before, after))),
      milliseconds,
    };
  }

  private lookBack(eviction: Eviction, cleared: boolean, faulted: boolean): Pick<IntervalRun, "cameIn" | "touched"> {
    if (this.target.hasEnded) return { cameIn: [], touched: undefined };
    const { present, mappings } = lookAt(this.target.pid, this.pageSize);
    return {
      cameIn: faulted ? [...present()].filter((page) => !eviction.present().has(page)) : [],
      touched: cleared ? touchedIn(mappings, eviction, this.pageSize) : undefined,
    };
  }

  private requireTarget(): void {
    const { target } = this;
    if (!target.hasEnded) return;
    throw new UserError(
      `The program ended before its interval began${target.lastWords()}. Name a stimulus that leaves it running, or arguments that make it wait for one ("stimuli" in faultline.json).`,
    );
  }

  private async driverOf(stimulus: Stimulus): Promise<StimulusDriver> {
    const known = this.drivers.get(stimulus);
    if (known !== undefined) return known;
    const driver = await stimulusDriver(stimulus, this.target, this.place);
    this.drivers.set(stimulus, driver);
    return driver;
  }
}

/** So many intervals in which nothing ran are followed by one more; where all were idle, this is not done again. */
const MORE_IF_IDLE = 4;

/** Nothing of the program ran, and by no count it took a fault. */
function wasIdle({ ending, ran, traced, counted }: IntervalRun): boolean {
  const faults = (traced?.counted ?? 0) + (traced?.lost ?? 0) + (counted?.minor ?? 0) + (counted?.major ?? 0);
  return ending.kind === "seen" && ran.length === 0 && counted !== undefined && faults === 0;
}

/** Every thread that was held runs once more to go back to where it waited: so long at least … */
const WAKE_MS = 5;
/** … and at most, for there are programs that never wait. */
const LONGEST_WAKE_MS = 50;

async function wokenUp(target: Target): Promise<Counters | undefined> {
  const latest = performance.now() + LONGEST_WAKE_MS;
  for (;;) {
    await sleep(WAKE_MS);
    const counters = readCounters(target.pid);
    const busy = [...(counters?.threads.values() ?? [])].some(({ state }) => state === "T" || state === "R");
    if (!busy || performance.now() >= latest) return counters;
  }
}

/** By either counter; in doubt there was one. */
function anyFault(
  traced: { readonly counted: number } | undefined,
  before: Counters | undefined,
  after: Counters | undefined,
): boolean {
  if (before === undefined || after === undefined) return true;
  return (traced?.counted ?? 0) > 0 || after.minor + after.major > before.minor + before.major;
}

/** Where the end is a moment of the clock the program does not go to sleep for it. */
function settles({ to }: Interval): boolean {
  return to?.kind === "output" || to?.kind === "mark";
}

/**
 * Whether accessed bits will tell what the interval touches. Those of what stayed are fresh, in the processor's caches
 * too; writing clear_refs makes those of locked pages fresh as well, but not in the caches, which is why it is left
 * alone where pages stayed that should have left. Elsewhere than on x86 fresh bits cost faults.
 */
function readiesBits(pid: number, { resistant }: Eviction): boolean {
  if (process.arch !== "x64") return false;
  if (resistant > 0) return true;
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, "1");
    return true;
  } catch {
    return false; // Not ours to write, or not in this kernel: then nothing is known of touches.
  }
}

function touchedIn(mappings: readonly MappingFacts[], eviction: Eviction, pageSize: number): Touched {
  const stayed = new Map<number, number>();
  let locked = 0;
  let unswappable = 0;
  const stayedPages = (start: number, swappable: boolean): number =>
    eviction.stayed
      .filter(({ mapping, reason }) => mapping.start === start && (reason !== "no-swap") === swappable)
      .reduce((sum, { runs }) => sum + runs.reduce((pages, run) => pages + run.pages, 0), 0);
  for (const mapping of mappings) {
    const pages = mapping.special ? 0 : mapping.referenced / pageSize;
    if (pages === 0) continue;
    if (mapping.locked) {
      locked += pages;
      continue;
    }
    // Which page of a mapping was touched is not told: in doubt it is one that should have left.
    const could = Math.min(pages, stayedPages(mapping.start, true));
    if (could > 0) stayed.set(mapping.start, could);
    unswappable += Math.min(pages - could, stayedPages(mapping.start, false));
  }
  return { locked, stayed, unswappable };
}
