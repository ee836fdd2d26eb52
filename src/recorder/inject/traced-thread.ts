/** One thread under ptrace: stopped, made to do a call, and let go as if nothing had been. */
import { constants } from "node:os";
import { TraceEvent, type Ptrace, type WaitStatus } from "../ffi/ptrace.js";
import { InjectionRefused } from "./injection-refused.js";
import type { CallName, MachineCalls } from "./machine-calls.js";
import { framesFor, type Frames, type WayBack } from "./self-restore.js";

export interface Tracing {
  readonly ptrace: Ptrace;
  readonly machine: MachineCalls;
  /** Address of an instruction of the target that enters the kernel. */
  readonly entry: number;
  /** How a thread finds back by itself; undefined: the target has not the code for it, or nobody knows this machine's. */
  readonly wayBack: WayBack | undefined;
  /** Into the target's memory, without asking for its permissions; false: nothing was written. */
  write(at: number, bytes: Buffer): boolean;
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
  parametersFor: (createdStack: number) => readonly number[],
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
    const frames = layFrames(tracing, tid, saved);
    const outcome = throughCall(tracing, tid, saved, call, parametersFor(frames?.createdStack ?? 0), frames);
    // The kernel itself begins an interrupted call again when it delivers a signal; else nobody would.
    checkedWrite(tracing, tid, outcome.kind === "done" ? tracing.machine.continued(saved) : saved);
    if (outcome.kind === "done") {
      // A process that was stopped (SIGSTOP) goes back to that.
      ptrace.detach(tid, 0);
      return outcome;
    }
    ptrace.resume(tid, outcome.signal);
  }
  throw new InjectionRefused("busy", `${MOST_ATTEMPTS} signals in a row came first`);
}

/** Below what the thread uses of its stack. undefined: it must be trusted to us. */
function layFrames({ ptrace, machine, wayBack, write }: Tracing, tid: number, saved: Buffer): Frames | undefined {
  const blocked = Buffer.alloc(SIGNAL_SET_BYTES);
  if (wayBack === undefined || ptrace.readBlocked(tid, blocked) !== 0) return undefined;
  const frames = framesFor(saved, wayBack, blocked, machine);
  return write(frames.at, frames.bytes) ? frames : undefined;
}

const SIGNAL_SET_BYTES = 8;

function seize(ptrace: Ptrace, tid: number): void {
  const error = ptrace.seize(tid, OPTIONS);
  if (error === 0) return;
  if (error === constants.errno.ESRCH) throw new InjectionRefused("gone", `thread ${tid}`);
  throw new InjectionRefused("not-permitted", `ptrace ${error}`);
}

/** Makes one call in a process of ours inside the target: nobody sends it signals, and nothing is to be restored. */
export function callInStopped(tracing: Tracing, tid: number, call: CallName, parameters: readonly number[]): number {
  const registers = registersOf(tracing, tid);
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const outcome = throughCall(tracing, tid, registers, call, parameters);
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

type Passage =
  | { readonly kind: "done"; readonly result: number; readonly created: number | undefined }
  | { readonly kind: "signal"; readonly signal: number };

function throughCall(
  tracing: Tracing,
  tid: number,
  saved: Buffer,
  call: CallName,
  parameters: readonly number[],
  frames?: Frames,
): Passage {
  const { ptrace, machine, entry, wayBack } = tracing;
  const prepared =
    frames === undefined || wayBack === undefined
      ? machine.prepared(saved, entry, call, parameters)
      : machine.withStack(machine.prepared(saved, wayBack.callAndReturn, call, parameters), frames.stack);
  checkedWrite(tracing, tid, prepared);
  let created: number | undefined;
  for (let entered = false; ;) {
    ptrace.resumeToCall(tid, 0);
    const { signal, event } = nextStop(tracing, tid, CALL_MS);
    if (event === TraceEvent.Clone) created = ptrace.eventMessage(tid);
    // Asked to stop once more, or its process was stopped (SIGSTOP): the call is still to be made.
    if (event !== 0) continue;
    if (signal !== CALL_STOP) return { kind: "signal", signal };
    if (!entered) {
      entered = true;
      continue;
    }
    const result = machine.result(registersOf(tracing, tid));
    return machine.isInterrupted(result) ? interrupted(tracing, tid) : { kind: "done", result, created };
  }
}

/** A signal came while the call was made, and nothing was done: on to where the kernel would deliver it. */
function interrupted(tracing: Tracing, tid: number): Passage {
  tracing.ptrace.interrupt(tid);
  tracing.ptrace.resume(tid, 0);
  const { signal, event } = nextStop(tracing, tid, STOP_MS);
  return { kind: "signal", signal: event === 0 ? signal : 0 };
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

/** SIGTRAP with the bit of PTRACE_O_TRACESYSGOOD: a call was entered or left. */
const CALL_STOP = 5 | 0x80;
/** linux/ptrace.h: TRACESYSGOOD, TRACECLONE */
const OPTIONS = 0x1 | 0x8;
const MOST_ATTEMPTS = 100;
const QUICK_LOOKS = 2000;
const SLOW_LOOK_MS = 0.1;
/** A thread in an uninterruptible wait (state D) stops when that ends. */
const STOP_MS = 2000;
const STEP_MS = 2000;
/** mlock brings pages in, from a disk if need be. */
const CALL_MS = 120_000;
