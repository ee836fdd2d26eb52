/** Real pipes: Node's own are socket pairs, which programs can tell from pipes. */
import { checked, libc } from "./libc.js";

const pipe2 = libc.func("int pipe2(_Out_ int *ends, int flags)");
const ioctl = libc.func("int ioctl(int fd, unsigned long request, _Out_ int *result)");

const O_CLOEXEC = 0o2000000;
const FIONREAD = 0x541b;

export interface PipeEnds {
  readonly read: number;
  readonly write: number;
}

/** Both ends are closed on exec. Throws SystemCallError. */
export function createPipe(): PipeEnds {
  const ends: [number, number] = [0, 0];
  checked("pipe2", pipe2(ends, O_CLOEXEC));
  return { read: ends[0], write: ends[1] };
}

/** Bytes in the pipe or socket that nobody has read yet; either end may be asked. */
export function unreadBytes(fd: number): number {
  const count: [number] = [0];
  checked("ioctl FIONREAD", ioctl(fd, FIONREAD, count));
  return count[0];
}
