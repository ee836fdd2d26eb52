/**
 * Where perf events are refused: runs the target, or attaches to it, and tells which pages came in, by what
 * /proc/PID/pagemap shows at the start and at the end. No instructions, no times, no order.
 */
import { rmdirSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { refusalText } from "../core/report/refusals.js";
import { english } from "../core/report/translate.js";
import { encodePages } from "../core/trace/pages.js";
import type { BlindSpot, RunRecord } from "../core/trace/run.js";
import { statOf, takeSnapshot } from "../host/proc-snapshot.js";
import { writeRun, writeSnapshot, type TraceFolder } from "../host/trace-folder.js";
import { blindSpots } from "./blind-spots.js";
import { withRightsOf } from "./elevation.js";
import { pageBytes } from "./ffi/ring.js";
import { standAside } from "./launch.js";
import { machineFacts, memlockLimits, onlineCpus } from "./machine.js";
import { PageLedger } from "./pagemap-ledger.js";
import { attachTo, linkOf, startHeld, type PagemapTarget } from "./pagemap-target.js";
import type { ProcessEnd } from "./pagemap-tracer.js";
import { holdAtEnd, sample, type Watch, type WatchedTarget } from "./pagemap-watch.js";
import { RecorderRefusal, refusalOf } from "./refusal.js";
import type { Begun, RecordOutcome, RecordRequest, RecordTarget } from "./request.js";
import { monotonicNow } from "./run-draft.js";

/** File of the pages in a trace folder: a PagesRecord. */
const PAGES_FILE = "pages.json";

export type PagemapRequest = RecordRequest & { readonly target: Exclude<RecordTarget, { kind: "wait" }> };

/**
 * `reason` says why there are no perf events: a RefusalCode. A launched target is ended when the time is over or
 * `stop` is raised, an attached one is let go. Throws RecorderRefusal where it cannot be started or looked into.
 */
export async function recordByPagemap(
  request: PagemapRequest,
  folder: TraceFolder,
  reason: string,
  stop: AbortSignal = new AbortController().signal,
): Promise<RecordOutcome> {
  const startedAt = new Date();
  const startTime = monotonicNow();
  const aside = request.target.kind === "launch" ? standAside() : undefined;
  try {
    const target =
      request.target.kind === "launch"
        ? await startHeld(request.target, request.caller)
        : attachTo(request.target.pid, pageBytes());
    aside?.forwardTo(target.pid);
    return await recordTarget(
      request,
      folder,
      draftOf(request, target, reason, { startedAt, startTime }),
      target,
      stop,
    );
  } catch (error) {
    withRightsOf(request.caller, () => removeIfEmpty(folder.path));
    throw error;
  } finally {
    aside?.restore();
  }
}

async function recordTarget(
  request: PagemapRequest,
  folder: TraceFolder,
  draft: RunRecord,
  target: PagemapTarget,
  stop: AbortSignal,
): Promise<RecordOutcome> {
  const ledger = new PageLedger(draft.pageSize);
  const write = (work: () => void): void => withRightsOf(request.caller, work);
  const snapshot = (moment: "start" | "end"): void => {
    const files = takeSnapshot(target.pid);
    if (files.has("maps")) write(() => files.forEach((text, name) => writeSnapshot(folder, moment, name, text)));
  };
  let limits = draft.limits;
  let shell = { minor: 0, major: 0 };
  const watch = watchOf(request, draft, ledger, {
    pid: target.pid,
    launched: target.launched,
    onBegin: () => {
      limits = memlockLimits(target.pid);
      shell = faultsSoFar(target.pid);
      snapshot("start");
      write(() => writeRun(folder, { ...draft, limits, blind: [...draft.blind, { kind: "interrupted" }] }));
      request.onFolder?.(folder);
      request.onBegun?.(begunOf(target.pid, folder, shell));
    },
    onExec: tellLostRights(request, draft.pageSize),
    onLeaving: () => snapshot("end"),
  });
  const timer = limitTime(request.seconds, stop);
  const end = await watch.untilEnd(timer.signal);
  timer.cancel();
  const run: RunRecord = {
    ...draft,
    limits,
    endedAt: new Date().toISOString(),
    endTime: monotonicNow(),
    exit: end === undefined ? undefined : { code: end.code, signal: signalName(end.signal) },
    // Less those of the shell that stood in the target's place.
    rusage: end && { minor: end.faults.minor - shell.minor, major: end.faults.major - shell.major },
  };
  const pages = ledger.finish(watch.method, watch.method === "sampled" ? "sample" : "detach");
  write(() => {
    writeFileSync(join(folder.path, PAGES_FILE), encodePages(pages), { mode: PRIVATE_FILE, flag: "wx" });
    writeRun(folder, run);
  });
  return { folder, run, stoppedEarly: undefined };
}

const PRIVATE_FILE = 0o600;

/** Nothing was recorded: the folder made for it is not left behind. */
function removeIfEmpty(path: string): void {
  try {
    rmdirSync(path);
  } catch {
    // It holds something, and that is kept.
  }
}

function begunOf(pid: number, folder: TraceFolder, before: { minor: number; major: number }): Begun {
  const nothing = (): void => undefined;
  return {
    pid,
    folder,
    counted: "pages",
    counts: () => {
      const { minor, major } = faultsSoFar(pid);
      const faults = minor + major - before.minor - before.major;
      return faults < 0 ? undefined : { faults, major: major - before.major, lost: 0 };
    },
    pause: nothing,
    resume: nothing,
  };
}

function faultsSoFar(pid: number): { minor: number; major: number } {
  const stat = statOf(pid);
  return { minor: stat?.minorFaults ?? 0, major: stat?.majorFaults ?? 0 };
}

/** A setuid program would lose its rights under ptrace: that one is only looked at. */
function watchOf(request: PagemapRequest, draft: RunRecord, ledger: PageLedger, target: WatchedTarget): Watch {
  if (draft.blind.some(({ kind }) => kind === "setuid")) return sample(target, ledger);
  const held = holdAtEnd(target, ledger);
  if (typeof held !== "number") return held;
  const refusal = refusalOf("attach", held, { userOnly: true, pid: target.pid });
  if (refusal.code === "gone") throw new RecorderRefusal(refusal);
  request.onNotice?.(refusalText({ ...refusal, code: "ptrace" }, english));
  return sample(target, ledger);
}

/** ptrace by an ordinary user takes a setuid program's extra rights (execve(2)): said, once for each program. */
function tellLostRights(request: PagemapRequest, pageSize: number): (pid: number) => void {
  const told = new Set<string>();
  if (process.geteuid?.() === 0) return () => undefined;
  return (pid) => {
    const program = linkOf(pid, "exe");
    if (program === "" || told.has(program)) return;
    told.add(program);
    const spots = blindSpots({ userOnly: "no", program, events: [], pageSize });
    if (!spots.some(({ kind }) => kind === "setuid")) return;
    request.onNotice?.(
      english(
        "{0} runs without its extra rights (setuid, setgid or file capabilities), because the program is held with ptrace: trace elevated, or where perf events are allowed.",
        program,
      ),
    );
  };
}

function draftOf(
  request: PagemapRequest,
  target: PagemapTarget,
  reason: string,
  start: { readonly startedAt: Date; readonly startTime: number },
): RunRecord {
  const pageSize = pageBytes();
  return {
    version: 1,
    command: target.command,
    workingDirectory: target.workingDirectory,
    environmentNames: target.environmentNames,
    mode: "pagemap",
    pid: target.pid,
    startedAt: start.startedAt.toISOString(),
    endedAt: undefined,
    startTime: start.startTime,
    endTime: undefined,
    exit: undefined,
    events: [],
    pageSize,
    ringPages: 0,
    lost: 0,
    faults: undefined,
    userOnly: false,
    rusage: undefined,
    limits: memlockLimits(target.pid),
    machine: machineFacts(onlineCpus().length),
    blind: [{ kind: "no-perf-events", reason }, ...programSpots(request, target, pageSize)],
  };
}

/** Kernel-mode faults and get_user_pages leave pages behind as all others do: they are no blind spots here. */
function programSpots({ caller }: PagemapRequest, target: PagemapTarget, pageSize: number): BlindSpot[] {
  const who = caller === undefined ? {} : { uid: caller.uid, gid: caller.gid, groups: caller.groups };
  const spots = blindSpots({ userOnly: "no", program: target.program, events: [], pageSize, ...who });
  return spots.filter(({ kind }) => kind === "setuid" || kind === "unreadable" || kind === "page-size");
}

/** Raised when the time is over or `stop` is. */
function limitTime(seconds: number | undefined, stop: AbortSignal): { signal: AbortSignal; cancel(): void } {
  const over = new AbortController();
  const end = (): void => over.abort();
  const timer = seconds === undefined ? undefined : setTimeout(end, seconds * 1000);
  if (stop.aborted) end();
  else stop.addEventListener("abort", end, { once: true });
  return {
    signal: over.signal,
    cancel: () => {
      clearTimeout(timer);
      stop.removeEventListener("abort", end);
    },
  };
}

function signalName(signal: ProcessEnd["signal"]): string | undefined {
  if (signal === undefined) return undefined;
  return Object.entries(constants.signals).find(([, number]) => number === signal)?.[0] ?? `SIG${signal}`;
}
