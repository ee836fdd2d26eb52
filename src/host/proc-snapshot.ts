/** /proc of a process, as text: what it maps, how much of it is resident, its status and limits. */
import { readdirSync, readFileSync } from "node:fs";

/** The files kept of a process, at the start of a trace and at its end. */
const SNAPSHOT_FILES = ["maps", "smaps", "status", "limits"] as const;
export type SnapshotFile = (typeof SNAPSHOT_FILES)[number];

/** Those of the files that could be read and are not empty: a process that is gone or not ours gives fewer. */
export function takeSnapshot(pid: number): ReadonlyMap<SnapshotFile, string> {
  const snapshot = new Map<SnapshotFile, string>();
  for (const name of SNAPSHOT_FILES) {
    const text = readProc(`${pid}/${name}`);
    if (text !== undefined && text !== "") snapshot.set(name, text);
  }
  return snapshot;
}

/** A file below /proc; undefined when the process is gone or not ours to read. */
export function readProc(file: string): string | undefined {
  try {
    return readFileSync(`/proc/${file}`, "utf8");
  } catch {
    return undefined; // Exactly the question.
  }
}

/** Thread ids of a process; empty when it is gone. */
export function threadsOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number);
  } catch {
    return []; // Exactly the question.
  }
}

export interface ProcessStat {
  /** One letter: R, S, D, T (stopped), t (traced), Z (ended, not yet waited for) … */
  readonly state: string;
  readonly parent: number;
  readonly processGroup: number;
  /** Page faults of the process, without and with its waited-for children. */
  readonly minorFaults: number;
  readonly majorFaults: number;
  /** Clock ticks after boot: with the pid, it names the process for good. */
  readonly startTicks: number;
}

/** /proc/PID/stat (proc(5)); undefined when the process is gone. */
export function statOf(pid: number): ProcessStat | undefined {
  const text = readProc(`${pid}/stat`);
  // The name in parentheses may hold spaces and parentheses: fields are counted from the last one.
  const fields = text?.slice(text.lastIndexOf(")") + 2).split(" ");
  if (fields === undefined || fields.length < 20) return undefined;
  const field = (number: number): number => Number(fields[number - FIRST_FIELD]);
  return {
    state: fields[0]!,
    parent: field(4),
    processGroup: field(5),
    minorFaults: field(10) + field(11),
    majorFaults: field(12) + field(13),
    startTicks: field(22),
  };
}

/** proc(5) counts from 1; the state is field 3. */
const FIRST_FIELD = 3;
