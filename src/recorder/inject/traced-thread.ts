/** One thread under ptrace: stopped, made to do a call, and let go as if nothing had been. */
import { constants } from "node:os";
import { TraceEvent, type Ptrace, type WaitStatus } from "../ffi/ptrace.js";
import { InjectionRefused } from "./injection-refused.js";
import type { CallName, MachineCalls } from "./machine-calls.js";

export interface Tracing {
  readonly ptrace: Ptrace;
  readonly machine: MachineCalls;
  /** Address of an instruction of the target that enters the kernel. */
  readonly entry: number;
}

/** What a call gave, and the process it made, of clone. */
export interface CallOutcome {
  readonly result: number;
  readonly created: number | undefined;
}

/**
 * Makes one call in a running thread and lets it go. Registers are restored to the last bit, so that a call the thread
 * waits in goes on. A signal that arrives before the call is delivered first, by the kernel, as it would be without us;
 * then the call is tried again.
 */
export function callInThread(
  tracing: Tracing,
  tid: number,
  call: CallName,
  parameters: readonly number[],
): CallOutcome {
  const { ptrace } = tracing;
  seize(ptrace, tid);
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    ptrace.interrupt(tid);
    const stop = nextStop(tracing, tid, STOP_MS);
    if (stop.event !== TraceEvent.Stop) {
      // A signal was on its way: it goes first.
      ptrace.resume(tid, stop.event === 0 ? stop.signal : 0);
      continue;
    }
    const saved = registersOf(tracing, tid);
    const outcome = stepThrough(tracing, tid, saved, call, parameters);
    checkedWrite(tracing, tid, saved);
    if (outcome.kind === "done") {
      // A process that was stopped (SIGSTOP) goes back to that.
      ptrace.detach(tid, 0);
      return outcome;
    }
    ptrace.resume(tid, outcome.signal);
  }
  throw new InjectionRefused("busy", `${MOST_ATTEMPTS} signals in a row came first`);
}

function seize(ptrace: Ptrace, tid: number): void {
  const error = ptrace.seize(tid, PTRACE_O_TRACECLONE);
  if (error === 0) return;
  if (error === constants.errno.ESRCH) throw new InjectionRefused("gone", `thread ${tid}`);
  throw new InjectionRefused("not-permitted", `ptrace ${error}`);
}

/** Makes one call in a process of ours inside the target: nobody sends it signals, and nothing is to be restored. */
export function callInStopped(tracing: Tracing, tid: number, call: CallName, parameters: readonly number[]): number {
  const registers = registersOf(tracing, tid);
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const outcome = stepThrough(tracing, tid, registers, call, parameters);
    // A signal for the whole process group reached this one, too: it is not meant for it.
    if (outcome.kind === "done") return outcome.result;
  }
  throw new InjectionRefused("busy", `${MOST_ATTEMPTS} signals in a row came first`);
}

/** What happened to the thread; waits for it. Throws InjectionRefused when it is gone or does not stop. */
export function nextStop(
  { ptrace }: Tracing,
  tid: number,
  patienceMs = STEP_MS,
): WaitStatus & { readonly kind: "stopped" } {
  const start = performance.now();
  for (let look = 0; ; look++) {
    const status = ptrace.poll(tid);
    if (status !== undefined) {
      if (status === "gone" || status.kind !== "stopped") throw new InjectionRefused("gone", `thread ${tid}`);
      return status;
    }
    if (performance.now() - start > patienceMs) throw new InjectionRefused("unresponsive", `thread ${tid}`);
    // A step is done in microseconds; a thread that waits in the kernel takes its time.
    if (look > QUICK_LOOKS) pause(SLOW_LOOK_MS);
  }
}

type Step =
  | { readonly kind: "done"; readonly result: number; readonly created: number | undefined }
  | { readonly kind: "signal"; readonly signal: number };

function stepThrough(
  tracing: Tracing,
  tid: number,
  saved: Buffer,
  call: CallName,
  parameters: readonly number[],
): Step {
  const { ptrace, machine, entry } = tracing;
  checkedWrite(tracing, tid, machine.prepared(saved, entry, call, parameters));
  let created: number | undefined;
  for (;;) {
    ptrace.step(tid, 0);
    const { signal, event } = nextStop(tracing, tid, CALL_MS);
    if (event === TraceEvent.Clone || event === TraceEvent.Fork || event === TraceEvent.Vfork) {
      created = ptrace.eventMessage(tid);
      continue;
    }
    // Asked to stop once more, or its process was stopped (SIGSTOP): the step is still to be made.
    if (event !== 0) continue;
    if (signal !== SIGTRAP) return { kind: "signal", signal };
    return { kind: "done", result: machine.result(registersOf(tracing, tid)), created };
  }
}

function registersOf({ ptrace, machine }: Tracing, tid: number): Buffer {
  const registers = Buffer.alloc(machine.registerBytes);
  if (ptrace.readRegisters(tid, registers) !== 0) throw new InjectionRefused("gone", `thread ${tid}`);
  if (!machine.isNative(registers)) throw new InjectionRefused("32-bit", "");
  return registers;
}

function checkedWrite({ ptrace }: Tracing, tid: number, registers: Buffer): void {
  if (ptrace.writeRegisters(tid, registers) !== 0) throw new InjectionRefused("gone", `thread ${tid}`);
}

function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)), 0, 0, ms);
}

const SIGTRAP = 5;
/** linux/ptrace.h */
const PTRACE_O_TRACECLONE = 0x8;
const MOST_ATTEMPTS = 100;
const QUICK_LOOKS = 2000;
const SLOW_LOOK_MS = 0.1;
/** A thread in an uninterruptible wait (state D) stops when that ends. */
const STOP_MS = 2000;
const STEP_MS = 2000;
/** mlock brings pages in, from a disk if need be. */
const CALL_MS = 120_000;
