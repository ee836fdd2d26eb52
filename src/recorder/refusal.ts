/** From an error number to the reason: looks at the machine once, when the kernel has refused. */
import { accessSync, constants, existsSync } from "node:fs";
import { constants as os } from "node:os";
import type { Refusal, RefusalCode, RefusedCall } from "../core/trace/refusal.js";
import { readProc } from "../host/proc-snapshot.js";
import { factsOf, isProtected, type RefusalContext, type RefusalFacts } from "./refusal-facts.js";

export type { Refusal, RefusedCall };

/** Carries a refusal to where sentences are made. */
export class RecorderRefusal extends Error {
  override readonly name = "RecorderRefusal";

  constructor(readonly refusal: Refusal) {
    super(`${refusal.call}: ${refusal.errno} (${refusal.code})`);
  }
}

/** What `call` failing with `errno` (a number as errno has it) means here and now, or on the machine `facts` tell of. */
export function refusalOf(
  call: RefusedCall,
  errno: number,
  context: RefusalContext,
  facts: RefusalFacts = factsOf(context),
): Refusal {
  const name = errnoName(errno);
  const { filtered: _, ...kept } = facts;
  return { ...kept, code: codeOf(call, name, facts), call, errno: name };
}

/** Node's own errors where no descriptor is left, of a file or of a thread's start, as a refusal; undefined for others. */
export function outOfFiles(error: unknown): RecorderRefusal | undefined {
  if (!(error instanceof Error) || error instanceof RecorderRefusal) return undefined;
  const name = /\b(EMFILE|ENFILE)\b/.exec(error.message)?.[1];
  if (name !== "EMFILE" && name !== "ENFILE") return undefined;
  return new RecorderRefusal(refusalOf("perf_event_open", os.errno[name], { userOnly: false }));
}

function codeOf(call: RefusedCall, errno: string, facts: RefusalFacts): RefusalCode {
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
      return tracepointCode(errno, facts);
    case "attach":
    case "perf_event_open":
      return openCode(errno, facts);
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
function tracepointCode(errno: string, facts: RefusalFacts): RefusalCode {
  switch (errno) {
    case "ENOENT":
      return TRACEFS.some((folder) => existsSync(`${folder}/events`)) ? "no-such-tracepoint" : missingTracefs();
    case "EACCES":
      return TRACEFS.some((folder) => readable(`${folder}/events`)) ? "tracepoint-privilege" : "tracefs-unreadable";
    case "EPERM":
      return facts.privileged && facts.filtered ? "seccomp" : "tracepoint-privilege";
    default:
      return openCode(errno, facts);
  }
}

const TRACEFS = ["/sys/kernel/tracing", "/sys/kernel/debug/tracing"] as const;

/** A folder that only root may enter looks like one that is not there. */
function missingTracefs(): RefusalCode {
  return mountsOf("tracefs") ? "tracefs-unreadable" : "tracefs-not-mounted";
}

function mountsOf(type: string): boolean {
  return (readProc("self/mounts") ?? "").split("\n").some((line) => line.split(" ")[2] === type);
}

function openCode(errno: string, facts: RefusalFacts): RefusalCode {
  switch (errno) {
    case "ENOSYS":
      // A filter may answer this too; a kernel that has perf events has this file.
      return facts.paranoid !== undefined && facts.filtered ? "seccomp" : "no-perf-events";
    case "ENODEV":
    case "EOPNOTSUPP":
    case "ENOENT":
      return facts.paranoid === undefined ? "no-perf-events" : "no-such-event";
    case "EPERM":
      return facts.filtered ? "seccomp" : "security-module";
    case "EACCES":
      return accessCode(facts);
    default:
      return "unexpected";
  }
}

function accessCode(facts: RefusalFacts): RefusalCode {
  const { paranoid = 2, privileged, userOnly } = facts;
  if (!privileged) {
    if (!userOnly && paranoid >= 2) return "kernel-mode";
    if (facts.owner !== undefined) return "other-user";
    if (paranoid >= 3) return "paranoid";
    if (facts.pid !== undefined && isProtected(facts.pid)) return "protected-process";
  }
  return facts.filtered ? "seccomp" : "security-module";
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
