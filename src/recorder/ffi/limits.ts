/** The limit of open files: ours to raise, the target's to keep. */
import { checked, libc } from "./libc.js";

const RLIMIT_NOFILE = 7;
const getrlimit = libc.func("int getrlimit(int resource, void *limit)");
const setrlimit = libc.func("int setrlimit(int resource, void *limit)");

/** Soft and hard limit, as the kernel keeps them; RLIM_INFINITY is 2^64 - 1. */
interface OpenFileLimit {
  readonly soft: bigint;
  readonly hard: bigint;
}

function openFileLimit(): OpenFileLimit {
  const bytes = Buffer.alloc(16);
  checked("getrlimit", getrlimit(RLIMIT_NOFILE, bytes));
  return { soft: bytes.readBigUInt64LE(0), hard: bytes.readBigUInt64LE(8) };
}

function setOpenFileLimit(limit: OpenFileLimit): void {
  const bytes = Buffer.alloc(16);
  bytes.writeBigUInt64LE(limit.soft, 0);
  bytes.writeBigUInt64LE(limit.hard, 8);
  checked("setrlimit", setrlimit(RLIMIT_NOFILE, bytes));
}

/** As many open files as the hard limit allows: attaching needs one per thread, cpu and event. */
export function raiseOpenFileLimit(): void {
  const { soft, hard } = openFileLimit();
  if (soft < hard) setOpenFileLimit({ soft: hard, hard });
}

/** Runs `work` with a lower soft limit, which a program started in it inherits. */
export function withOpenFileLimit<T>(soft: number | undefined, work: () => T): T {
  const before = openFileLimit();
  if (soft === undefined || BigInt(soft) >= before.soft) return work();
  setOpenFileLimit({ soft: BigInt(soft), hard: before.hard });
  try {
    return work();
  } finally {
    setOpenFileLimit(before);
  }
}
