/** What a lock set must know of its target besides pages: limits, threads, what is locked already. */
import type { LockLimits, LockSetObservation, ObservedThread } from "../../core/memlock/lock-set.js";
import { readProc, threadsOf } from "../../host/proc-snapshot.js";
import { mappingFacts } from "../evict/mapping-facts.js";

/** linux/capability.h */
const CAP_IPC_LOCK = 14n;

export function lockLimits(pid: number): LockLimits {
  const [, soft, hard] = /^Max locked memory\s+(\S+)\s+(\S+)/m.exec(readProc(`${pid}/limits`) ?? "") ?? [];
  const effective = /^CapEff:\t([0-9a-f]+)$/m.exec(readProc(`${pid}/status`) ?? "")?.[1] ?? "0";
  return {
    softBytes: limitOf(soft),
    hardBytes: limitOf(hard),
    privileged: ((BigInt(`0x${effective}`) >> CAP_IPC_LOCK) & 1n) === 1n,
  };
}

function limitOf(text: string | undefined): number | undefined {
  return text === undefined || text === "unlimited" ? undefined : Number(text);
}

export function observedThreads(pid: number): ObservedThread[] {
  return threadsOf(pid).map((tid) => ({
    tid,
    name: (readProc(`${pid}/task/${tid}/comm`) ?? "").replace(/\n$/, ""),
    // "number arguments… stack-pointer program-counter", or "running" (proc(5)).
    stackPointer: hexOf(readProc(`${pid}/task/${tid}/syscall`)?.trim().split(" ").at(-2)),
  }));
}

function hexOf(text: string | undefined): number | undefined {
  const value = text?.startsWith("0x") === true ? Number(text) : NaN;
  return Number.isSafeInteger(value) ? value : undefined;
}

/** All of it, as mlockall(MCL_CURRENT) would take it. */
export function wholeMemory(pid: number): LockSetObservation["whole"] {
  const status = readProc(`${pid}/status`) ?? "";
  const bytes = (field: string): number | undefined => {
    const kilobytes = new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(status)?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  };
  const virtualBytes = bytes("VmSize");
  const residentBytes = bytes("VmRSS");
  return virtualBytes === undefined || residentBytes === undefined ? undefined : { virtualBytes, residentBytes };
}

/** In pages: what the program has locked by itself. */
export function lockedPages(pid: number, pageSize: number): number {
  return mappingFacts(pid)
    .filter(({ locked }) => locked)
    .reduce((sum, { start, end }) => sum + (end - start) / pageSize, 0);
}
