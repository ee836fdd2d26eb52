/** Proves an interval fault-free, or not: before each run everything that is not locked leaves memory, verified. */
import { machine, release, type } from "node:os";
import type { ProofInterval, ProofObservation } from "../core/memlock/proof.js";
import { readProc } from "../host/proc-snapshot.js";
import type { IntervalRun } from "./campaign/campaign.js";
import { gapsOf } from "./campaign/gaps.js";
import type { Injection } from "./campaign/injection.js";
import { digestOf } from "./campaign/run-findings.js";
import { proofFault } from "./campaign/proof-fault.js";
import { observeProcess, type ObservedProcess } from "./campaign/observed-process.js";
import { forget, isWholeRun, runWhole } from "./campaign/whole-run.js";
import { pageBytes } from "./ffi/ring.js";
import { openCampaign, type CampaignRequest } from "./campaign/open-campaign.js";
import { lockLimits } from "./campaign/target-facts.js";
import type { Eviction } from "./evict/evict.js";
import { mappingFacts } from "./evict/mapping-facts.js";

export interface ProofRequest extends Omit<CampaignRequest, "locking"> {
  /** How often each interval is run. */
  readonly intervals: number;
  readonly critical: readonly string[];
  readonly budget: number;
  readonly onProgress: (done: number, of: number) => void;
}

/** Throws UserError or RecorderRefusal where not even the program could be run. The target is ended if it is ours. */
export async function prove(
  request: ProofRequest,
  openInjection: (pid: number) => Promise<Injection>,
  stop: AbortSignal,
): Promise<ProofObservation> {
  const startedAt = new Date().toISOString();
  const [whole] = request.occasions.filter(isWholeRun);
  if (whole !== undefined) return proveWholeRuns({ ...request, locking: false }, whole.interval.name, stop);
  const open = await openCampaign({ ...request, locking: false }, openInjection, stop);
  const observed = observeProcess(open);
  try {
    const { campaign, means, trace, group } = open;
    campaign.count(request.critical, observed.isOutside);
    const { pid } = campaign.target;
    const known = new KnownPages();
    const runs: IntervalRun[] = [];
    const intervals: ProofInterval[] = [];
    for (let done = 0; done < request.intervals; done++) {
      const run = await campaign.measure(request.occasions[done % request.occasions.length]!, means, trace, group);
      runs.push(run);
      intervals.push(proofInterval(run, known, observed));
      request.onProgress(done + 1, request.intervals);
      // What could not be ended cannot be begun again: the rest would prove nothing either.
      if (run.ending.kind !== "seen") break;
    }
    return {
      pid,
      command: (readProc(`${pid}/cmdline`) ?? "").split("\0").filter((word) => word !== ""),
      pageSize: campaign.pageSize,
      startedAt,
      endedAt: new Date().toISOString(),
      machine: `${type()} ${release()} ${machine()}`,
      intervals,
      events: trace === undefined ? undefined : { kernel: trace.grant.userOnly === "no" },
      locked: lockedBytes(pid),
      limits: lockLimits(pid),
      critical: request.critical,
      budget: request.budget,
      gaps: gapsOf(open, runs.at(-1)?.eviction, runs.map(digestOf)),
      tracePath: trace?.folder.path,
    };
  } finally {
    observed.close();
    await open.close();
  }
}

/** A first run shows which files there are; it is not counted. */
async function proveWholeRuns(
  request: ProofRequest & CampaignRequest,
  name: string,
  stop: AbortSignal,
): Promise<ProofObservation> {
  const startedAt = new Date().toISOString();
  const looking = { ...request, output: undefined };
  let last = await runWhole(looking, name, [], 0, stop);
  forget(last);
  const { files } = last;
  const intervals: ProofInterval[] = [];
  for (let done = 1; done <= request.intervals && last.interval.ending === "seen"; done++) {
    if (done > 1) forget(last);
    last = await runWhole(done === request.intervals ? request : looking, name, files, SHOWN_FAULTS, stop);
    intervals.push(last.interval);
    request.onProgress(done, request.intervals);
  }
  return {
    pid: last.pid,
    command: request.target.kind === "launch" ? request.target.program.argv : [],
    pageSize: pageBytes(),
    startedAt,
    endedAt: new Date().toISOString(),
    machine: `${type()} ${release()} ${machine()}`,
    intervals: intervals.length > 0 ? intervals : [last.interval],
    events: { kernel: last.kernel },
    locked: undefined,
    limits: lockLimits(process.pid),
    // Below which function the loader and the kernel set a process up cannot be said: all faults count.
    critical: [],
    budget: request.budget,
    gaps: last.kernel ? [{ code: "before-lock" }] : [{ code: "no-kernel-events" }, { code: "before-lock" }],
    tracePath: intervals.length > 0 ? last.tracePath : undefined,
  };
}

function evictionOf({ means, evictable, resistant, milliseconds, restored }: Eviction): ProofInterval["eviction"] {
  return { means, before: evictable, after: resistant, milliseconds: Math.round(milliseconds * 10) / 10, restored };
}

/** A reader follows the first faults; the trace has all. */
const SHOWN_FAULTS = 50;

function proofInterval(run: IntervalRun, known: KnownPages, observed: ObservedProcess): ProofInterval {
  const { eviction, traced, counted } = run;
  return {
    name: run.interval,
    stimulus: run.stimulus,
    eviction: eviction === undefined ? undefined : evictionOf(eviction),
    coverage: coverageOf(run, known),
    lockedAbsent: eviction?.lockedAbsent ?? 0,
    taken: run.taken,
    ending: run.ending.kind,
    ran: run.ran.length,
    events: traced === undefined ? undefined : { faults: traced.counted, lost: traced.lost },
    counters: counted,
    outside: run.outside,
    faults: (traced?.faults ?? [])
      .slice(0, SHOWN_FAULTS)
      .map((fault) => proofFault(fault, { object: observed.objectOf(fault), function: observed.functionOf(fault) })),
  };
}

/**
 * Of the pages the interval needs: what it touched without a fault was locked, or had not left, and the accessed bits
 * tell how many pages that were; what faulted was verified absent. Without accessed bits: of all pages that could leave
 * and were ever seen in memory, those that were absent or locked.
 */
function coverageOf(run: IntervalRun, known: KnownPages): ProofInterval["coverage"] {
  const { eviction, touched } = run;
  if (eviction === undefined) return { needed: 1, verified: 0 };
  const all = known.add(run);
  if (touched === undefined) return all;
  const faulted = new Set(run.traced?.faults.map(({ page }) => page) ?? []).size;
  const stayed = [...touched.stayed.values()].reduce((sum, pages) => sum + pages, 0);
  const verified = touched.locked + faulted;
  return { needed: verified + stayed, verified };
}

/** Pages that could leave and were in memory at some time. */
class KnownPages {
  private readonly seen = new Set<number>();

  add({ eviction, cameIn }: IntervalRun): ProofInterval["coverage"] {
    if (eviction === undefined) return { needed: 0, verified: 0 };
    const stayed = new Set<number>();
    for (const { runs, reason } of eviction.stayed) {
      if (reason === "no-swap") continue;
      for (const { start, pages } of runs) {
        for (let page = 0; page < pages; page++) stayed.add(start / eviction.pageSize + page);
      }
    }
    for (const page of [...stayed, ...cameIn]) this.seen.add(page);
    const left = Math.max(0, eviction.before - eviction.after);
    const needed = Math.max(this.seen.size, stayed.size + left) + eviction.lockedResident;
    return { needed, verified: needed - stayed.size };
  }
}

function lockedBytes(pid: number): ProofObservation["locked"] {
  const locked = mappingFacts(pid).filter((mapping) => mapping.locked);
  return {
    bytes: locked.reduce((sum, { start, end }) => sum + (end - start), 0),
    residentBytes: locked.reduce((sum, { resident }) => sum + resident, 0),
  };
}
