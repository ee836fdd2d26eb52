/** pidfd_open(2) and process_madvise(2): advice about another process's memory. */
import { checked, libc, SystemCallError } from "./libc.js";

/** The same on every architecture: they are younger than the common table. */
const PIDFD_OPEN = 434;
const PROCESS_MADVISE = 440;
/** asm-generic/mman-common.h */
const ADVICE = { cold: 20, pageout: 21 } as const;
const IOVEC_BYTES = 16;

const syscall = libc.func("long syscall(long number, long a, long b, long c, long d, long e)");
const syscallVector = libc.func(
  "long syscall(long number, long fd, void *vector, long count, long advice, long flags)",
);

/** A descriptor that means this process for good, closed on exec. Throws SystemCallError. */
export function openPidfd(pid: number): number {
  return checked("pidfd_open", syscall(PIDFD_OPEN, pid, 0, 0, 0, 0));
}

/**
 * Asks the kernel to take the pages of the range out of memory, or ("cold") to forget that they were touched. What it
 * answers says nothing about which pages went: look at pagemap. undefined, or the error's name: EINVAL for locked
 * memory, EPERM without CAP_SYS_NICE.
 */
export function adviseRemotely(
  pidfd: number,
  start: number,
  bytes: number,
  advice: keyof typeof ADVICE,
): string | undefined {
  const vector = Buffer.alloc(IOVEC_BYTES);
  vector.writeBigUInt64LE(BigInt(start), 0);
  vector.writeBigUInt64LE(BigInt(bytes), 8);
  try {
    checked("process_madvise", syscallVector(PROCESS_MADVISE, pidfd, vector, 1, ADVICE[advice], 0));
    return undefined;
  } catch (error) {
    if (error instanceof SystemCallError) return error.code;
    throw error;
  }
}
