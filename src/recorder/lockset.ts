/** Finds what to lock: a campaign whose loop ends when the intervals take no fault, as an observation. */
import type { LockSetObservation, ObservedInterval } from "../core/memlock/lock-set.js";
import { readProc } from "../host/proc-snapshot.js";
import type { Injection } from "./campaign/injection.js";
import { exactRounds } from "./exact/exact-rounds.js";
import { NotedLocks } from "./campaign/noted-locks.js";
import { runLockLoop, type LoopProgress, type LoopResult } from "./campaign/lock-loop.js";
import { observeProcess, programOf } from "./campaign/observed-process.js";
import { openCampaign, type CampaignRequest } from "./campaign/open-campaign.js";
import { gapsOf } from "./campaign/gaps.js";
import { wholeRunPages } from "./campaign/whole-run-pages.js";
import { isWholeRun } from "./campaign/whole-run.js";
import { lockedPages, lockLimits, observedThreads, wholeMemory } from "./campaign/target-facts.js";

export interface LockSetRequest extends Omit<CampaignRequest, "locking"> {
  /** Faultless intervals that end the search: the least, and as many more as can be had soon. */
  readonly cleanIntervals: { readonly least: number; readonly most: number };
  /** Only faults below these functions count; empty: all do. */
  readonly critical: readonly string[];
  readonly onProgress: (progress: LoopProgress) => void;
}

/** Pages that could not be locked, with the error number of mlock. */
export interface LockSetSearch {
  readonly observation: LockSetObservation;
  readonly failures: LoopResult["failures"];
  readonly stuck: LoopResult["stuck"];
}

/** Throws UserError or RecorderRefusal. The target is ended, or unlocked again if it ran before. */
export async function findLockSet(
  request: LockSetRequest,
  openInjection: (pid: number) => Promise<Injection>,
  stop: AbortSignal,
): Promise<LockSetSearch> {
  const whole = request.occasions.find(isWholeRun);
  if (whole !== undefined) {
    const observation = await wholeRunPages({ ...request, locking: true }, whole.interval.name, stop);
    return { observation, failures: [], stuck: undefined };
  }
  const open = await openCampaign({ ...request, locking: true }, openInjection, stop);
  const observed = observeProcess(open);
  const { campaign } = open;
  const { pid } = campaign.target;
  // Locks of a program that we end need no undoing.
  const noted =
    request.target.kind === "attach" && open.injection !== undefined
      ? new NotedLocks(pid, open.injection, campaign.pageSize)
      : undefined;
  try {
    const injection = noted ?? open.injection;
    campaign.count(request.critical, observed.isOutside);
    if (injection === undefined) throw new Error("a search for a lock set needs an injection");
    const alreadyLockedPages = lockedPages(pid, campaign.pageSize);
    const wholeSize = wholeMemory(pid);
    const loop = await runLockLoop({
      ...open,
      injection,
      exact: exactRounds(pid, injection, request.onNotice),
      occasions: request.occasions,
      cleanIntervals: request.cleanIntervals,
      onProgress: request.onProgress,
    });
    const maps = readProc(`${pid}/maps`) ?? "";
    const observation: LockSetObservation = {
      pid,
      executable: programOf(pid),
      command: (readProc(`${pid}/cmdline`) ?? "").split("\0").filter((word) => word !== ""),
      pageSize: campaign.pageSize,
      maps: open.copies?.asOriginals(maps) ?? maps,
      threads: observedThreads(pid),
      rounds: loop.rounds,
      pages: loop.pages,
      intervals: observedIntervals(request, loop),
      faultsAfter: loop.faultsAfter,
      leftOneOut: loop.leftOneOut,
      alreadyLockedPages,
      limits: lockLimits(pid),
      whole: wholeSize,
      gaps: [
        ...gapsOf(open, loop.last?.eviction, loop.runs),
        ...(loop.leftOneOut ? [] : [{ code: "not-left-one-out" } as const]),
      ],
      tracePath: open.trace?.folder.path,
    };
    return { observation, failures: loop.failures, stuck: loop.stuck };
  } finally {
    observed.close();
    await noted?.withdraw(request.onNotice);
    await open.close();
  }
}

function observedIntervals({ occasions }: LockSetRequest, { runs }: LoopResult): ObservedInterval[] {
  return occasions.map(({ interval, stimulus }) => ({
    name: interval.name,
    stimulus: stimulus?.name,
    runs: runs.filter((run) => run.interval === interval.name && run.stimulus === stimulus?.name).length,
  }));
}
