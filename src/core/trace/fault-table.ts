/** Faults as columns: one row a fault, in time order. Rows are named by index. */

export interface FaultTable {
  readonly length: number;
  /** Nanoseconds on the trace's clock, when the fault began (or ended, where only ends were recorded). */
  readonly time: Float64Array;
  readonly pid: Int32Array;
  readonly tid: Int32Array;
  /** Instruction address: granule (address / 4,096) and offset in it. */
  readonly ipGranule: Float64Array;
  readonly ipOffset: Uint16Array;
  /** The address that faulted. */
  readonly addressGranule: Float64Array;
  readonly addressOffset: Uint16Array;
  /** FaultFlag bits. */
  readonly flags: Uint8Array;
  /** Service time in nanoseconds, NaN when unknown. */
  readonly duration: Float64Array;
  /** Row in the call chains of the trace; NO_CHAIN where none was recorded. */
  readonly chain: Uint32Array;
}

/** The first chain is the empty one. */
export const NO_CHAIN = 0;

export const FaultFlag = {
  Major: 1,
  /** Taken in kernel mode (inside a system call or by the kernel on behalf of the thread). */
  Kernel: 2,
  /** Minor or major is unknown: only the begin was recorded. */
  KindUnknown: 4,
  Read: 8,
  Write: 16,
  Execute: 32,
} as const;

export type Access = "read" | "write" | "execute" | "unknown";

export function accessOf(flags: number): Access {
  if (flags & FaultFlag.Execute) return "execute";
  if (flags & FaultFlag.Write) return "write";
  if (flags & FaultFlag.Read) return "read";
  return "unknown";
}
