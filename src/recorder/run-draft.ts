/** run.json as far as it is known when a recording starts, and what is added at its end. */
import type { BlindSpot, RunRecord } from "../core/trace/run.js";
import { pageBytes } from "./ffi/ring.js";
import { machineFacts, memlockLimits } from "./machine.js";
import type { Recording, RecordingEnd } from "./recording.js";

export interface RunStart {
  readonly mode: "launch" | "attach";
  readonly pid: number;
  readonly command: readonly string[];
  readonly workingDirectory: string;
  readonly environmentNames: readonly string[];
  readonly startedAt: Date;
  readonly startTime: number;
  readonly userOnly: boolean;
  readonly blind: readonly BlindSpot[];
}

/** CLOCK_MONOTONIC now, in nanoseconds: the clock of the records. */
export function monotonicNow(): number {
  return Number(process.hrtime.bigint());
}

export function draftRun(start: RunStart, recording: Recording): RunRecord {
  return {
    version: 1,
    command: start.command,
    workingDirectory: start.workingDirectory,
    environmentNames: start.environmentNames,
    mode: start.mode,
    pid: start.pid,
    startedAt: start.startedAt.toISOString(),
    endedAt: undefined,
    startTime: start.startTime,
    endTime: undefined,
    exit: undefined,
    events: recording.eventNames,
    pageSize: pageBytes(),
    ringPages: recording.ringPages,
    lost: 0,
    faults: undefined,
    userOnly: start.userOnly,
    rusage: undefined,
    limits: memlockLimits(start.pid),
    machine: machineFacts(recording.rings.length),
    blind: start.blind,
  };
}

/** What is true of a run until it has ended well: so stands the file that a killed recorder leaves behind. */
export function cutShort(run: RunRecord): RunRecord {
  return { ...run, blind: [...run.blind, { kind: "interrupted" }] };
}

export function finishRun(
  draft: RunRecord,
  end: RecordingEnd,
  target: Pick<RunRecord, "exit" | "rusage" | "endTime">,
): RunRecord {
  const paused = end.pausedMs > 0 ? [{ kind: "paused", milliseconds: end.pausedMs } as const] : [];
  const blind = [...draft.blind, ...paused];
  const run = { ...draft, ...target, endedAt: new Date().toISOString(), lost: end.lost, faults: end.faults, blind };
  return end.failure === undefined ? run : cutShort(run);
}
