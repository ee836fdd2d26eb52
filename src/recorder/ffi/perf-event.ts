/** perf_event_open(2) and the ioctls of its descriptors. */
import { readSync } from "node:fs";
import { checked, libc, SystemCallError } from "./libc.js";

/** Number of the system call; it differs by architecture and libc has no wrapper. */
const PERF_EVENT_OPEN: Readonly<Record<string, number>> = {
  x64: 298,
  ia32: 336,
  arm: 364,
  arm64: 241,
  riscv64: 241,
  loong64: 241,
  ppc64: 319,
  s390x: 331,
};
const PERF_FLAG_FD_CLOEXEC = 8;
const ENOSYS = 38;
/** The event counts the calling thread. */
export const THIS_THREAD = 0;

const syscall = libc.func("long syscall(long number, void *attr, long pid, long cpu, long group, unsigned long flags)");
const ioctl = libc.func("int ioctl(int fd, unsigned long request, unsigned long argument)");
const ioctlOut = libc.func("int ioctl(int fd, unsigned long request, _Out_ uint64_t *result)");

/** A new descriptor, closed on exec. Throws SystemCallError. */
export function openEvent(attribute: Uint8Array, tid: number, cpu: number): number {
  const number = PERF_EVENT_OPEN[process.arch];
  if (number === undefined) throw new SystemCallError("perf_event_open", ENOSYS);
  return checked("perf_event_open", syscall(number, attribute, tid, cpu, -1, PERF_FLAG_FD_CLOEXEC));
}

/** linux/perf_event.h: _IO('$', n) and _IOR('$', 7, __u64 *). */
const Request = { enable: 0x2400, disable: 0x2401, setOutput: 0x2405, id: 0x8008_2407 } as const;

/** What IDENTIFIER says in each sample of this descriptor. */
export function eventId(fd: number): number {
  const id: [number] = [0];
  checked("ioctl ID", ioctlOut(fd, Request.id, id));
  return id[0];
}

/** Starts counting, also in all that inherited the event. */
export function enableEvent(fd: number): void {
  checked("ioctl ENABLE", ioctl(fd, Request.enable, 0));
}

export function disableEvent(fd: number): void {
  checked("ioctl DISABLE", ioctl(fd, Request.disable, 0));
}

/** Sends the records of `fd` into the ring of `ringFd`; both must be of one cpu. */
export function redirectEvent(fd: number, ringFd: number): void {
  checked("ioctl SET_OUTPUT", ioctl(fd, Request.setOutput, ringFd));
}

/** How often it happened, inherited ones included, and how many samples were lost (read_format LOST; else 0). */
export function readCount(fd: number): { readonly count: number; readonly lost: number } {
  const bytes = Buffer.alloc(16);
  const length = readSync(fd, bytes);
  return {
    count: length >= 8 ? Number(bytes.readBigUInt64LE(0)) : 0,
    lost: length >= 16 ? Number(bytes.readBigUInt64LE(8)) : 0,
  };
}
