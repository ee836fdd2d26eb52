/**
 * A process of ours inside the target: it shares the target's memory and nothing else that shows, and makes our calls.
 *
 * Only to create it and to reap it is a thread of the target stopped, for some ten microseconds each. Should we be
 * killed just then, the thread finds back by itself (self-restore.ts); at any other time the kernel ends our process
 * inside when its tracer dies (PTRACE_O_EXITKILL), and the target has not so much as noticed. Locks and advice belong to the memory (mm_struct), so it does not matter who of those who share it asks; the limits are the same,
 * inherited. Its faults and rusage are its own, so that the target's counters are not touched.
 */
import { readdirSync, readFileSync } from "node:fs";
import { openPtrace, TraceEvent, type Ptrace } from "../ffi/ptrace.js";
import { InjectionRefused } from "./injection-refused.js";
import { machineCalls, type CallName } from "./machine-calls.js";
import { TargetCode } from "./target-code.js";
import { callInStopped, callInThread, nextStop, type Tracing } from "./traced-thread.js";

export class CallProcess {
  private constructor(
    private readonly tracing: Tracing,
    private readonly target: number,
    /** Our process inside the target. */
    readonly pid: number,
  ) {}

  /** Throws InjectionRefused. */
  static open(target: number, ptrace = openPtrace()): CallProcess {
    const machine = machineCalls(process.arch);
    if (machine === undefined) throw new InjectionRefused("machine", process.arch);
    const code = new TargetCode(target);
    const tracing: Tracing = {
      ptrace,
      machine,
      entry: code.entry(machine),
      wayBack: code.wayBack(),
      write: (at, bytes) => code.write(at, bytes),
    };
    const { result, created } = firstToStop(target, (tid) =>
      callInThread(tracing, tid, "clone", (stack) => machine.cloneParameters(SHARED, stack)),
    );
    if (created === undefined) throw new InjectionRefused("not-permitted", `clone: ${-result}`);
    adopt(tracing, created);
    return new CallProcess(tracing, target, created);
  }

  /** The result: negative error numbers. Throws InjectionRefused when the target is gone. */
  call(name: CallName, parameters: readonly number[]): number {
    return callInStopped(this.tracing, this.pid, name, parameters);
  }

  /** Ends our process and lets the target forget it; both may be gone already. */
  close(): void {
    const { tracing, target, pid } = this;
    const { ptrace, machine } = tracing;
    const registers = Buffer.alloc(machine.registerBytes);
    if (ptrace.readRegisters(pid, registers) === 0) {
      ptrace.writeRegisters(pid, machine.prepared(registers, tracing.entry, "exit_group", [0]));
      ptrace.resume(pid, 0);
    }
    waitForEnd(ptrace, pid);
    // Until its parent has asked for it, the ended process stays in the table.
    firstToStop(target, (tid) => callInThread(tracing, tid, "wait4", () => [pid, 0, WALL | WNOHANG, 0]));
  }
}

/** Memory, descriptors and working directory: a copy of the descriptors would keep pipes open that the target closes. */
const SHARED = 0x100 | 0x200 | 0x400; // CLONE_VM | CLONE_FS | CLONE_FILES, and no signal at its end (linux/sched.h).
/** Its calls are told from its signals; it is killed when we are. */
const CHILD_OPTIONS = 0x1 | 0x100000; // PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL (linux/ptrace.h)
const WNOHANG = 1;
/** Children that send no signal at their end, too. */
const WALL = 0x4000_0000;

/** The new process stops by itself, since its maker was traced; from then on it must not outlive us. */
function adopt(tracing: Tracing, pid: number): void {
  const { event } = nextStop(tracing, pid);
  if (event !== TraceEvent.Stop) throw new InjectionRefused("gone", `process ${pid} inside`);
  if (tracing.ptrace.setOptions(pid, CHILD_OPTIONS) !== 0) throw new InjectionRefused("gone", `process ${pid} inside`);
}

/** A thread that has ended before the others does not stop: another will. One that was asked and does not answer stays
    asked until we end: then nothing more is tried. */
function firstToStop<T>(target: number, work: (tid: number) => T): T {
  let last: unknown;
  for (const tid of threadsOf(target).slice(0, MOST_THREADS)) {
    try {
      return work(tid);
    } catch (error) {
      if (!(error instanceof InjectionRefused)) throw error;
      if (error.refusal !== "gone") throw error;
      last = error;
    }
  }
  throw last ?? new InjectionRefused("gone", `process ${target}`);
}

/** The main thread first, unless it has ended; those in uninterruptible waits last. */
function threadsOf(target: number): readonly number[] {
  const tids = list(`/proc/${target}/task`).map(Number);
  const rank = (tid: number): number => {
    const state = /^\d+ \(.*\) (\S)/s.exec(read(`/proc/${target}/task/${tid}/stat`))?.[1] ?? "X";
    if (state === "Z" || state === "X") return Infinity;
    return (state === "D" ? 2 : 0) + (tid === target ? 0 : 1);
  };
  return tids
    .map((tid) => ({ tid, rank: rank(tid) }))
    .filter((one) => one.rank < Infinity)
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ tid }) => tid);
}

function waitForEnd(ptrace: Ptrace, pid: number): void {
  const start = performance.now();
  while (performance.now() - start < END_MS) {
    const status = ptrace.poll(pid);
    if (status === "gone" || status?.kind === "exited" || status?.kind === "killed") return;
    if (status !== undefined) ptrace.resume(pid, 0);
  }
}

function list(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // Gone.
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return ""; // Gone, or not ours to read.
  }
}

const MOST_THREADS = 16;
const END_MS = 2000;
