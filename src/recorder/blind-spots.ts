/** What this recording will not see, told before it starts: from the events asked for and the program's own rights. */
import { accessSync, closeSync, constants, openSync, readSync, realpathSync, statSync, type Stats } from "node:fs";
import { delimiter, resolve } from "node:path";
import type { BlindSpot } from "../core/trace/run.js";
import { extendedAttribute } from "./ffi/xattr.js";

export interface BlindFacts {
  readonly userOnly: "no" | "asked" | "unprivileged";
  /** As typed: a path, or a name to be searched in PATH. */
  readonly program: string;
  /** Names of the recorded events, as perf has them. */
  readonly events: readonly string[];
  readonly pageSize: number;
  /** Whom the target runs as; ourselves where absent. */
  readonly uid?: number;
  readonly gid?: number;
  readonly groups?: readonly number[];
}

export function blindSpots(facts: BlindFacts): BlindSpot[] {
  const path = programPath(facts.program);
  return [
    ...kernelMode(facts.userOnly),
    { kind: "get-user-pages" as const },
    ...(path === undefined ? [] : protectedProgram(interpreterOf(path), facts)),
    ...(facts.pageSize === USUAL_PAGE_BYTES ? [] : [{ kind: "page-size" as const, pageSize: facts.pageSize }]),
    ...(hasBegin(facts.events) ? [] : [{ kind: "service-time" as const }]),
  ];
}

const USUAL_PAGE_BYTES = 4096;
const SETUID = 0o4000;
/** Setgid counts with group execution only; without it the bit once meant mandatory locking. */
const SETGID = 0o2010;
/** A script's interpreter may be a script itself: the kernel follows four (BINPRM depth). */
const MAX_INTERPRETERS = 4;
/** BINPRM_BUF_SIZE: what the kernel looks at of a "#!" line. */
const INTERPRETER_LINE_BYTES = 256;

function kernelMode(userOnly: BlindFacts["userOnly"]): BlindSpot[] {
  return userOnly === "no" ? [] : [{ kind: "kernel-mode", reason: userOnly }];
}

/** "page-faults" marks the begin; its distance to the end is the service time. */
function hasBegin(events: readonly string[]): boolean {
  return events.some((name) => /^(page-faults|faults)(:|$)/.test(name));
}

/**
 * The kernel ends monitoring at an exec that leaves the process not dumpable (begin_new_exec, commit_creds): other
 * ids than before, capabilities it did not have, a program it may not read.
 */
function protectedProgram(path: string, facts: BlindFacts): BlindSpot[] {
  let status: Stats;
  try {
    status = statSync(path);
  } catch {
    return []; // Starting it will say what is wrong.
  }
  const uid = facts.uid ?? process.geteuid?.() ?? 0;
  const gid = facts.gid ?? process.getegid?.() ?? 0;
  const changesUser = (status.mode & SETUID) !== 0 && status.uid !== uid;
  const changesGroup = (status.mode & SETGID) === SETGID && status.gid !== gid;
  const gains = uid !== 0 && hasFileCapabilities(path);
  if (changesUser || changesGroup || gains) return [{ kind: "setuid", path }];
  return mayRead(path, status, uid, gid, facts) ? [] : [{ kind: "unreadable", path }];
}

/** struct vfs_cap_data: a magic word, then permitted and inheritable sets; an empty permitted set gives nothing. */
function hasFileCapabilities(path: string): boolean {
  const value = extendedAttribute(path, "security.capability");
  if (value === undefined || value.length < 12) return false;
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  return view.getUint32(4, true) !== 0 || (value.length >= 20 && view.getUint32(12, true) !== 0);
}

function mayRead(path: string, status: Stats, uid: number, gid: number, facts: BlindFacts): boolean {
  if (uid === 0) return true;
  if (uid === process.geteuid?.()) return accessible(path, constants.R_OK);
  if (status.uid === uid) return (status.mode & 0o400) !== 0;
  if (status.gid === gid || facts.groups?.includes(status.gid)) return (status.mode & 0o040) !== 0;
  return (status.mode & 0o004) !== 0;
}

/** What is executed in the end: the program, or the interpreter its first line names. */
function interpreterOf(path: string): string {
  let at = path;
  for (let depth = 0; depth < MAX_INTERPRETERS; depth += 1) {
    const next = /^#![ \t]*([^ \t\n\0]+)/.exec(firstBytes(at))?.[1];
    if (next === undefined) return at;
    at = real(next);
  }
  return at;
}

function firstBytes(path: string): string {
  const bytes = Buffer.alloc(INTERPRETER_LINE_BYTES);
  try {
    // Non-blocking: a named pipe in the program's place must not hang us.
    const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      return bytes.toString("latin1", 0, readSync(file, bytes, 0, bytes.length, 0));
    } finally {
      closeSync(file);
    }
  } catch {
    return ""; // Unreadable: then it is no script that could run.
  }
}

function programPath(program: string): string | undefined {
  if (program.includes("/")) return real(resolve(program));
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const found = folders.map((folder) => resolve(folder, program)).find((path) => accessible(path, constants.X_OK));
  return found === undefined ? undefined : real(found);
}

function accessible(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return statSync(path).isFile();
  } catch {
    return false; // Exactly the question.
  }
}

function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path; // Starting it will say what is wrong.
  }
}
