/** What locking memory of a process changes, and what has to be done to take exactly that back. */
import { bytesOf, intersections, merged, subtract, type ByteRange } from "./byte-ranges.js";

/** How the memory of a range is locked (VmFlags `lo` and `lf` of /proc/PID/smaps). */
export type LockState = "none" | "locked" | "on-fault";

export interface LockedMapping extends ByteRange {
  readonly state: LockState;
  readonly accessible: boolean;
  /** Pages of the kernel or a device: locking them does nothing. */
  readonly special: boolean;
}

/** A range that gets another state, and the one it had. */
export interface LockChange extends ByteRange {
  readonly before: LockState;
}

export type LockPlan =
  | { readonly kind: "changes"; readonly changes: readonly LockChange[]; readonly newBytes: number }
  /** Why nothing may be locked: mlock would do a part of it and then fail (mlock(2), ENOMEM). */
  | { readonly kind: "hole" | "inaccessible" | "special"; readonly at: number };

/**
 * What has to change so that all ranges are in the wanted state. What is locked at once is locked well enough for
 * whoever wants it on fault.
 * @param mappings in address order.
 */
export function planLock(
  ranges: readonly ByteRange[],
  mappings: readonly LockedMapping[],
  wanted: Exclude<LockState, "none">,
): LockPlan {
  const whole = merged(ranges);
  const pieces = intersections(whole, mappings);
  const obstacle = pieces.find(({ other }) => !other.accessible || other.special);
  const [hole] = subtract(whole, pieces);
  if (hole !== undefined && !(obstacle !== undefined && obstacle.start < hole.start))
    return { kind: "hole", at: hole.start };
  if (obstacle !== undefined)
    return { kind: obstacle.other.accessible ? "special" : "inaccessible", at: obstacle.start };
  const changes = pieces
    .filter(({ other }) => other.state !== wanted && other.state !== "locked")
    .map(({ start, end, other }) => ({ start, end, before: other.state }));
  return { kind: "changes", changes, newBytes: newBytesOf(changes) };
}

/**
 * What mlockall does to the mappings there are: all get the same state, whichever they had, but the special ones.
 * @param kept whether what is locked already stays as it is: calls mapping by mapping can leave it out.
 */
export function planLockAll(
  mappings: readonly LockedMapping[],
  wanted: Exclude<LockState, "none">,
  kept: boolean,
): readonly LockChange[] {
  return mappings
    .filter(({ state, special }) => !special && (kept ? state === "none" : state !== wanted))
    .map(({ start, end, state }) => ({ start, end, before: state }));
}

export function newBytesOf(changes: readonly LockChange[]): number {
  return bytesOf(changes.filter(({ before }) => before === "none"));
}

/** The locked ranges of a process, adjacent ones of one state as one: to compare it with itself at another time. */
export function lockedRanges(mappings: readonly LockedMapping[]): readonly LockChange[] {
  const result: { start: number; end: number; before: LockState }[] = [];
  for (const { start, end, state } of mappings) {
    if (state === "none") continue;
    const last = result.at(-1);
    if (last?.end === start && last.before === state) last.end = end;
    else result.push({ start, end, before: state });
  }
  return result;
}

/** How memory was before we locked some of it. */
export interface PriorLocks {
  /** What we changed, in address order. */
  readonly changes: readonly LockChange[];
  /** We set MCL_FUTURE: whatever was mapped since is locked by us, too, and only `own` was locked before. */
  readonly future: boolean;
  /** With `future`: what was locked before, and not by us, in address order. */
  readonly own: readonly LockChange[];
}

/** A range, and the state it has to get. */
export interface LockStep extends ByteRange {
  readonly from: LockState;
  readonly to: LockState;
}

/**
 * What is left to be done until all is as it was, by the mappings of now: what is gone by now needs nothing, and a call
 * across a hole would stop there. Empty: nothing.
 * @param mappings in address order.
 */
export function restoration(
  { changes, future, own }: PriorLocks,
  mappings: readonly LockedMapping[],
): readonly LockStep[] {
  const wanted = future ? ownOrNothing(own, mappings) : changes;
  return intersections(mappings, wanted)
    .filter(({ range, other }) => !range.special && range.state !== other.before)
    .map(({ start, end, range, other }) => ({ start, end, from: range.state, to: other.before }));
}

function ownOrNothing(own: readonly LockChange[], mappings: readonly LockedMapping[]): readonly LockChange[] {
  const others = subtract(mappings, own).map(({ start, end }) => ({ start, end, before: "none" as const }));
  return [...own, ...others].toSorted((a, b) => a.start - b.start);
}

/**
 * Locking once more what was not taken back: of what we changed before, the earlier state counts.
 * @param mappings of now, before the further lock.
 */
export function withFurther(
  earlier: PriorLocks | undefined,
  changes: readonly LockChange[],
  future: boolean,
  mappings: readonly LockedMapping[],
): PriorLocks {
  const known = earlier?.changes ?? [];
  return {
    changes: [...known, ...subtract(changes, known)].toSorted((a, b) => a.start - b.start),
    future: future || earlier?.future === true,
    own: earlier?.future === true ? earlier.own : future ? ownOf(known, mappings) : [],
  };
}

/** Adjacent locks of the target's own and ours are one range in what the kernel tells: ours are cut out. */
function ownOf(ours: readonly LockChange[], mappings: readonly LockedMapping[]): readonly LockChange[] {
  return [...subtract(lockedRanges(mappings), ours), ...ours.filter(({ before }) => before !== "none")].toSorted(
    (a, b) => a.start - b.start,
  );
}
