/**
 * ptrace(2) and wait4(2), for processes that Node's own child handling does not know. All calls must come from one
 * thread, the one that seized: JavaScript on the main thread is that thread.
 */
import koffi from "koffi";

export const TraceEvent = { Fork: 1, Vfork: 2, Clone: 3, Exec: 4, Exit: 6, Stop: 128 } as const;

/** What wait4 told about one thread. */
export type WaitStatus =
  | { readonly kind: "exited"; readonly code: number; readonly faults: Faults }
  | { readonly kind: "killed"; readonly signal: number; readonly faults: Faults }
  /** `event` is a TraceEvent, or 0 for a signal about to be delivered. */
  | { readonly kind: "stopped"; readonly signal: number; readonly event: number };

/** Its own and those of the children it waited for. */
export interface Faults {
  readonly minor: number;
  readonly major: number;
}

export interface Ptrace {
  /** 0, or the error number. Does not stop the thread; what `options` names reports too (PTRACE_O_…). */
  seize(tid: number, options?: number): number;
  /** 0, or the error number. Of a stopped thread. */
  setOptions(tid: number, options: number): number;
  /** The stopped thread goes on until it enters the kernel by a call, or leaves it (SIGTRAP | 0x80 with TRACESYSGOOD). */
  resumeToCall(tid: number, signal: number): number;
  /** The general registers of a stopped thread (NT_PRSTATUS) into `registers`: 0, or the error number. */
  readRegisters(tid: number, registers: Buffer): number;
  writeRegisters(tid: number, registers: Buffer): number;
  /** The signals a stopped thread has blocked, 8 bytes: 0, or the error number. */
  readBlocked(tid: number, blocked: Buffer): number;
  /** The stopped thread goes on, and is given the signal unless that is 0. */
  resume(tid: number, signal: number): void;
  /** A thread in group-stop stays stopped until SIGCONT, as it would without us. */
  listen(tid: number): void;
  /** Asks a running thread to stop (TraceEvent.Stop). */
  interrupt(tid: number): void;
  detach(tid: number, signal: number): void;
  /** The new thread of a fork, vfork or clone; the former thread id of an exec. */
  eventMessage(tid: number): number;
  /** What happened to the thread; undefined when nothing did, "gone" when it is not ours any more. */
  poll(tid: number): WaitStatus | "gone" | undefined;
}

export function openPtrace(): Ptrace {
  const libc = koffi.load(null);
  const ptrace = libc.func("long ptrace(long request, int pid, long address, long data)");
  const ptraceInto = libc.func("long ptrace(long request, int pid, long address, void *data)");
  const wait4 = libc.func("int wait4(int pid, _Out_ int *status, int options, void *rusage)");
  const vector = koffi.struct({ base: "void *", length: "size_t" });
  const ptraceVector = libc.func("ptrace", "long", ["long", "int", "long", koffi.pointer(vector)]);
  const transfer = (request: number, tid: number, registers: Buffer): number =>
    Number(ptraceVector(request, tid, NT_PRSTATUS, { base: registers, length: registers.length })) < 0
      ? koffi.errno()
      : 0;
  const usage = Buffer.alloc(RUSAGE_BYTES);
  const call = (request: number, tid: number, data: number): number =>
    // A thread that was killed meanwhile answers ESRCH: its end is told by wait4.
    Number(ptrace(request, tid, 0, data)) < 0 ? koffi.errno() : 0;
  return {
    seize: (tid, options = SEIZE_OPTIONS) => call(PTRACE_SEIZE, tid, options),
    setOptions: (tid, options) => call(PTRACE_SETOPTIONS, tid, options),
    resumeToCall: (tid, signal) => call(PTRACE_SYSCALL, tid, signal),
    readRegisters: (tid, registers) => transfer(PTRACE_GETREGSET, tid, registers),
    writeRegisters: (tid, registers) => transfer(PTRACE_SETREGSET, tid, registers),
    readBlocked: (tid, blocked) =>
      Number(ptraceInto(PTRACE_GETSIGMASK, tid, blocked.length, blocked)) < 0 ? koffi.errno() : 0,
    resume: (tid, signal) => void call(PTRACE_CONT, tid, signal),
    listen: (tid) => void call(PTRACE_LISTEN, tid, 0),
    interrupt: (tid) => void call(PTRACE_INTERRUPT, tid, 0),
    detach: (tid, signal) => void call(PTRACE_DETACH, tid, signal),
    eventMessage: (tid) => {
      const message = Buffer.alloc(8);
      return Number(ptraceInto(PTRACE_GETEVENTMSG, tid, 0, message)) < 0 ? 0 : nativeLong(message, 0);
    },
    poll: (tid) => {
      const status = [0];
      const found = Number(wait4(tid, status, WNOHANG | WALL, usage));
      if (found === 0) return undefined;
      return found < 0 ? "gone" : statusOf(status[0]!, usage);
    },
  };
}

/** linux/ptrace.h */
const PTRACE_CONT = 7;
const PTRACE_DETACH = 17;
const PTRACE_SYSCALL = 24;
const PTRACE_SETOPTIONS = 0x4200;
const PTRACE_GETEVENTMSG = 0x4201;
const PTRACE_GETREGSET = 0x4204;
const PTRACE_SETREGSET = 0x4205;
const PTRACE_SEIZE = 0x4206;
const PTRACE_INTERRUPT = 0x4207;
const PTRACE_LISTEN = 0x4208;
const PTRACE_GETSIGMASK = 0x420a;
/** TRACEFORK, TRACEVFORK, TRACECLONE, TRACEEXEC, TRACEEXIT; no EXITKILL: the target outlives a recorder that is killed. */
const SEIZE_OPTIONS = 0x2 | 0x4 | 0x8 | 0x10 | 0x40;
/** linux/elf.h */
const NT_PRSTATUS = 1;
const WNOHANG = 1;
/** Threads other than the leader too. */
const WALL = 0x4000_0000;
/** struct rusage: two timevals, then longs; ru_minflt is the fifth, ru_majflt the sixth. Room for any libc's padding. */
const RUSAGE_BYTES = 512;
const LONG_BYTES = process.arch === "arm" || process.arch === "ia32" ? 4 : 8;
const RU_MINFLT = 8 * LONG_BYTES;
const RU_MAJFLT = 9 * LONG_BYTES;

/** The bits of waitpid(2)'s status word, as the W… macros take it apart. */
function statusOf(status: number, usage: Buffer): WaitStatus {
  const faults = { minor: nativeLong(usage, RU_MINFLT), major: nativeLong(usage, RU_MAJFLT) };
  if ((status & 0x7f) === 0) return { kind: "exited", code: (status >> 8) & 0xff, faults };
  if ((status & 0xff) === 0x7f) return { kind: "stopped", signal: (status >> 8) & 0xff, event: status >>> 16 };
  return { kind: "killed", signal: status & 0x7f, faults };
}

function nativeLong(bytes: Buffer, offset: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (LONG_BYTES === 4) return view.getUint32(offset, LITTLE_ENDIAN);
  return Number(view.getBigUint64(offset, LITTLE_ENDIAN));
}

const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
