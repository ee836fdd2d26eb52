/** Follows a process and all its children with ptrace, and holds each where its pages can be looked at. */
import { readdirSync } from "node:fs";
import { TraceEvent, type Faults, type Ptrace } from "./ffi/ptrace.js";
import { procText } from "./pagemap-snapshot.js";

/** What happens to processes. In each call but `ended` the process stands still and its memory is there. */
export interface ProcessEvents {
  readonly onExec: (pid: number) => void;
  readonly onFork: (pid: number, parent: number) => void;
  /** Its last thread is about to leave: the last look. */
  readonly onLeaving: (pid: number) => void;
  readonly onEnded: (pid: number, end: ProcessEnd) => void;
  /** The process was stopped by the signal, as a whole, and continued. */
  readonly onStopped: (pid: number, signal: number) => void;
  readonly onContinued: (pid: number) => void;
}

export interface ProcessEnd {
  readonly code: number | undefined;
  readonly signal: number | undefined;
  /** Of the process and the children it waited for. */
  readonly faults: Faults;
}

interface Tracee {
  readonly pid: number;
  /** Its end is certain: it was held there. */
  leaving: boolean;
}

/** A list of threads is read again until it holds no new one; this often at most. */
const MAX_SEIZE_ROUNDS = 100;
const SIGTRAP = 5;
/** SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU: those that stop a whole process. */
const STOP_SIGNALS: ReadonlySet<number> = new Set([19, 20, 21, 22]);

export class ProcessTracer {
  private readonly tracees = new Map<number, Tracee>();
  private detaching = false;

  constructor(
    private readonly ptrace: Ptrace,
    private readonly events: ProcessEvents,
  ) {}

  get isEmpty(): boolean {
    return this.tracees.size === 0;
  }

  /** All threads of the process. 0, or the error number, and then nothing is held. */
  seize(pid: number): number {
    for (let round = 0; round < MAX_SEIZE_ROUNDS; round += 1) {
      const fresh = threadsOf(pid).filter((tid) => !this.tracees.has(tid));
      if (fresh.length === 0) break;
      for (const tid of fresh) {
        const errno = this.ptrace.seize(tid);
        if (errno === 0) this.tracees.set(tid, { pid, leaving: false });
        else if (errno !== ESRCH || tid === pid) {
          this.detachAll();
          return errno;
        }
      }
    }
    return this.tracees.has(pid) ? 0 : ESRCH;
  }

  /** Handles everything that has happened, and returns. To be called on each SIGCHLD. */
  poll(): void {
    for (let progress = true; progress;) {
      progress = false;
      for (const tid of [...this.tracees.keys()]) progress = this.pollThread(tid) || progress;
    }
  }

  /** Lets everything go, as it runs or stands. Threads that run are gone only when poll() has seen them stop. */
  detachAll(): void {
    this.detaching = true;
    for (const tid of this.tracees.keys()) this.ptrace.interrupt(tid);
    this.poll();
  }

  private pollThread(tid: number): boolean {
    const tracee = this.tracees.get(tid);
    if (tracee === undefined) return false;
    const status = this.ptrace.poll(tid);
    if (status === undefined) return false;
    if (status === "gone") {
      this.tracees.delete(tid);
    } else if (status.kind === "stopped") {
      this.stopped(tid, tracee, status.signal, status.event);
    } else {
      this.tracees.delete(tid);
      if (tid === tracee.pid) {
        const code = status.kind === "exited" ? status.code : undefined;
        this.events.onEnded(tid, {
          code,
          signal: status.kind === "killed" ? status.signal : undefined,
          faults: status.faults,
        });
      }
    }
    return true;
  }

  private stopped(tid: number, tracee: Tracee, signal: number, event: number): void {
    switch (event) {
      case 0:
        return this.release(tid, signal);
      case TraceEvent.Fork:
      case TraceEvent.Vfork:
      case TraceEvent.Clone:
        this.born(tid, tracee, event);
        return this.release(tid, 0);
      case TraceEvent.Exec:
        this.replaced(tid);
        return this.release(tid, 0);
      case TraceEvent.Exit:
        tracee.leaving = true;
        if (this.isLast(tracee.pid)) this.events.onLeaving(tracee.pid);
        return this.release(tid, 0);
      case TraceEvent.Stop:
        if (!STOP_SIGNALS.has(signal)) {
          this.events.onContinued(tracee.pid);
          return this.release(tid, 0);
        }
        if (this.detaching) return this.release(tid, 0);
        this.ptrace.listen(tid);
        if (tid === tracee.pid) this.events.onStopped(tid, signal);
        return;
      default:
        return this.release(tid, signal === SIGTRAP ? 0 : signal);
    }
  }

  private release(tid: number, signal: number): void {
    if (!this.detaching) return this.ptrace.resume(tid, signal);
    this.ptrace.detach(tid, signal);
    this.tracees.delete(tid);
  }

  /** The new thread is seized by the kernel and stands still until its first stop is answered. */
  private born(tid: number, tracee: Tracee, event: number): void {
    const child = this.ptrace.eventMessage(tid);
    if (child === 0) return;
    const pid = Number(/^Tgid:\t(\d+)$/m.exec(procText(child, "status"))?.[1] ?? child);
    this.tracees.set(child, { pid, leaving: false });
    // A vfork child lives in its parent's memory until it execs: nothing of its own to look at.
    if (pid === child && event !== TraceEvent.Vfork) this.events.onFork(child, tracee.pid);
  }

  /** Whichever thread called exec, it goes on as the leader, and the others are gone without a word. */
  private replaced(tid: number): void {
    for (const [other, { pid }] of this.tracees) if (pid === tid && other !== tid) this.tracees.delete(other);
    this.tracees.set(tid, { pid: tid, leaving: false });
    this.events.onExec(tid);
  }

  private isLast(pid: number): boolean {
    for (const tracee of this.tracees.values()) if (tracee.pid === pid && !tracee.leaving) return false;
    return true;
  }
}

const ESRCH = 3;

function threadsOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number);
  } catch {
    return []; // It is gone.
  }
}
