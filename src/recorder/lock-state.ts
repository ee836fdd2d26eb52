/** How a running process's memory is locked and in memory now, and the calls that change it. */
import { constants } from "node:os";
import { bytesOf, intersections, type ByteRange } from "../core/memlock/byte-ranges.js";
import { MCL } from "../core/memlock/lock-all.js";
import { restoration, type LockedMapping, type LockState, type PriorLocks } from "../core/memlock/lock-plan.js";
import { mappingFacts } from "./evict/mapping-facts.js";
import { readResidency } from "./evict/residency.js";
import { pageBytes } from "./ffi/ring.js";
import type { PlainCall } from "./inject/call-messages.js";
import type { Calls } from "./inject/open-calls.js";

/** In address order; empty when the process is gone. */
export function lockedMappings(pid: number): readonly LockedMapping[] {
  return mappingFacts(pid).map(({ start, end, locked, onFault, special, readable, writable, executable }) => ({
    start,
    end,
    state: onFault ? "on-fault" : locked ? "locked" : "none",
    accessible: readable || writable || executable,
    special,
  }));
}

/** What counts against the limit, in memory or not. */
export function bytesLocked(mappings: readonly LockedMapping[]): number {
  return bytesOf(mappings.filter(({ state }) => state !== "none"));
}

export function callFor({ start, end }: ByteRange, state: LockState): PlainCall {
  switch (state) {
    case "none":
      return { name: "munlock", parameters: [start, end - start] };
    case "locked":
      return { name: "mlock", parameters: [start, end - start] };
    case "on-fault":
      return { name: "mlock2", parameters: [start, end - start, MLOCK_ONFAULT] };
  }
}

/** linux/mman.h */
const MLOCK_ONFAULT = 1;

/**
 * Brings everything back to what it was. Its result: bytes that are still locked in another way than before, 0 at best.
 */
export async function takeBack(pid: number, calls: Calls, prior: PriorLocks): Promise<number> {
  if (prior.future) await endFuture(calls, prior);
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const steps = restoration(prior, lockedMappings(pid));
    if (steps.length === 0) return 0;
    await calls.run(steps.map((step) => callFor(step, step.to)));
  }
  return bytesOf(restoration(prior, lockedMappings(pid)));
}

/** A busy target maps and unmaps while we look and call. */
const MOST_ROUNDS = 4;

/**
 * Only mlockall and munlockall end MCL_FUTURE. Where the target has locks of its own they are not let go in between,
 * unless the limit is too small for all of its memory.
 */
async function endFuture(calls: Calls, { own }: PriorLocks): Promise<void> {
  if (own.length > 0) {
    const [result] = await calls.run([{ name: "mlockall", parameters: [MCL.current | MCL.onFault] }]);
    if (result === 0) return;
  }
  await calls.run([{ name: "munlockall", parameters: [] }]);
}

/**
 * Bytes of the ranges that are locked and not in memory. Looks again before it says so: pages that the kernel is moving
 * are not there for a moment.
 */
export async function absentBytes(pid: number, ranges: readonly ByteRange[]): Promise<number> {
  for (let look = 1; ; look++) {
    const absent = absentNow(pid, ranges);
    if (absent === 0 || look === MOST_LOOKS) return absent;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

const MOST_LOOKS = 5;
const LOOK_MS = 20;

function absentNow(pid: number, ranges: readonly ByteRange[]): number {
  const pageSize = pageBytes();
  const locked = mappingFacts(pid).filter(
    (one) => one.locked && !one.onFault && !one.special && (one.readable || one.writable || one.executable),
  );
  const asked = intersections(locked, ranges).map(({ start, end, range }) => ({ ...range, start, end }));
  const { runs } = readResidency(pid, asked, pageSize);
  return asked.reduce((sum, mapping) => {
    const present = (runs.get(mapping) ?? []).filter(({ swapped }) => !swapped);
    return sum + mapping.end - mapping.start - present.reduce((bytes, { pages }) => bytes + pages * pageSize, 0);
  }, 0);
}

/** "ENOMEM" of -12. */
export function errnoName(result: number): string {
  return Object.entries(constants.errno).find(([, number]) => number === -result)?.[0] ?? `error ${-result}`;
}
