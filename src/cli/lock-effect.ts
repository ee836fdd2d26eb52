/** What `faultline lock` is asked to do to a process, and what is known of it beforehand. */
import { readFileSync } from "node:fs";
import { parsedJson } from "../core/base/json-fields.js";
import { bytesOf, type ByteRange } from "../core/memlock/byte-ranges.js";
import { decodeLockSet } from "../core/memlock/decode-lock-set.js";
import { kernelAnswer, type LockRequest } from "../core/memlock/kernel-rules.js";
import { lockAllOrder, lockAllSteps, type LockAllOrder } from "../core/memlock/lock-all.js";
import type { LockForecast, LockWarning } from "../core/memlock/lock-forecast.js";
import { newBytesOf, planLock, type LockedMapping } from "../core/memlock/lock-plan.js";
import { DEFAULT_LOCKED_SECTIONS } from "../core/placement/locked-sections.js";
import { bytes } from "../core/report/quantities.js";
import { javascriptEngine } from "../host/javascript-engine.js";
import { sectionRanges, setRanges, type FoundRanges } from "../host/lock-ranges.js";
import { readProc } from "../host/proc-snapshot.js";
import { findProject } from "../host/project-file.js";
import { UserError } from "../host/user-error.js";
import { lockLimits, wholeMemory } from "../recorder/campaign/target-facts.js";
import { pageBytes } from "../recorder/ffi/ring.js";
import { lockAllChanges, notTakenBack, type LockOutcome } from "../recorder/lock-process.js";
import { bytesLocked, lockedMappings } from "../recorder/lock-state.js";
import { firstLine, say } from "./say.js";

export type Effect =
  | { readonly kind: "all"; readonly order: LockAllOrder; readonly what: string }
  | {
      readonly kind: "ranges";
      readonly ranges: readonly ByteRange[];
      readonly onFault: boolean;
      readonly what: string;
      readonly missing: readonly string[];
    };

/** @param asked `all` or `set`, or else the locked sections. Throws UserError. */
export function effectOf(
  pid: number,
  asked: { readonly all?: string; readonly set?: string; readonly onFault: boolean },
): Effect {
  if (asked.all !== undefined) {
    const order = lockAllOrder(asked.all);
    if (order === undefined)
      throw new UserError(
        "--all takes current and future, separated by a comma, with on-fault for both; or current-on-fault, future-on-fault.",
      );
    return { kind: "all", order, what: `all memory (${asked.all})` };
  }
  const { ranges, found, missing } = asked.set === undefined ? sectionsOf(pid) : setRanges(pid, readSet(asked.set));
  if (ranges.length === 0) {
    for (const phrase of missing) say(`${phrase}: not locked.`);
    throw new UserError(`There is nothing of it in process ${pid}: ${nothingReason(asked.set)}`);
  }
  const names = `${found.slice(0, MOST_NAMED).join(", ")}${found.length > MOST_NAMED ? ", …" : ""}`;
  return { kind: "ranges", ranges, onFault: asked.onFault, what: `${bytes(bytesOf(ranges))} (${names})`, missing };
}

const MOST_NAMED = 4;

/** What will happen by all that is known; or that nothing may be locked, since the kernel would do a part of it only. */
export function forecastOf(pid: number, effect: Effect): LockForecast | (LockOutcome & { readonly kind: "refused" }) {
  const mappings = lockedMappings(pid);
  const base = { version: 1, kind: "forecast", pid, name: nameOf(pid), what: effect.what } as const;
  if (effect.kind === "all") {
    const newBytes = newBytesOf(lockAllChanges(mappings, effect.order));
    return { ...base, bytes: newBytes, warnings: allWarnings(pid, effect.order, mappings), missing: [] };
  }
  const plan = planLock(effect.ranges, mappings, effect.onFault ? "on-fault" : "locked");
  if (plan.kind !== "changes") return { kind: "refused", reason: plan.kind, at: plan.at };
  const { newBytes } = plan;
  const warnings = limitWarnings(pid, { kind: "range", newBytes }, mappings);
  return { ...base, bytes: newBytes, warnings, missing: effect.missing };
}

export function undoForecast(pid: number): LockForecast {
  const { bytes: count = 0, future = false } = notTakenBack(pid) ?? {};
  const what = `what faultline lock added${future ? ", and later mappings" : ""}`;
  return { version: 1, kind: "forecast", pid, name: nameOf(pid), what, bytes: count, warnings: [], missing: [] };
}

function nameOf(pid: number): string {
  return (readProc(`${pid}/comm`) ?? "").trim();
}

/** Before it breaks a program, or fails. */
function allWarnings(pid: number, order: LockAllOrder, mappings: readonly LockedMapping[]): readonly LockWarning[] {
  const program = javascriptEngine(pid);
  const steps = lockAllSteps(order);
  const eachMapping = steps.some(({ kind }) => kind === "each-on-fault");
  const request: LockRequest =
    order.current === undefined
      ? { kind: "all-future" }
      : eachMapping
        ? { kind: "range", newBytes: newBytesOf(lockAllChanges(mappings, order)) }
        : { kind: "all-current", virtualBytes: wholeMemory(pid)?.virtualBytes ?? 0 };
  const { softBytes, privileged } = lockLimits(pid);
  const futureBound = order.future !== undefined && softBytes !== undefined && !privileged;
  return [
    ...(program === undefined ? [] : [{ kind: "v8", program } as const]),
    ...limitWarnings(pid, request, mappings),
    ...(futureBound
      ? [{ kind: "future-limit", leftBytes: Math.max(0, softBytes - bytesLocked(mappings)) } as const]
      : []),
    ...(locksAllItself(mappings) && notTakenBack(pid) === undefined ? [{ kind: "own-mlockall" } as const] : []),
  ];
}

function limitWarnings(pid: number, request: LockRequest, mappings: readonly LockedMapping[]): readonly LockWarning[] {
  const locked = bytesLocked(mappings);
  const answer = kernelAnswer(request, lockLimits(pid), locked);
  if (answer.kind === "fits" || (request.kind === "range" && request.newBytes === 0)) return [];
  const neededBytes =
    request.kind === "range" ? locked + request.newBytes : request.kind === "all-current" ? request.virtualBytes : 0;
  return [{ kind: "limit", neededBytes, limitBytes: answer.errno === "ENOMEM" ? answer.limitBytes : 0 }];
}

function locksAllItself(mappings: readonly LockedMapping[]): boolean {
  const ordinary = mappings.filter(({ special, accessible }) => accessible && !special);
  return ordinary.length > 0 && ordinary.every(({ state }) => state !== "none");
}

function sectionsOf(pid: number): FoundRanges {
  const project = findProject(process.cwd());
  for (const problem of project?.problems ?? []) say(problem);
  return sectionRanges(pid, project?.project.lockedSections ?? DEFAULT_LOCKED_SECTIONS, pageBytes());
}

function readSet(file: string) {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new UserError(`The lock set cannot be read: ${firstLine(error)}.`);
  }
  const set = decodeLockSet(parsedJson(text));
  if (set === undefined)
    throw new UserError(`${file} is no lock set: make one with faultline lockset --json > ${file}`);
  return set;
}

function nothingReason(set: string | undefined): string {
  return set === undefined
    ? "no image of it has a locked section; lockedSections in faultline.json names them."
    : "the lock set was found with another program or other builds.";
}
