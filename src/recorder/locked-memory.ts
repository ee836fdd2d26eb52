/** What a running process has locked, mapping by mapping, and where its other pages can go. */
import { lockedMemory, swapDevices, type ProcessMemory } from "../core/memlock/locked-memory.js";
import { readProc } from "../host/proc-snapshot.js";
import { lockLimits } from "./campaign/target-facts.js";
import { notTakenBack } from "./lock-process.js";

/** undefined: the process is gone, or not ours to look into. */
export function processMemory(pid: number): ProcessMemory | undefined {
  const smaps = readProc(`${pid}/smaps`);
  if (smaps === undefined || smaps === "") return undefined;
  const { softBytes, privileged } = lockLimits(pid);
  return {
    version: 1,
    kind: "memory",
    pid,
    processName: (readProc(`${pid}/comm`) ?? "").trim(),
    limitBytes: softBytes,
    privileged,
    added: notTakenBack(pid),
    swap: swapDevices(readProc("swaps") ?? ""),
    ...lockedMemory(smaps),
  };
}
