/** The kernel's own counters of a process: the second count of a proof, and whether its threads ran at all. */
import { readProc, statOf, threadsOf } from "../../host/proc-snapshot.js";

export interface Counters {
  /** Page faults of the process since its start (ended threads and waited-for children included), by /proc/PID/stat. */
  readonly minor: number;
  readonly major: number;
  /** By thread. */
  readonly threads: ReadonlyMap<number, ThreadCounters>;
}

export interface ThreadCounters {
  readonly name: string;
  /** "R" running or about to, "S" waiting, "T" stopped …, by proc(5). */
  readonly state: string;
  readonly minor: number;
  readonly major: number;
  /** Grows whenever the thread runs: nanoseconds on a cpu, or, where the kernel does not count those, switches. */
  readonly ran: number;
}

/** undefined when the process is gone. */
export function readCounters(pid: number): Counters | undefined {
  const stat = statOf(pid);
  if (stat === undefined || stat.state === "Z") return undefined;
  const threads = new Map<number, ThreadCounters>();
  for (const tid of threadsOf(pid)) {
    const counters = threadCounters(pid, tid);
    if (counters !== undefined) threads.set(tid, counters);
  }
  return { minor: stat.minorFaults, major: stat.majorFaults, threads };
}

/** Threads that ran between the two looks, new ones included. */
export function ranBetween(before: Counters, after: Counters): number[] {
  return [...after.threads].flatMap(([tid, { ran }]) => (ran === before.threads.get(tid)?.ran ? [] : [tid]));
}

function threadCounters(pid: number, tid: number): ThreadCounters | undefined {
  const text = readProc(`${pid}/task/${tid}/stat`);
  if (text === undefined) return undefined;
  // The name in parentheses may hold anything; the fields after it begin with the third.
  const close = text.lastIndexOf(")");
  const fields = text.slice(close + 2).split(" ");
  return {
    name: text.slice(text.indexOf("(") + 1, close),
    state: fields[3 - FIRST_FIELD] ?? "",
    minor: Number(fields[10 - FIRST_FIELD]),
    major: Number(fields[12 - FIRST_FIELD]),
    ran: ranOf(pid, tid),
  };
}

/** proc(5) counts from 1; the state is field 3. */
const FIRST_FIELD = 3;

function ranOf(pid: number, tid: number): number {
  const nanoseconds = readProc(`${pid}/task/${tid}/schedstat`)?.split(" ")[0];
  if (nanoseconds !== undefined) return Number(nanoseconds);
  const status = readProc(`${pid}/task/${tid}/status`) ?? "";
  return [...status.matchAll(/^(?:non)?voluntary_ctxt_switches:\t(\d+)$/gm)].reduce(
    (sum, [, count]) => sum + Number(count),
    0,
  );
}
