/** The memory a perf event and we share: one control page, then a ring of records. */
import koffi from "koffi";
import { checked, libc, SystemCallError } from "./libc.js";

const PROT_READ_WRITE = 3;
const MAP_SHARED = 1;

const mmap = libc.func("mmap", "intptr_t", ["intptr_t", "size_t", "int", "int", "int", "int64_t"]);
const munmap = libc.func("munmap", "int", ["intptr_t", "size_t"]);
const write = libc.func("write", "intptr_t", ["int", "intptr_t", "size_t"]);
const copyIn = libc.func("memcpy", "intptr_t", ["void *", "intptr_t", "size_t"]);
const copyOut = libc.func("memcpy", "intptr_t", ["intptr_t", "void *", "size_t"]);
const membarrier = libc.func("long syscall(long number, int command, unsigned int flags, int cpu)");
const getpagesize = libc.func("int getpagesize()");

/** Bytes in a page of this machine. */
export function pageBytes(): number {
  return getpagesize() as number;
}

/** Where a ring is mapped: plain numbers, so that it can be told to another thread. */
export interface RingMapping {
  /** Address of the control page. */
  readonly address: number;
  /** Bytes before the data: one page. */
  readonly dataOffset: number;
  /** Bytes of data, a power of two. */
  readonly dataBytes: number;
}

/** Throws SystemCallError; EPERM means that the locked memory would exceed its budget. */
export function mapRing(fd: number, pages: number): RingMapping {
  const dataOffset = pageBytes();
  const dataBytes = pages * dataOffset;
  const address = checked("mmap", mmap(0, dataOffset + dataBytes, PROT_READ_WRITE, MAP_SHARED, fd, 0));
  return { address, dataOffset, dataBytes };
}

export function unmapRing(ring: RingMapping): void {
  checked("munmap", munmap(ring.address, ring.dataOffset + ring.dataBytes));
}

/** Where the kernel writes next and we read next: perf_event_mmap_page.data_head and .data_tail, ever-growing byte counts. */
export interface RingCursor {
  /** Everything before this has been written: reads after this call see it (acquire). */
  head(): number;
  /** Everything before this has been read: the kernel may overwrite it once it sees this (release). */
  release(tail: number): void;
}

const HEAD_OFFSET = 1024;
const TAIL_OFFSET = 1032;

/**
 * The cursor of a ring; `copying` for runtimes that forbid views of foreign memory (Electron).
 * The kernel orders its side with smp_wmb before data_head and smp_mb after reading data_tail (kernel/events/ring_buffer.c).
 */
export function ringCursor(ring: RingMapping, copying: boolean): RingCursor {
  if (copying) return copyingCursor(ring.address);
  try {
    return viewingCursor(ring);
  } catch {
    return copyingCursor(ring.address); // koffi.view throws where external ArrayBuffers are forbidden.
  }
}

/**
 * Atomics on the control page itself. V8 compiles Atomics.load and .store to sequentially consistent machine
 * operations, shared buffer or not (ldar and stlr on ARM64, mov and xchg on x86-64): stronger than acquire and release.
 */
function viewingCursor(ring: RingMapping): RingCursor {
  const control = new BigInt64Array(koffi.view(BigInt(ring.address), ring.dataOffset), HEAD_OFFSET, 2);
  return {
    head: () => Number(Atomics.load(control, 0)),
    release: (tail) => {
      Atomics.store(control, 1, BigInt(tail));
    },
  };
}

/**
 * memcpy of one aligned word, which every libc of a 64-bit machine does with 8-byte accesses, so that it cannot tear;
 * memcpy orders nothing, so a full barrier stands between the word and the data on either side.
 */
function copyingCursor(address: number): RingCursor {
  const word = Buffer.allocUnsafeSlow(8);
  const barrier = fullBarrier();
  return {
    head: () => {
      copyIn(word, address + HEAD_OFFSET, word.length);
      barrier();
      return Number(word.readBigUInt64LE(0));
    },
    release: (tail) => {
      word.writeBigUInt64LE(BigInt(tail));
      barrier();
      copyOut(address + TAIL_OFFSET, word, word.length);
    },
  };
}

const MEMBARRIER: Readonly<Record<string, number>> = { arm64: 283, riscv64: 283, loong64: 283, arm: 389 };
/** linux/membarrier.h: commands of MEMBARRIER_CMD_*. */
const PRIVATE_EXPEDITED = 8;
const REGISTER_PRIVATE_EXPEDITED = 16;

/**
 * On x86 loads are not reordered with loads, nor stores with earlier loads: there is nothing to do. Elsewhere membarrier(2)
 * is a full barrier for its caller by its documentation; where it is refused, a read-modify-write on a word of our own is
 * the nearest JavaScript has: V8 makes it an acquiring and releasing exchange.
 */
function fullBarrier(): () => void {
  if (process.arch === "x64" || process.arch === "ia32") return () => undefined;
  const number = MEMBARRIER[process.arch];
  if (number !== undefined && Number(membarrier(number, REGISTER_PRIVATE_EXPEDITED, 0, 0)) === 0) {
    return () => {
      membarrier(number, PRIVATE_EXPEDITED, 0, 0);
    };
  }
  const own = new Int32Array(new SharedArrayBuffer(4));
  return () => {
    Atomics.exchange(own, 0, 1 - Atomics.load(own, 0));
  };
}

/**
 * Writes the ring's bytes from one count to another, straight from the shared memory: the kernel copies, JavaScript
 * never sees them. Throws SystemCallError, ENOSPC among them.
 */
export function writeRing(ring: RingMapping, from: number, to: number, fd: number): void {
  let at = from;
  while (at < to) {
    const offset = at % ring.dataBytes;
    const length = Math.min(to - at, ring.dataBytes - offset);
    const written = checked("write", write(fd, ring.address + ring.dataOffset + offset, length));
    if (written === 0) throw new SystemCallError("write", 0);
    at += written;
  }
}
