/** The whole run as an interval: fresh runs of the program, each counted from its exec to its exit. */
import { closeSync, constants, fstatSync, openSync, rmSync } from "node:fs";
import { basename } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { attribute } from "../../core/attribution/attribute.js";
import type { ProofFault, ProofInterval } from "../../core/memlock/proof.js";
import type { Trace } from "../../core/trace/trace.js";
import { openedImages } from "../../host/report-input.js";
import { openTrace } from "../../host/read-trace.js";
import { takeSnapshot } from "../../host/proc-snapshot.js";
import { UserError } from "../../host/user-error.js";
import { blindSpots } from "../blind-spots.js";
import { dropFromCache } from "../ffi/file-cache.js";
import { THIS_THREAD } from "../ffi/perf-event.js";
import { pageBytes } from "../ffi/ring.js";
import { findGrant } from "../grant.js";
import { Recording } from "../recording.js";
import { cutShort, draftRun, finishRun, monotonicNow } from "../run-draft.js";
import { DEFAULT_TIMEOUT_MS, type Occasion } from "./campaign.js";
import { faultsOf } from "./campaign-trace.js";
import type { CampaignRequest } from "./open-campaign.js";
import { proofFault } from "./proof-fault.js";
import { recordRequest } from "./record-request.js";
import { Target } from "./target.js";

export interface WholeRun {
  readonly pid: number;
  readonly interval: ProofInterval;
  /** What the run left: a folder as `faultline record` makes it. */
  readonly tracePath: string;
  /** Files it mapped; before the next run they are dropped from the page cache where nobody else maps them. */
  readonly files: readonly string[];
  readonly kernel: boolean;
  readonly trace: Trace;
}

/** From exec to exit: nothing of the process can be evicted before it, because there is none yet. */
export function isWholeRun({ interval: { from, to }, stimulus }: Occasion): boolean {
  return from === undefined && to === undefined && stimulus === undefined;
}

/**
 * One run. Its standard input is empty. Throws UserError or RecorderRefusal.
 * @param files of an earlier run, which are dropped from the page cache before it.
 * @param shown how many of its faults are named, at most.
 */
export async function runWhole(
  request: CampaignRequest,
  name: string,
  files: readonly string[],
  shown: number,
  stop: AbortSignal,
): Promise<WholeRun> {
  if (request.target.kind === "attach")
    throw new UserError(
      `The whole run of a process that runs already is not to be had: name the program instead of --pid.`,
    );
  const { program } = request.target;
  const begun = performance.now();
  const dropped = request.evicting && files.length > 0;
  if (dropped) files.forEach(drop);
  const evicted = performance.now() - begun;
  const grant = findGrant(false);
  const { argv, workingDirectory, environment } = program;
  const record = recordRequest(request, { kind: "launch", argv, workingDirectory, environment });
  const startedAt = new Date();
  const recording = await Recording.prepare(record, grant, basename(program.argv[0] ?? ""), startedAt, false);
  const startTime = monotonicNow();
  const userOnly = grant.userOnly !== "no";
  const target = await recording.orAbandon(() => {
    // On ourselves, off: the program inherits them, and its exec turns them on.
    recording.events.add(THIS_THREAD);
    recording.writeHeader(program.argv, []);
    return Target.start(program, undefined, []);
  });
  target.endInput();
  const draft = draftRun(
    {
      mode: "launch",
      pid: target.pid,
      command: program.argv,
      workingDirectory: program.workingDirectory,
      environmentNames: [],
      startedAt,
      startTime,
      userOnly,
      blind: blindSpots({
        userOnly: grant.userOnly,
        program: program.argv[0] ?? "",
        events: recording.eventNames,
        pageSize: pageBytes(),
      }),
    },
    recording,
  );
  recording.writeSnapshot("start", takeSnapshot(target.pid));
  recording.writeRun(cutShort(draft));
  const ended = await untilEnded(target, request.timeoutMs ?? DEFAULT_TIMEOUT_MS, stop);
  await target.close();
  const end = await recording.end();
  const usage = target.ended?.rusage;
  recording.writeRun(finishRun(draft, end, { exit: undefined, rusage: usage, endTime: monotonicNow() }));
  stop.throwIfAborted();
  const { trace } = openTrace(recording.folder.path);
  const pages = new Set(faultsOf(trace.faults, trace.chains, trace.pageSize).map(({ page }) => page)).size;
  return {
    pid: target.pid,
    tracePath: recording.folder.path,
    files: [...new Set(trace.mappings.of(target.pid).map((mapping) => mapping.name))].filter(
      (file) => file.startsWith("/") && !file.startsWith("//"),
    ),
    kernel: !userOnly,
    trace,
    interval: {
      name,
      stimulus: undefined,
      // A new process has no page yet; what is dropped makes its faults as slow as they can be.
      eviction: request.evicting
        ? {
            means: dropped ? "exec, posix_fadvise" : "exec",
            before: 0,
            after: 0,
            milliseconds: Math.round(evicted * 10) / 10,
          }
        : undefined,
      coverage: { needed: pages, verified: pages },
      lockedAbsent: 0,
      taken: true,
      ending: ended ? "seen" : "timeout",
      ran: 1,
      events: { faults: end.faults.minor + end.faults.major, lost: end.lost },
      counters: usage,
      outside: 0,
      faults: namedFaults(trace, recording.folder.path, shown),
    },
  };
}

/** Of all but the last run only the counts are kept. */
export function forget({ tracePath }: WholeRun): void {
  rmSync(tracePath, { recursive: true, force: true });
}

async function untilEnded(target: Target, timeoutMs: number, stop: AbortSignal): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  // Not when it is a zombie, but when we have its counters.
  while (target.ended === undefined && !stop.aborted && performance.now() < deadline) await sleep(LOOK_MS);
  return target.ended !== undefined;
}

const LOOK_MS = 2;

function namedFaults(trace: Trace, folder: string, shown: number): ProofFault[] {
  const images = openedImages(folder, undefined);
  try {
    const { perFault, objects, sites } = attribute(trace, images.resolve, true);
    return faultsOf(trace.faults, trace.chains, trace.pageSize)
      .slice(0, shown)
      .map((fault, row) => {
        const object = objects[perFault?.object[row] ?? -1];
        return proofFault(fault, {
          object: object === undefined ? undefined : objectText(object),
          function: sites[perFault?.site[row] ?? -1]?.frames[0]?.function,
        });
      });
  } finally {
    images.close();
  }
}

function objectText({
  name,
  section,
  image,
}: {
  readonly name: string;
  readonly section: string | undefined;
  readonly image: string | undefined;
}): string {
  return section === undefined || image === undefined ? basename(name) : `${section} of ${basename(image)}`;
}

/** Clean pages of a file that nobody maps any more; never of what could hang us. */
function drop(path: string): void {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return; // Deleted, or not ours to read: it stays where it is.
  }
  if (fstatSync(fd).isFile()) dropFromCache(fd);
  closeSync(fd);
}
