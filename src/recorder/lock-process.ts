/** Locks memory of a running process, all or nothing, and takes exactly that back. */
import { constants } from "node:os";
import type { LockJournal } from "../core/memlock/lock-journal.js";
import {
  lockedRanges,
  planLock,
  type ByteRange,
  type LockChange,
  type LockedMapping,
  type LockPlan,
  type LockState,
} from "../core/memlock/lock-plan.js";
import type { LockLimits } from "../core/memlock/lock-set.js";
import { removeJournal, readJournal, writeJournal } from "../host/lock-journals.js";
import { readProc, statOf } from "../host/proc-snapshot.js";
import { lockLimits } from "./campaign/target-facts.js";
import { mappingFacts } from "./evict/mapping-facts.js";
import { readResidency } from "./evict/residency.js";
import { pageBytes } from "./ffi/ring.js";
import type { PlainCall } from "./inject/call-messages.js";
import type { Calls } from "./inject/open-calls.js";

export type LockOutcome =
  | { readonly kind: "locked"; readonly newBytes: number; readonly lockedBytes: number }
  /** Nothing was done: it could only have been done in part. */
  | { readonly kind: "refused"; readonly reason: Exclude<LockPlan["kind"], "changes">; readonly at: number }
  /** The kernel refused; what was added before was taken back. */
  | {
      readonly kind: "failed";
      readonly errno: string;
      readonly newBytes: number;
      readonly lockedBytes: number;
      readonly limits: LockLimits;
      /** Whether everything is locked again as it was before. */
      readonly restored: boolean;
    }
  /** The kernel said yes, and pages are not in memory: taken back. */
  | { readonly kind: "absent"; readonly bytes: number; readonly restored: boolean };

export type UndoOutcome =
  /** Nothing was locked by us in this process. */
  | { readonly kind: "nothing" }
  | { readonly kind: "undone"; readonly lockedBytes: number }
  /** Bytes that are still locked although they were not before. */
  | { readonly kind: "partly"; readonly leftBytes: number };

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
  note(pid, false, changes);
  const results = await calls.run(changes.map((change) => callFor(change, wanted)));
  const failed = results.find((result) => result < 0);
  if (failed !== undefined) {
    // mlock is not atomic: what failed may be locked in part, too.
    await calls.run(changes.toReversed().map((change) => callFor(change, change.before)));
    return failure(pid, failed, newBytes, before);
  }
  const absent = onFault ? 0 : absentBytes(pid, ranges);
  if (absent > 0) {
    await calls.run(changes.toReversed().map((change) => callFor(change, change.before)));
    return { kind: "absent", bytes: absent, restored: settled(pid, before) };
  }
  return { kind: "locked", newBytes, lockedBytes: bytesLocked(lockedMappings(pid)) };
}

/** mlockall's own flags: MCL_CURRENT, MCL_FUTURE, MCL_ONFAULT (asm-generic/mman.h). */
export const MCL = { current: 1, future: 2, onFault: 4 } as const;

export async function lockAll(pid: number, calls: Calls, flags: number): Promise<LockOutcome> {
  const before = lockedMappings(pid);
  const newBytes = before
    .filter(({ state }) => state === "none" && (flags & MCL.current) !== 0)
    .reduce((sum, { start, end }) => sum + end - start, 0);
  note(pid, true, lockedRanges(before));
  const [result = 0] = await calls.run([{ name: "mlockall", parameters: [flags] }]);
  if (result < 0) {
    await restoreAll(calls, lockedRanges(before));
    return failure(pid, result, newBytes, before);
  }
  // mlockall ignores what goes wrong in single mappings, and returns 0.
  const all = lockedMappings(pid).filter(
    ({ state, special, accessible }) => state === "locked" && !special && accessible,
  );
  const absent = absentBytes(pid, all);
  if (absent > 0) {
    await restoreAll(calls, lockedRanges(before));
    return { kind: "absent", bytes: absent, restored: settled(pid, before) };
  }
  return { kind: "locked", newBytes, lockedBytes: bytesLocked(lockedMappings(pid)) };
}

/** Takes back what the journal names; also after whoever locked it was killed. */
export async function undoLock(pid: number, calls: Calls): Promise<UndoOutcome> {
  const startTicks = statOf(pid)?.startTicks ?? -1;
  const journal = readJournal(pid, startTicks);
  if (journal === undefined) return { kind: "nothing" };
  if (journal.all) await restoreAll(calls, journal.changes);
  else await calls.run(journal.changes.toReversed().map((change) => callFor(change, change.before)));
  const left = leftBytes(pid, journal);
  if (left > 0) return { kind: "partly", leftBytes: left };
  removeJournal(pid, startTicks);
  return { kind: "undone", lockedBytes: bytesLocked(lockedMappings(pid)) };
}

/** A mapping may have gone since: unlocking what is not there is no failure. */
function leftBytes(pid: number, { all, changes }: LockJournal): number {
  const now = lockedMappings(pid).filter(({ state }) => state !== "none");
  const before = all ? changes : [];
  const asked = all ? now : changes.filter((change) => change.before === "none");
  return now.reduce((sum, mapping) => {
    const locked = asked.reduce((bytes, range) => bytes + overlap(mapping, range), 0);
    return sum + locked - before.reduce((bytes, range) => bytes + overlap(mapping, range), 0);
  }, 0);
}

function overlap(a: ByteRange, b: ByteRange): number {
  return Math.max(0, Math.min(a.end, b.end) - Math.max(a.start, b.start));
}

async function restoreAll(calls: Calls, before: readonly LockChange[]): Promise<void> {
  await calls.run([{ name: "munlockall", parameters: [] }, ...before.map((change) => callFor(change, change.before))]);
}

function callFor({ start, end }: ByteRange, state: LockState): PlainCall {
  switch (state) {
    case "none":
      return { name: "munlock", parameters: [start, end - start] };
    case "locked":
      return { name: "mlock", parameters: [start, end - start] };
    case "on-fault":
      return { name: "mlock2", parameters: [start, end - start, MLOCK_ONFAULT] };
  }
}

const MLOCK_ONFAULT = 1;

function failure(pid: number, result: number, newBytes: number, before: readonly LockedMapping[]): LockOutcome {
  return {
    kind: "failed",
    errno: Object.entries(constants.errno).find(([, number]) => number === -result)?.[0] ?? `error ${-result}`,
    newBytes,
    lockedBytes: bytesLocked(before),
    limits: lockLimits(pid),
    restored: settled(pid, before),
  };
}

/** Everything is as before: then there is nothing to take back any more. */
function settled(pid: number, before: readonly LockedMapping[]): boolean {
  const same = JSON.stringify(lockedRanges(lockedMappings(pid))) === JSON.stringify(lockedRanges(before));
  const startTicks = statOf(pid)?.startTicks;
  if (same && startTicks !== undefined) removeJournal(pid, startTicks);
  return same;
}

/** The journal of an earlier lock that was not taken back yet says what was before that one. */
function note(pid: number, all: boolean, changes: readonly LockChange[]): void {
  const startTicks = statOf(pid)?.startTicks ?? -1;
  const earlier = readJournal(pid, startTicks);
  writeJournal({
    version: 1,
    pid,
    startTicks,
    name: (readProc(`${pid}/comm`) ?? "").trim(),
    at: new Date().toISOString(),
    all: all || earlier?.all === true,
    changes:
      earlier === undefined
        ? changes
        : earlier.all || all === earlier.all
          ? joined(earlier, changes)
          : priorTo(earlier, changes),
  });
}

/** Of ranges, both; of everything, what was locked before the first time. */
function joined(earlier: LockJournal, changes: readonly LockChange[]): readonly LockChange[] {
  return earlier.all ? earlier.changes : [...earlier.changes, ...changes];
}

/** Ranges were locked first, then everything: locked before is what those ranges did not add. */
function priorTo(earlier: LockJournal, locked: readonly LockChange[]): readonly LockChange[] {
  const added = earlier.changes.filter(({ before }) => before === "none");
  return locked.filter((range) => !added.some((one) => one.start <= range.start && range.end <= one.end));
}

export function lockedMappings(pid: number): readonly LockedMapping[] {
  return mappingFacts(pid).map(({ start, end, locked, onFault, special, readable, writable, executable }) => ({
    start,
    end,
    state: onFault ? "on-fault" : locked ? "locked" : "none",
    accessible: readable || writable || executable,
    special,
  }));
}

function bytesLocked(mappings: readonly LockedMapping[]): number {
  return mappings.filter(({ state }) => state !== "none").reduce((sum, { start, end }) => sum + end - start, 0);
}

/** Bytes of the ranges whose pages are not in memory. */
function absentBytes(pid: number, ranges: readonly ByteRange[]): number {
  const pageSize = pageBytes();
  const asked = mappingFacts(pid).flatMap((mapping) =>
    ranges
      .filter((range) => overlap(mapping, range) > 0)
      .map((range) => ({
        ...mapping,
        start: Math.max(mapping.start, range.start),
        end: Math.min(mapping.end, range.end),
      })),
  );
  const { runs } = readResidency(pid, asked, pageSize);
  return asked.reduce((sum, mapping) => {
    const present = (runs.get(mapping) ?? []).filter(({ swapped }) => !swapped);
    return sum + mapping.end - mapping.start - present.reduce((bytes, { pages }) => bytes + pages * pageSize, 0);
  }, 0);
}
