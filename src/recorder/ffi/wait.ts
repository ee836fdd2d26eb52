/** Waiting: poll(2) on many descriptors, and an eventfd that ends it. */
import { readSync, writeSync } from "node:fs";
import { checked, libc } from "./libc.js";

const poll = libc.func("int poll(void *descriptors, unsigned long count, int timeout)");
const eventfd = libc.func("int eventfd(unsigned int initial, int flags)");

const EFD_CLOEXEC = 0o2000000;
const POLLIN = 1;
/** sizeof(struct pollfd) */
const ENTRY_BYTES = 8;

/** A descriptor that becomes readable when someone raises it. */
export function createAlarm(): number {
  return checked("eventfd", eventfd(0, EFD_CLOEXEC));
}

export function raiseAlarm(fd: number): void {
  const one = Buffer.alloc(8);
  one.writeBigUInt64LE(1n);
  writeSync(fd, one);
}

/** How often it was raised since it was last taken; waits where it was not. */
export function takeAlarm(fd: number): number {
  const count = Buffer.alloc(8);
  readSync(fd, count);
  return Number(count.readBigUInt64LE(0));
}

/** Sleeps until one of the descriptors is readable or `milliseconds` are over; blocks the thread. */
export class PollSet {
  private readonly entries: Buffer;

  constructor(private readonly fds: readonly number[]) {
    this.entries = Buffer.alloc(fds.length * ENTRY_BYTES);
    fds.forEach((fd, index) => {
      this.entries.writeInt32LE(fd, index * ENTRY_BYTES);
      this.entries.writeInt16LE(POLLIN, index * ENTRY_BYTES + 4);
    });
  }

  wait(milliseconds: number): void {
    poll(this.entries, this.fds.length, milliseconds);
  }

  /** Whether the descriptor was readable in the last wait. */
  isReadable(fd: number): boolean {
    const index = this.fds.indexOf(fd);
    return index >= 0 && (this.entries.readInt16LE(index * ENTRY_BYTES + 6) & POLLIN) !== 0;
  }
}
