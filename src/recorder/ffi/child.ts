/** What becomes of a child: wait4(2) without blocking the event loop. */
import { constants } from "node:os";
import { libc, SystemCallError } from "./libc.js";

export type ChildChange =
  | { readonly kind: "exited"; readonly code: number; readonly rusage: ChildUsage }
  | { readonly kind: "killed"; readonly signal: number; readonly rusage: ChildUsage }
  | { readonly kind: "stopped"; readonly signal: number };

/** Page faults of the child and of those of its children it waited for. */
export interface ChildUsage {
  readonly minor: number;
  readonly major: number;
}

const WUNTRACED = 2;
/** sizeof(struct rusage) and the places of ru_minflt and ru_majflt on 64-bit machines. */
const RUSAGE = { bytes: 144, minor: 64, major: 72 } as const;

const wait4 = libc.func("int wait4(int pid, void *status, int options, void *usage)");
const signalFunction = libc.func("intptr_t signal(int number, intptr_t handler)");
const prctl = libc.func("int prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d)");

/** Resolves when the child ends or is stopped by a signal. It is reaped when it ended. */
export function nextChange(pid: number): Promise<ChildChange> {
  const status = Buffer.allocUnsafeSlow(4);
  const usage = Buffer.allocUnsafeSlow(RUSAGE.bytes);
  return new Promise((resolve, reject) => {
    // Nothing interrupts it: libuv installs its handlers with SA_RESTART, and nobody else reaps this child.
    wait4.async(pid, status, WUNTRACED, usage, (error: unknown, result: number) => {
      if (error instanceof Error) reject(error);
      else if (result !== pid) reject(new SystemCallError("wait4", constants.errno.ECHILD));
      else resolve(decodeStatus(status.readInt32LE(0), usage));
    });
  });
}

/** WIFSTOPPED, WIFEXITED and their like (bits/waitstatus.h). */
function decodeStatus(status: number, usage: Buffer): ChildChange {
  if ((status & 0xff) === 0x7f) return { kind: "stopped", signal: (status >> 8) & 0xff };
  const rusage = {
    minor: Number(usage.readBigInt64LE(RUSAGE.minor)),
    major: Number(usage.readBigInt64LE(RUSAGE.major)),
  };
  const signal = status & 0x7f;
  return signal === 0 ? { kind: "exited", code: (status >> 8) & 0xff, rusage } : { kind: "killed", signal, rusage };
}

const SIG_DFL = 0;
const PR_SET_DUMPABLE = 4;

/** Ends this process by the signal, as its default action would, but without a core file of the recorder. */
export function dieBy(signal: number): void {
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  signalFunction(signal, SIG_DFL);
  process.kill(process.pid, signal);
}
