/** The two ways to be there when a process ends: hold it with ptrace, or look often enough. */
import { constants } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { readProc, statOf, threadsOf } from "../host/proc-snapshot.js";
import { openPtrace } from "./ffi/ptrace.js";
import { sendTo, untilEnd } from "./launch.js";
import type { PageLedger } from "./pagemap-ledger.js";
import { ProcessTracer, type ProcessEnd } from "./pagemap-tracer.js";

export interface Watch {
  readonly method: "held" | "sampled";
  /**
   * Lets the target go on, and resolves when it has ended; undefined: it was not ours to wait for. Raised, `stop` ends
   * a target we launched and lets go one we attached to.
   */
  untilEnd(stop: AbortSignal): Promise<ProcessEnd | undefined>;
}

export interface WatchedTarget {
  readonly pid: number;
  /** We started it; it stands before its exec, stopped. */
  readonly launched: boolean;
  /** Its program has just started, or it was just attached to. */
  readonly onBegin: () => void;
  /** It, or a child, has become another program. */
  readonly onExec: (pid: number) => void;
  /** Its memory is as it will be last. */
  readonly onLeaving: () => void;
}

/** The watch, or the error number of ptrace. */
export function holdAtEnd(target: WatchedTarget, ledger: PageLedger): Watch | number {
  let ended: { end: ProcessEnd } | undefined;
  const stopped = stopMirror(target);
  const tracer = new ProcessTracer(openPtrace(), {
    onExec: (pid) => {
      ledger.begin(pid, "exec");
      target.onExec(pid);
      if (pid === target.pid && target.launched) target.onBegin();
    },
    onFork: (pid) => ledger.begin(pid, "fork"),
    onLeaving: (pid) => {
      ledger.look(pid);
      if (pid === target.pid) target.onLeaving();
    },
    onEnded: (pid, end) => {
      ledger.close(pid, "exit");
      if (pid === target.pid) ended = { end };
    },
    onStopped: stopped.onStopped,
    onContinued: stopped.onContinued,
  });
  const errno = tracer.seize(target.pid);
  if (errno !== 0) {
    drainDetached(tracer);
    return errno;
  }
  return {
    method: "held",
    untilEnd: async (stop) => {
      if (target.launched) sendTo(target.pid, "SIGCONT");
      else {
        ledger.begin(target.pid, "attach");
        target.onBegin();
      }
      const kill = target.launched ? endOn(stop, target.pid) : undefined;
      await pollUntil(tracer, () => ended !== undefined || tracer.isEmpty || (!target.launched && stop.aborted));
      kill?.cancel();
      if (ended === undefined) {
        ledger.look(target.pid);
        target.onLeaving();
      }
      for (const pid of ledger.openPids) ledger.look(pid);
      tracer.detachAll();
      await pollUntil(tracer, () => tracer.isEmpty);
      return ended?.end;
    },
  };
}

/** No permission needed but to read our own processes' /proc; what came in after the last look is missed. */
export function sample(target: WatchedTarget, ledger: PageLedger): Watch {
  return {
    method: "sampled",
    untilEnd: async (stop) => {
      const ending = target.launched ? untilEnd(target.pid) : undefined;
      let end: ProcessEnd | undefined;
      let over = false;
      void ending?.then((change) => {
        over = true;
        end = {
          code: change.kind === "exited" ? change.code : undefined,
          signal: change.kind === "killed" ? change.signal : undefined,
          faults: change.rusage,
        };
      });
      const kill = target.launched ? endOn(stop, target.pid) : undefined;
      const isOver = (): boolean => over || (!target.launched && stop.aborted);
      if (target.launched) await untilProgramStarts(target.pid, isOver);
      const born = statOf(target.pid)?.startTicks;
      ledger.begin(target.pid, target.launched ? "exec" : "attach", !target.launched);
      target.onBegin();
      const isThere = (): boolean => !over && statOf(target.pid)?.startTicks === born;
      const look = (): void => {
        lookAtTree(target.pid, ledger);
        target.onLeaving();
      };
      while (!isOver() && isThere()) {
        const began = performance.now();
        look();
        await sleep(Math.max(SAMPLE_MS, (performance.now() - began) * SAMPLE_SHARE));
      }
      // Told to stop, we have the process still before us: nothing of it need be missed.
      if (isThere()) look();
      await ending;
      kill?.cancel();
      return end;
    },
  };
}

/** A look every 20 ms, and never more than a twentieth of our time. */
const SAMPLE_MS = 20;
const SAMPLE_SHARE = 20;
/** SIGCHLD tells of every stop; this is for one that came before we listened. */
const CHECK_MS = 100;
const START_CHECK_MS = 1;
/** A target that ignores SIGTERM for this long is killed: it was to run for a limited time. */
const GRACE_MS = 5000;

async function pollUntil(tracer: ProcessTracer, isDone: () => boolean): Promise<void> {
  let wake: () => void = () => undefined;
  const onChild = (): void => wake();
  process.on("SIGCHLD", onChild);
  try {
    for (;;) {
      tracer.poll();
      if (isDone()) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, CHECK_MS);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  } finally {
    process.off("SIGCHLD", onChild);
  }
}

/** Ends the target when `stop` is raised: as asked, then by force. */
function endOn(stop: AbortSignal, pid: number): { cancel(): void } {
  let timer: NodeJS.Timeout | undefined;
  const end = (): void => {
    sendTo(pid, "SIGTERM");
    timer = setTimeout(() => sendTo(pid, "SIGKILL"), GRACE_MS);
  };
  if (stop.aborted) end();
  else stop.addEventListener("abort", end, { once: true });
  return {
    cancel: () => {
      stop.removeEventListener("abort", end);
      clearTimeout(timer);
    },
  };
}

/** Some threads may have been seized before one was refused. */
function drainDetached(tracer: ProcessTracer): void {
  const deadline = performance.now() + CHECK_MS;
  while (!tracer.isEmpty && performance.now() < deadline) tracer.poll();
}

/** Until the shell that waits in the program's place has become the program. */
async function untilProgramStarts(pid: number, isOver: () => boolean): Promise<void> {
  const before = readProc(`${pid}/cmdline`);
  sendTo(pid, "SIGCONT");
  while (!isOver() && readProc(`${pid}/cmdline`) === before) await sleep(START_CHECK_MS);
}

function lookAtTree(root: number, ledger: PageLedger): void {
  const seen = new Set<number>();
  const visit = (pid: number): void => {
    if (seen.has(pid)) return;
    seen.add(pid);
    if (pid !== root && !ledger.openPids.includes(pid)) ledger.begin(pid, "fork", false);
    ledger.look(pid);
    for (const tid of threadsOf(pid)) {
      for (const child of (readProc(`${pid}/task/${tid}/children`) ?? "").split(" ")) {
        if (child !== "") visit(Number(child));
      }
    }
  };
  visit(root);
  for (const pid of ledger.openPids) if (!seen.has(pid)) ledger.close(pid, "sample");
}

/**
 * A job of the terminal stops as one: where the target we started is stopped by its terminal, so are we, and the shell
 * sees it. Continued by `fg`, it is continued with us; continued alone, we pass it on.
 */
function stopMirror(target: WatchedTarget): {
  onStopped(pid: number, signal: number): void;
  onContinued(pid: number): void;
} {
  let isStopped = false;
  return {
    onStopped: (pid, signal) => {
      if (pid !== target.pid || !target.launched || !JOB_CONTROL.includes(signal) || isStopped) return;
      if (statOf(pid)?.processGroup !== statOf(process.pid)?.processGroup) return;
      isStopped = true;
      setImmediate(() => {
        if (!isStopped) return;
        process.kill(process.pid, "SIGSTOP");
        setTimeout(() => {
          if (isStopped) sendTo(pid, "SIGCONT");
        }, CHECK_MS);
      });
    },
    onContinued: (pid) => {
      if (pid === target.pid) isStopped = false;
    },
  };
}

const { SIGTSTP, SIGTTIN, SIGTTOU } = constants.signals;
const JOB_CONTROL: readonly number[] = [SIGTSTP, SIGTTIN, SIGTTOU];
