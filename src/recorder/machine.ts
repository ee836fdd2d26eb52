/** The machine a trace was made on. */
import { readFileSync } from "node:fs";
import { machine, release } from "node:os";
import type { RunRecord } from "../core/trace/run.js";
import { readProc } from "../host/proc-snapshot.js";

/** Cpus that are online now. One that comes later is not recorded. */
export function onlineCpus(): number[] {
  return cpuList(readFileSync("/sys/devices/system/cpu/online", "latin1"));
}

export function possibleCpuCount(): number {
  return cpuList(readFileSync("/sys/devices/system/cpu/possible", "latin1")).length;
}

/** "0-3,8" */
function cpuList(text: string): number[] {
  return text
    .trim()
    .split(",")
    .flatMap((range) => {
      const [first = 0, last = first] = range.split("-").map(Number);
      return Array.from({ length: last - first + 1 }, (_, index) => first + index);
    });
}

export function machineFacts(cpus: number): RunRecord["machine"] {
  const paranoid = readProc("sys/kernel/perf_event_paranoid");
  return {
    arch: machine(),
    kernel: release(),
    cpus,
    perfEventParanoid: paranoid === undefined ? undefined : Number(paranoid),
    swapTotalKb: Number(/^SwapTotal:\s+(\d+)/m.exec(readProc("meminfo") ?? "")?.[1] ?? 0),
  };
}

/** RLIMIT_MEMLOCK of a process in bytes; undefined for no limit, or where it cannot be read. */
export function memlockLimits(pid: number): RunRecord["limits"] {
  const found = /^Max locked memory\s+(\S+)\s+(\S+)/m.exec(readProc(`${pid}/limits`) ?? "");
  const bytes = (text: string | undefined): number | undefined =>
    text === undefined || text === "unlimited" ? undefined : Number(text);
  return { memlockSoft: bytes(found?.[1]), memlockHard: bytes(found?.[2]) };
}
