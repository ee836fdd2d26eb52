/** From an error number to the reason: looks at the machine once, when the kernel has refused. */
import { accessSync, constants, existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { constants as os, endianness } from "node:os";
import type { Refusal, RefusalCode, RefusedCall } from "../core/trace/refusal.js";
import { surroundings, type Surroundings } from "./container.js";

export type { Refusal, RefusedCall };

/** Carries a refusal to where sentences are made. */
export class RecorderRefusal extends Error {
  override readonly name = "RecorderRefusal";

  constructor(readonly refusal: Refusal) {
    super(`${refusal.call}: ${refusal.errno} (${refusal.code})`);
  }
}

export interface RefusalContext {
  /** Whether kernel mode was excluded already when the kernel refused. */
  readonly userOnly: boolean;
  readonly pid?: number;
  readonly ringPages?: number;
  /** The program for "launch", the tracepoint ("exceptions:page_fault_user") for "tracepoint". */
  readonly path?: string;
}

/** What `call` failing with `errno` (a number as errno has it) means here and now. */
export function refusalOf(call: RefusedCall, errno: number, context: RefusalContext): Refusal {
  const name = errnoName(errno);
  const around = surroundings();
  const facts = factsOf(context, around);
  return { ...facts, code: codeOf(call, name, facts, around), call, errno: name };
}

type Facts = Omit<Refusal, "code" | "call" | "errno">;

function codeOf(call: RefusedCall, errno: string, facts: Facts, around: Surroundings): RefusalCode {
  switch (errno) {
    case "ESRCH":
      return "gone";
    case "EMFILE":
      return "too-many-files";
    case "ENFILE":
      return "too-many-files-in-system";
    case "ENOMEM":
      return "no-memory";
  }
  switch (call) {
    case "launch":
      return launchCode(errno);
    case "mmap-ring":
      return errno === "EPERM" ? "ring-budget" : "unexpected";
    case "tracepoint":
      return tracepointCode(errno, facts, around);
    case "attach":
    case "perf_event_open":
      return openCode(errno, facts, around);
  }
}

function launchCode(errno: string): RefusalCode {
  switch (errno) {
    case "ENOENT":
    case "ENOTDIR":
    case "ELOOP":
    case "ENAMETOOLONG":
      return "program-not-found";
    case "EACCES":
    case "EPERM":
    case "EISDIR":
      return "program-not-executable";
    case "ENOEXEC":
    case "ELIBBAD":
      return "program-malformed";
    default:
      return "unexpected";
  }
}

/** Opening the tracepoint's `id` file, or the event itself. */
function tracepointCode(errno: string, facts: Facts, around: Surroundings): RefusalCode {
  switch (errno) {
    case "ENOENT":
      return TRACEFS.some((folder) => existsSync(`${folder}/events`)) ? "no-such-tracepoint" : missingTracefs();
    case "EACCES":
      return TRACEFS.some((folder) => readable(`${folder}/events`)) ? "tracepoint-privilege" : "tracefs-unreadable";
    case "EPERM":
      return facts.privileged && around.filtered ? "seccomp" : "tracepoint-privilege";
    default:
      return openCode(errno, facts, around);
  }
}

const TRACEFS = ["/sys/kernel/tracing", "/sys/kernel/debug/tracing"] as const;

/** A folder that only root may enter looks like one that is not there. */
function missingTracefs(): RefusalCode {
  return mountsOf("tracefs") ? "tracefs-unreadable" : "tracefs-not-mounted";
}

function mountsOf(type: string): boolean {
  return textOf("/proc/self/mounts")
    .split("\n")
    .some((line) => line.split(" ")[2] === type);
}

function openCode(errno: string, facts: Facts, around: Surroundings): RefusalCode {
  switch (errno) {
    case "ENOSYS":
      // A filter may answer this too; a kernel that has perf events has this file.
      return facts.paranoid !== undefined && around.filtered ? "seccomp" : "no-perf-events";
    case "ENODEV":
    case "EOPNOTSUPP":
    case "ENOENT":
      return facts.paranoid === undefined ? "no-perf-events" : "no-such-event";
    case "EPERM":
      return around.filtered ? "seccomp" : "security-module";
    case "EACCES":
      return accessCode(facts, around);
    default:
      return "unexpected";
  }
}

function accessCode(facts: Facts, around: Surroundings): RefusalCode {
  const { paranoid = 2, privileged, userOnly } = facts;
  if (!privileged) {
    if (!userOnly && paranoid >= 2) return "kernel-mode";
    if (facts.owner !== undefined) return "other-user";
    if (paranoid >= 3) return "paranoid";
    if (facts.pid !== undefined && isProtected(facts.pid)) return "protected-process";
  }
  return around.filtered ? "seccomp" : "security-module";
}

function factsOf(context: RefusalContext, around: Surroundings): Facts {
  const uid = process.geteuid?.() ?? 0;
  return {
    userOnly: context.userOnly,
    uid,
    privileged: hasPerfCapability(),
    paranoid: numberIn("/proc/sys/kernel/perf_event_paranoid"),
    container: around.container,
    unit: around.unit,
    pid: context.pid,
    owner: context.pid === undefined ? undefined : otherOwner(context.pid, uid),
    path: context.path,
    ringPages: context.ringPages,
    pageSize: pageSize(),
    mlockKb: numberIn("/proc/sys/kernel/perf_event_mlock_kb"),
    openFiles: openFileLimits(),
    invocation: invocation(),
  };
}

/** CAP_SYS_ADMIN (21) or CAP_PERFMON (38): capability(7). */
function hasPerfCapability(): boolean {
  const mask = /^CapEff:\s*([0-9a-f]+)$/m.exec(textOf("/proc/self/status"))?.[1];
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
  const uid = /^Uid:\s*(\d+)/m.exec(textOf(`/proc/${pid}/status`))?.[1];
  return uid === undefined ? undefined : Number(uid);
}

/** The kernel gives the /proc entry of a process that must not be looked into to root. */
function isProtected(pid: number): boolean {
  try {
    return statSync(`/proc/${pid}`).uid !== realUid(pid);
  } catch {
    return false; // It ended meanwhile.
  }
}

function openFileLimits(): Refusal["openFiles"] {
  const found = /^Max open files\s+(\d+|unlimited)\s+(\d+|unlimited)/m.exec(textOf("/proc/self/limits"));
  if (found === null) return undefined;
  const value = (text: string | undefined) => (text === "unlimited" ? Infinity : Number(text));
  return { soft: value(found[1]), hard: value(found[2]) };
}

/** From the auxiliary vector (AT_PAGESZ, 6): Node has no call for it. */
function pageSize(): number {
  const AT_PAGESZ = 6;
  const words = auxiliaryVector();
  for (let at = 0; at + 1 < words.length; at += 2) if (words[at] === AT_PAGESZ) return words[at + 1]!;
  return 4096;
}

function auxiliaryVector(): number[] {
  try {
    const bytes = readFileSync("/proc/self/auxv");
    const little = endianness() === "LE";
    return Array.from({ length: bytes.length >>> 3 }, (_, index) =>
      Number(little ? bytes.readBigUInt64LE(index * 8) : bytes.readBigUInt64BE(index * 8)),
    );
  } catch {
    return []; // A hardened /proc: the usual page size is assumed for the advice.
  }
}

/** What was typed, with absolute programs: `sudo` searches other folders than the shell that called us. */
function invocation(): readonly string[] {
  const [, script, ...args] = process.argv;
  const runtime = process.versions["electron"] === undefined ? [] : ["env", "ELECTRON_RUN_AS_NODE=1"];
  const self = script === undefined ? [] : [reachableBySudo(script) ?? absolute(script)];
  const direct = self[0] === "faultline";
  return [...(direct ? [] : [...runtime, process.execPath]), ...self, ...args];
}

/** sudo's usual secure_path: where both the program and its runtime are found under a short name. */
const SECURE_PATH = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"] as const;

function reachableBySudo(script: string): string | undefined {
  const here = absolute(script);
  const finds = (name: string, target: string) =>
    SECURE_PATH.some((folder) => existsSync(`${folder}/${name}`) && absolute(`${folder}/${name}`) === target);
  return finds("faultline", here) && finds("node", absolute(process.execPath)) ? "faultline" : undefined;
}

function absolute(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path; // Removed since it was started.
  }
}

function readable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.X_OK);
    return true;
  } catch {
    return false; // Exactly the question.
  }
}

function errnoName(errno: number): string {
  return Object.entries(os.errno).find(([, value]) => value === errno)?.[0] ?? `errno ${errno}`;
}

function numberIn(path: string): number | undefined {
  const text = textOf(path).trim();
  return text === "" || Number.isNaN(Number(text)) ? undefined : Number(text);
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // Absent where the kernel has no such thing: the caller decides what that means.
  }
}
