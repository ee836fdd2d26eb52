/** Records a process that runs already, from now until it ends or we are told to stop. It is left as it was. */
import { readlinkSync } from "node:fs";
import { basename } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { readProc, statOf, takeSnapshot, type ProcessStat } from "../host/proc-snapshot.js";
import { UserError } from "../host/user-error.js";
import { attachAll } from "./attach.js";
import { blindSpots } from "./blind-spots.js";
import { existingProcess } from "./existing-process.js";
import type { Grant } from "./events.js";
import { raiseOpenFileLimit } from "./ffi/limits.js";
import { pageBytes } from "./ffi/ring.js";
import { Recording } from "./recording.js";
import type { RecordOutcome, RecordRequest } from "./request.js";
import { cutShort, draftRun, finishRun, monotonicNow } from "./run-draft.js";

/** How often we look whether the process is still there, and at its counters. */
const LOOK_MS = 50;

export async function recordAttach(
  request: RecordRequest,
  grant: Grant,
  pid: number,
  stop: AbortSignal,
): Promise<RecordOutcome> {
  if (pid === process.pid) throw new UserError("Faultline cannot record itself: name another process.");
  raiseOpenFileLimit();
  const startedAt = new Date();
  const userOnly = grant.userOnly !== "no";
  const name = executableOf(pid);
  const recording = await Recording.prepare(request, grant, basename(name), startedAt, true);
  const begun = await recording.orAbandon(() => {
    const attachment = attachAll(pid, recording.events, userOnly);
    const command = zeroSeparated(readProc(`${pid}/cmdline`) ?? "");
    // Mappings made from here on come as records of their own: what /proc shows now misses nothing.
    const existing = existingProcess(pid, attachment.tids);
    recording.writeHeader(command, existing);
    const before = statOf(pid);
    const startTime = monotonicNow();
    recording.events.enable();
    return { attachment, command: command.length > 0 ? command : [name], before, startTime };
  });
  if (!begun.attachment.settled) {
    request.onNotice?.(
      "Threads kept being started while Faultline attached: faults of those started in that moment may be missing.",
    );
  }
  recording.writeSnapshot("start", takeSnapshot(pid));
  const draft = draftRun(
    {
      mode: "attach",
      pid,
      command: begun.command,
      workingDirectory: linkOf(pid, "cwd") ?? "/",
      environmentNames: zeroSeparated(readProc(`${pid}/environ`) ?? "").map((entry) => entry.split("=")[0]!),
      startedAt,
      startTime: begun.startTime,
      userOnly,
      blind: blindSpots({
        userOnly: grant.userOnly,
        program: name,
        events: recording.eventNames,
        pageSize: pageBytes(),
        ...ownerOf(pid),
      }),
    },
    recording,
  );
  recording.writeRun(cutShort(draft));
  request.onBegun?.(recording.begun(pid));
  const last = await untilOver(pid, begun.before, request.seconds, stop, recording.writeFailure);
  if (last.writeFailure !== undefined) {
    request.onNotice?.(
      `Writing the trace failed (${last.writeFailure}): recording stopped, what was written can be read, ${basename(name)} runs on.`,
    );
  }
  await recording.stop();
  const endTime = monotonicNow();
  const after = currentStat(pid, begun.before) ?? last.stat;
  const snapshot = takeSnapshot(pid);
  const end = await recording.end();
  recording.writeSnapshot("end", snapshot);
  const run = finishRun(draft, end, {
    exit: undefined,
    endTime,
    rusage:
      begun.before === undefined || after === undefined
        ? undefined
        : {
            minor: after.minorFaults - begun.before.minorFaults,
            major: after.majorFaults - begun.before.majorFaults,
          },
  });
  recording.writeRun(run);
  return { folder: recording.folder, run, stoppedEarly: end.failure };
}

interface LastLook {
  /** The counters when the process was last seen. */
  readonly stat: ProcessStat | undefined;
  readonly writeFailure: string | undefined;
}

async function untilOver(
  pid: number,
  before: ProcessStat | undefined,
  seconds: number | undefined,
  stop: AbortSignal,
  failed: Promise<string>,
): Promise<LastLook> {
  let writeFailure: string | undefined;
  void failed.then((code) => (writeFailure = code));
  let stat = before;
  const end = performance.now() + (seconds ?? Infinity) * 1000;
  while (!stop.aborted && writeFailure === undefined && performance.now() < end) {
    const now = currentStat(pid, before);
    if (now === undefined) break;
    stat = now;
    // A zombie keeps its counters but takes no more faults.
    if (ENDED.test(now.state)) break;
    await sleep(Math.max(1, Math.min(LOOK_MS, end - performance.now())), undefined, { signal: stop }).catch(
      () => undefined, // Told to stop: the loop's condition sees it.
    );
  }
  return { stat, writeFailure };
}

const ENDED = /[ZX]/;

/** undefined when the process is gone, or the pid is another process by now. */
function currentStat(pid: number, before: ProcessStat | undefined): ProcessStat | undefined {
  const stat = statOf(pid);
  return stat?.startTicks === before?.startTicks ? stat : undefined;
}

/** Path of the program, or its kernel name where the path is not ours to read. */
function executableOf(pid: number): string {
  return linkOf(pid, "exe") ?? readProc(`${pid}/comm`)?.trim() ?? String(pid);
}

function linkOf(pid: number, name: "exe" | "cwd"): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/${name}`);
  } catch {
    return undefined; // Gone, or not ours.
  }
}

function ownerOf(pid: number): { uid?: number; gid?: number } {
  const status = readProc(`${pid}/status`) ?? "";
  const uid = /^Uid:\t(\d+)/m.exec(status)?.[1];
  const gid = /^Gid:\t(\d+)/m.exec(status)?.[1];
  return { ...(uid === undefined ? {} : { uid: Number(uid) }), ...(gid === undefined ? {} : { gid: Number(gid) }) };
}

function zeroSeparated(text: string): string[] {
  const parts = text.split("\0");
  return parts.at(-1) === "" ? parts.slice(0, -1) : parts;
}
