/** Records a program from its exec to its end. */
import { basename } from "node:path";
import { constants } from "node:os";
import type { RunRecord } from "../core/trace/run.js";
import { takeSnapshot } from "../host/proc-snapshot.js";
import { blindSpots } from "./blind-spots.js";
import { withRightsOf, type Caller } from "./elevation.js";
import type { Grant } from "./events.js";
import { pageBytes } from "./ffi/ring.js";
import { THIS_THREAD } from "./ffi/perf-event.js";
import { inheritedDescriptors } from "./inherited-descriptors.js";
import {
  findProgram,
  launch,
  nameOf,
  sendTo,
  standAside,
  targetEnvironment,
  untilEnd,
  type LaunchTarget,
  type TargetEnd,
} from "./launch.js";
import { Recording } from "./recording.js";
import type { RecordOutcome, RecordRequest } from "./request.js";
import { cutShort, draftRun, finishRun, monotonicNow } from "./run-draft.js";

/** What is known of a launch before anything is opened. */
export interface LaunchPlan {
  readonly target: LaunchTarget;
  /** The file to execute. */
  readonly program: string;
  readonly environment: readonly (string | Uint8Array)[];
  readonly descriptors: readonly number[];
}

/** Throws RecorderRefusal where there is no such program. */
export function prepareLaunch(target: LaunchTarget, caller: Caller | undefined): LaunchPlan {
  const descriptors = inheritedDescriptors(process.env);
  const environment = targetEnvironment(target, caller);
  const program = withRightsOf(caller, () => findProgram(target, environment));
  return { target, program, environment, descriptors };
}

export async function recordLaunch(
  request: RecordRequest,
  plan: LaunchPlan,
  grant: Grant,
  stop: AbortSignal,
): Promise<RecordOutcome> {
  const startedAt = new Date();
  const recording = await Recording.prepare(request, grant, basename(plan.program), startedAt, false);
  const signals = standAside();
  try {
    return await recordBetween(request, plan, grant, stop, { recording, startedAt, signals });
  } finally {
    signals.restore();
  }
}

async function recordBetween(
  request: RecordRequest,
  { target, program, environment, descriptors }: LaunchPlan,
  grant: Grant,
  stop: AbortSignal,
  begun: { readonly recording: Recording; readonly startedAt: Date; readonly signals: ReturnType<typeof standAside> },
): Promise<RecordOutcome> {
  const { caller } = request;
  const { recording, startedAt, signals } = begun;
  const startTime = monotonicNow();
  const pid = await recording.orAbandon(() => {
    // On ourselves, off: the target inherits them, and its exec turns them on. Nothing before that is counted.
    recording.events.add(THIS_THREAD);
    recording.writeHeader(target.argv, []);
    return launch(target, program, environment, descriptors, caller);
  });
  signals.forwardTo(pid);
  recording.writeSnapshot("start", takeSnapshot(pid));
  const draft = draftRun(
    {
      mode: "launch",
      pid,
      command: target.argv,
      workingDirectory: target.workingDirectory,
      environmentNames: environment.map(nameOf),
      startedAt,
      startTime,
      userOnly: grant.userOnly !== "no",
      blind: blindSpots({
        userOnly: grant.userOnly,
        program,
        events: recording.eventNames,
        pageSize: pageBytes(),
        ...(caller === undefined ? {} : { uid: caller.uid, gid: caller.gid, groups: caller.groups }),
      }),
    },
    recording,
  );
  recording.writeRun(cutShort(draft));
  request.onBegun?.(recording.begun(pid));
  const looks = lookNowAndThen(pid);
  const deadline = limitTime(pid, request.seconds, stop);
  void recording.writeFailure.then(async (code) => {
    request.onNotice?.(
      `Writing the trace failed (${code}): recording stopped, what was written can be read, ${target.argv[0]} runs on.`,
    );
    await recording.stop();
  });
  const ended = await untilEnd(pid);
  const endTime = monotonicNow();
  deadline.cancel();
  const last = looks.end();
  const end = await recording.end();
  recording.writeSnapshot("end", last);
  const run = finishRun(draft, end, { exit: exitOf(ended), rusage: ended.rusage, endTime });
  recording.writeRun(run);
  return { folder: recording.folder, run, stoppedEarly: end.failure };
}

function exitOf(end: TargetEnd): RunRecord["exit"] {
  if (end.kind === "exited") return { code: end.code, signal: undefined };
  const name = Object.entries(constants.signals).find(([, number]) => number === end.signal)?.[0];
  return { code: undefined, signal: name ?? `SIG${String(end.signal)}` };
}

const FIRST_LOOK_MS = 100;
const LONGEST_PAUSE_MS = 10_000;

/**
 * The "end" snapshot of a launched program is the last look at it while it lived, for at its end there is nothing left
 * to look at. Looks come after 0.1, 0.2, 0.4 … 10 s, because each holds the target's memory map for a moment.
 */
function lookNowAndThen(pid: number): { end(): ReturnType<typeof takeSnapshot> } {
  let last: ReturnType<typeof takeSnapshot> = new Map();
  let pause = FIRST_LOOK_MS;
  let timer = setTimeout(function look() {
    const seen = takeSnapshot(pid);
    if (seen.has("maps")) last = seen;
    pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
    timer = setTimeout(look, pause);
  }, pause);
  return {
    end: () => {
      clearTimeout(timer);
      return last;
    },
  };
}

/** A target that ignores SIGTERM for this long is killed: it was to run for a limited time. */
const GRACE_MS = 5000;

/** Ends the target when its time is over or `stop` is raised. */
function limitTime(pid: number, seconds: number | undefined, stop: AbortSignal): { cancel(): void } {
  const timers: NodeJS.Timeout[] = [];
  const end = (): void => {
    sendTo(pid, "SIGTERM");
    timers.push(setTimeout(() => sendTo(pid, "SIGKILL"), GRACE_MS));
  };
  if (seconds !== undefined) timers.push(setTimeout(end, seconds * 1000));
  if (stop.aborted) end();
  else stop.addEventListener("abort", end, { once: true });
  return {
    cancel: () => {
      stop.removeEventListener("abort", end);
      for (const timer of timers) clearTimeout(timer);
    },
  };
}
