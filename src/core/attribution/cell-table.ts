/** Tallies per (site, object, thread). Consecutive faults mostly fall into the same cell, so that one is tried first. */
import { FaultFlag, type FaultTable } from "../trace/fault-table.js";
import type { Cells } from "./findings.js";

export class CellTable {
  private readonly pairs = new Map<number, number>();
  private readonly rows = new Map<number, number>();
  private readonly site: number[] = [];
  private readonly object: number[] = [];
  private readonly thread: number[] = [];
  private readonly minor: number[] = [];
  private readonly major: number[] = [];
  private readonly other: number[] = [];
  private readonly kernel: number[] = [];
  private readonly timeNs: number[] = [];
  private last = -1;

  /** Row of the combination; a new one when it was not there. */
  row(site: number, object: number, thread: number): number {
    const { last } = this;
    if (last >= 0 && this.site[last] === site && this.object[last] === object && this.thread[last] === thread)
      return last;
    this.last = this.find(site, object, thread);
    return this.last;
  }

  /** Counts the faults of rows `first` up to `end`; a NaN duration adds nothing. */
  count(row: number, { flags, duration }: FaultTable, first: number, end: number): void {
    let major = 0;
    let other = 0;
    let kernel = 0;
    let timeNs = 0;
    for (let i = first; i < end; i++) {
      const flag = flags[i]!;
      if ((flag & FaultFlag.KindUnknown) !== 0) other++;
      else if ((flag & FaultFlag.Major) !== 0) major++;
      if ((flag & FaultFlag.Kernel) !== 0) kernel++;
      if (duration[i]! >= 0) timeNs += duration[i]!;
    }
    this.minor[row]! += end - first - major - other;
    this.major[row]! += major;
    this.other[row]! += other;
    this.kernel[row]! += kernel;
    this.timeNs[row]! += timeNs;
  }

  finish(): Cells {
    return {
      length: this.site.length,
      site: Uint32Array.from(this.site),
      object: Uint32Array.from(this.object),
      thread: Uint32Array.from(this.thread),
      minor: Float64Array.from(this.minor),
      major: Float64Array.from(this.major),
      other: Float64Array.from(this.other),
      kernel: Float64Array.from(this.kernel),
      timeNs: Float64Array.from(this.timeNs),
    };
  }

  private find(site: number, object: number, thread: number): number {
    const pair = intern(this.pairs, site * MOST_OBJECTS + object);
    const row = intern(this.rows, pair * MOST_THREADS + thread);
    if (row === this.site.length) {
      this.site.push(site);
      this.object.push(object);
      this.thread.push(thread);
      for (const column of [this.minor, this.major, this.other, this.kernel, this.timeNs]) column.push(0);
    }
    return row;
  }
}

/** Keys stay exact in a double: 2^26 sites × 2^26 objects, 2^31 pairs × 2^22 threads (the kernel's largest pid_max). */
const MOST_OBJECTS = 2 ** 26;
const MOST_THREADS = 2 ** 22;

/** The number of a key: the next free one when it is new. */
function intern(numbers: Map<number, number>, key: number): number {
  let number = numbers.get(key);
  if (number === undefined) {
    number = numbers.size;
    numbers.set(key, number);
  }
  return number;
}
