/** The threads that faulted, each numbered once for every program it ran: exec keeps the pid and changes all else. */
import { lastAtOrBelow } from "../base/bisect.js";
import type { ProcessTimeline } from "../trace/trace.js";
import type { FaultingThread } from "./findings.js";

export class ThreadTable {
  readonly list: FaultingThread[] = [];
  private readonly numbers = new Map<string, number>();
  private readonly execs = new Map<number, Float64Array>();
  private tid = -1;
  private pid = -1;
  private from = 0;
  private until = 0;
  private last = -1;

  constructor(private readonly processes: ProcessTimeline) {}

  /** Number of the thread in the program it ran at that time. */
  number(pid: number, tid: number, time: number): number {
    if (tid === this.tid && pid === this.pid && time >= this.from && time < this.until) return this.last;
    const execs = this.execsOf(pid);
    const program = lastAtOrBelow(execs, time);
    this.tid = tid;
    this.pid = pid;
    this.from = program < 0 ? -Infinity : execs[program]!;
    this.until = execs[program + 1] ?? Infinity;
    const key = `${pid} ${tid} ${program}`;
    let number = this.numbers.get(key);
    if (number === undefined) {
      number = this.list.push({ pid, tid, name: this.nameBefore(tid, this.until) }) - 1;
      this.numbers.set(key, number);
    }
    this.last = number;
    return number;
  }

  /** The last name it bore before that moment: threads name themselves some time after they began. */
  private nameBefore(tid: number, end: number): string {
    const names = this.processes.threads.get(tid)?.names ?? [];
    return (names.findLast(({ time }) => time < end) ?? names[0])?.name ?? "";
  }

  private execsOf(pid: number): Float64Array {
    let times = this.execs.get(pid);
    if (times === undefined) {
      const names = this.processes.threads.get(pid)?.names ?? [];
      times = Float64Array.from(names.filter(({ exec }) => exec).map(({ time }) => time));
      this.execs.set(pid, times);
    }
    return times;
  }
}
