/** What the machine says when the kernel has refused: levels, limits, owners, rights. */
import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import type { Refusal } from "../core/trace/refusal.js";
import { readProc } from "../host/proc-snapshot.js";
import { surroundings, type Surroundings } from "./container.js";
import { pageBytes } from "./ffi/ring.js";

export interface RefusalContext {
  /** Whether kernel mode was excluded already when the kernel refused. */
  readonly userOnly: boolean;
  readonly pid?: number;
  readonly ringPages?: number;
  /** The program for "launch", the tracepoint ("exceptions:page_fault_user") for "tracepoint". */
  readonly path?: string;
}

export type RefusalFacts = Omit<Refusal, "code" | "call" | "errno"> & {
  /** Whether a seccomp filter is in force. */
  readonly filtered: boolean;
};

export function factsOf(context: RefusalContext, around: Surroundings = surroundings()): RefusalFacts {
  const uid = process.geteuid?.() ?? 0;
  return {
    userOnly: context.userOnly,
    uid,
    privileged: hasPerfCapability(),
    paranoid: numberIn("sys/kernel/perf_event_paranoid"),
    container: around.container,
    unit: around.unit,
    filtered: around.filtered,
    pid: context.pid,
    owner: context.pid === undefined ? undefined : otherOwner(context.pid, uid),
    path: context.path,
    ringPages: context.ringPages,
    pageSize: pageBytes(),
    mlockKb: numberIn("sys/kernel/perf_event_mlock_kb"),
    openFiles: openFileLimits(),
    invocation: invocation(),
  };
}

/** The kernel gives the /proc entry of a process that must not be looked into to root. */
export function isProtected(pid: number): boolean {
  try {
    return statSync(`/proc/${pid}/maps`).uid !== realUid(pid);
  } catch {
    return false; // It ended meanwhile.
  }
}

/** CAP_SYS_ADMIN (21) or CAP_PERFMON (38): capability(7). */
function hasPerfCapability(): boolean {
  const mask = /^CapEff:\s*([0-9a-f]+)$/m.exec(readProc("self/status") ?? "")?.[1];
  if (mask === undefined) return false;
  const bits = BigInt(`0x${mask}`);
  return ((bits >> 21n) & 1n) === 1n || ((bits >> 38n) & 1n) === 1n;
}

/** Whose process it is, where it is not this user's. */
function otherOwner(pid: number, uid: number): string | undefined {
  const owner = realUid(pid);
  if (owner === undefined || owner === uid) return undefined;
  const passwd = textOf("/etc/passwd").split("\n");
  return passwd.find((line) => line.split(":")[2] === String(owner))?.split(":")[0] ?? `uid ${owner}`;
}

function realUid(pid: number): number | undefined {
  const uid = /^Uid:\s*(\d+)/m.exec(readProc(`${pid}/status`) ?? "")?.[1];
  return uid === undefined ? undefined : Number(uid);
}

function openFileLimits(): Refusal["openFiles"] {
  const found = /^Max open files\s+(\d+|unlimited)\s+(\d+|unlimited)/m.exec(readProc("self/limits") ?? "");
  if (found === null) return undefined;
  const value = (text: string | undefined): number => (text === "unlimited" ? Infinity : Number(text));
  return { soft: value(found[1]), hard: value(found[2]) };
}

/** What was typed, with absolute programs: `sudo` searches other folders than the shell that called us. */
function invocation(): readonly string[] {
  const [, script, ...args] = process.argv;
  if (script === undefined) return [process.execPath];
  const self = absolute(script);
  if (isReachableBySudo(self)) return ["faultline", ...args];
  const runtime = process.versions["electron"] === undefined ? [] : ["env", "ELECTRON_RUN_AS_NODE=1"];
  return [...runtime, process.execPath, self, ...args];
}

/** sudo's usual secure_path. */
const SECURE_PATH = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"] as const;

/** Whether both we and our runtime are found there, so that the short command will do. */
function isReachableBySudo(script: string): boolean {
  const finds = (name: string, target: string): boolean =>
    SECURE_PATH.some((folder) => existsSync(`${folder}/${name}`) && absolute(`${folder}/${name}`) === target);
  return finds("faultline", script) && finds("node", absolute(process.execPath));
}

function absolute(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path; // Removed since it was started.
  }
}

function numberIn(file: string): number | undefined {
  const text = readProc(file)?.trim();
  return text === undefined || text === "" || Number.isNaN(Number(text)) ? undefined : Number(text);
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // Minimal images have none: the number must do.
  }
}
