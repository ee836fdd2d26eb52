/** Locks memory of a running process, all or nothing, and takes exactly that back. */
import { bytesOf, merged, type ByteRange } from "../core/memlock/byte-ranges.js";
import { lockAllSteps, type LockAllOrder, type LockAllStep } from "../core/memlock/lock-all.js";
import type { LockJournal } from "../core/memlock/lock-journal.js";
import {
  newBytesOf,
  planLock,
  planLockAll,
  restoration,
  withFurther,
  type LockChange,
  type LockedMapping,
  type LockPlan,
  type PriorLocks,
} from "../core/memlock/lock-plan.js";
import type { LockLimits } from "../core/memlock/lock-set.js";
import { readJournal, removeJournal, writeJournal } from "../host/lock-journals.js";
import { readProc, statOf } from "../host/proc-snapshot.js";
import { lockLimits, wholeMemory } from "./campaign/target-facts.js";
import type { Calls } from "./inject/open-calls.js";
import { absentBytes, bytesLocked, callFor, errnoName, lockedMappings, takeBack } from "./lock-state.js";

export type LockOutcome =
  | { readonly kind: "locked"; readonly newBytes: number; readonly lockedBytes: number }
  /** Nothing was done: it could only have been done in part. */
  | { readonly kind: "refused"; readonly reason: Exclude<LockPlan["kind"], "changes">; readonly at: number }
  /** The kernel refused; what was added before was taken back. */
  | {
      readonly kind: "failed";
      readonly errno: string;
      readonly lockedBytes: number;
      /** What would be locked in all: it is held against the limit. */
      readonly neededBytes: number;
      readonly limits: LockLimits;
      /** Whether everything is locked again as it was before. */
      readonly restored: boolean;
    }
  /** The kernel said yes, and these are not locked or not in memory: taken back. */
  | { readonly kind: "absent"; readonly bytes: number; readonly restored: boolean };

export type UndoOutcome =
  /** Nothing was locked by us in this process. */
  | { readonly kind: "nothing" }
  | { readonly kind: "undone"; readonly lockedBytes: number }
  /** Bytes that are still locked in another way than before. */
  | { readonly kind: "partly"; readonly leftBytes: number };

/** All pages of the ranges, or nothing. Throws what the calls throw: then what was done stays, and is noted. */
export async function lockRanges(
  pid: number,
  calls: Calls,
  ranges: readonly ByteRange[],
  onFault: boolean,
): Promise<LockOutcome> {
  const wanted = onFault ? "on-fault" : "locked";
  const before = lockedMappings(pid);
  const plan = planLock(ranges, before, wanted);
  if (plan.kind !== "changes") return { kind: "refused", reason: plan.kind, at: plan.at };
  const { changes, newBytes } = plan;
  const noted = note(pid, changes, false, before);
  const results = await calls.run(changes.map((change) => callFor(change, wanted)));
  const failed = results.find((result) => result !== 0);
  if (failed !== undefined) {
    // mlock is not atomic: what failed may be locked in part, too.
    const restored = await noted.withdraw(calls);
    return failure(pid, failed, bytesLocked(before) + newBytes, before, restored);
  }
  const after = planLock(ranges, lockedMappings(pid), wanted);
  const missing = after.kind === "changes" ? bytesOf(after.changes) : newBytes;
  const absent = missing + (await absentBytes(pid, merged(ranges)));
  if (absent > 0) return { kind: "absent", bytes: absent, restored: await noted.withdraw(calls) };
  return { kind: "locked", newBytes, lockedBytes: bytesLocked(lockedMappings(pid)) };
}

/** As mlockall does it, but all or nothing. Throws what the calls throw: then what was done stays, and is noted. */
export async function lockAll(pid: number, calls: Calls, order: LockAllOrder): Promise<LockOutcome> {
  const before = lockedMappings(pid);
  const changes = lockAllChanges(before, order);
  // A call that changes nothing could yet end what the target asked for the future.
  if (changes.length === 0 && order.future === undefined)
    return { kind: "locked", newBytes: 0, lockedBytes: bytesLocked(before) };
  const noted = note(pid, changes, order.future !== undefined, before);
  for (const step of lockAllSteps(order)) {
    const result = await done(pid, calls, step);
    if (result === 0) continue;
    // A refused mlockall has changed nothing, the future neither, and every order asks for that last.
    const restored = await noted.withdraw(calls, false);
    return failure(pid, result, neededFor(pid, step, before), before, restored);
  }
  // mlockall ignores what goes wrong in single mappings, and returns 0.
  const absent = await absentBytes(pid, changes);
  if (absent > 0) return { kind: "absent", bytes: absent, restored: await noted.withdraw(calls) };
  const now = lockedMappings(pid);
  return {
    kind: "locked",
    newBytes: Math.max(0, bytesLocked(now) - bytesLocked(before)),
    lockedBytes: bytesLocked(now),
  };
}

/** What an order changes in the mappings there are. */
export function lockAllChanges(
  mappings: readonly LockedMapping[],
  { current, future }: LockAllOrder,
): readonly LockChange[] {
  return current === undefined ? [] : planLockAll(mappings, current, current === "on-fault" && future === "locked");
}

/** Takes back what the journal names; also after whoever locked it was killed. */
export async function undoLock(pid: number, calls: Calls): Promise<UndoOutcome> {
  const journal = journalOf(pid);
  if (journal === undefined) return { kind: "nothing" };
  const leftBytes = await takeBack(pid, calls, journal);
  if (leftBytes > 0) return { kind: "partly", leftBytes };
  removeJournal(pid, journal.startTicks);
  return { kind: "undone", lockedBytes: bytesLocked(lockedMappings(pid)) };
}

/** What we locked in a process and did not take back. */
export interface NotTakenBack {
  /** ISO 8601: the last time. */
  readonly at: string;
  /** That are locked now, or in another way, because of it; 0: only what is mapped later will be. */
  readonly bytes: number;
  /** What is mapped later is locked, too. */
  readonly future: boolean;
}

export function notTakenBack(pid: number): NotTakenBack | undefined {
  const journal = journalOf(pid);
  if (journal === undefined) return undefined;
  const bytes = bytesOf(restoration(journal, lockedMappings(pid)));
  return bytes === 0 && !journal.future ? undefined : { at: journal.at, bytes, future: journal.future };
}

function journalOf(pid: number): LockJournal | undefined {
  const startTicks = statOf(pid)?.startTicks;
  return startTicks === undefined ? undefined : readJournal(pid, startTicks);
}

/** Result of a step: 0, or a negative error number. */
async function done(pid: number, calls: Calls, step: LockAllStep): Promise<number> {
  if (step.kind === "mlockall") return (await calls.run([{ name: "mlockall", parameters: [step.flags] }]))[0] ?? 0;
  for (let round = 1; ; round++) {
    const changes = planLockAll(lockedMappings(pid), "on-fault", true);
    const results = await calls.run(changes.map((change) => callFor(change, "on-fault")));
    const failed = results.find((result) => result !== 0);
    // What was unmapped meanwhile fails, too: then another look shows it gone.
    if (failed === undefined || round === MOST_ROUNDS) return failed ?? 0;
  }
}

const MOST_ROUNDS = 3;

/** mlockall holds the whole virtual size against the limit, mlock2 what is locked. */
function neededFor(pid: number, step: LockAllStep, before: readonly LockedMapping[]): number {
  if (step.kind === "mlockall") return wholeMemory(pid)?.virtualBytes ?? 0;
  return bytesLocked(before) + newBytesOf(planLockAll(before, "on-fault", true));
}

function failure(
  pid: number,
  result: number,
  neededBytes: number,
  before: readonly LockedMapping[],
  restored: boolean,
): LockOutcome {
  const limits = lockLimits(pid);
  return { kind: "failed", errno: errnoName(result), lockedBytes: bytesLocked(before), neededBytes, limits, restored };
}

interface Noted {
  /** True: everything is as it was before, and the journal, too. */
  withdraw(calls: Calls, future?: boolean): Promise<boolean>;
}

/** Written before anything is done: the journal of an earlier lock that was not taken back says what was before that. */
function note(pid: number, changes: readonly LockChange[], future: boolean, before: readonly LockedMapping[]): Noted {
  const startTicks = statOf(pid)?.startTicks ?? -1;
  const earlier = readJournal(pid, startTicks);
  const name = (readProc(`${pid}/comm`) ?? "").trim();
  const journal = { version: 2, pid, startTicks, name, at: new Date().toISOString() } as const;
  writeJournal({ ...journal, ...withFurther(earlier, changes, future, before) });
  const alone: PriorLocks = withFurther(undefined, changes, future, before);
  return {
    withdraw: async (calls, set = future) => {
      const restored = (await takeBack(pid, calls, { ...alone, future: set })) === 0;
      if (!restored) return false;
      if (earlier === undefined) removeJournal(pid, startTicks);
      else writeJournal(earlier);
      return true;
    },
  };
}
