/** What locking ranges of a process changes, and how to take exactly that back. */

/** How the memory of a range is locked (VmFlags `lo` and `lf` of /proc/PID/smaps). */
export type LockState = "none" | "locked" | "on-fault";

/** Bytes; start and end are multiples of the page size, below 2^53. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

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
  const changes: LockChange[] = [];
  for (const range of merged(ranges)) {
    let at = range.start;
    for (const mapping of mappings) {
      if (mapping.end <= at || at >= range.end) continue;
      if (mapping.start > at) break;
      const end = Math.min(mapping.end, range.end);
      if (!mapping.accessible) return { kind: "inaccessible", at };
      if (mapping.special) return { kind: "special", at };
      if (mapping.state !== wanted && mapping.state !== "locked")
        changes.push({ start: at, end, before: mapping.state });
      at = end;
    }
    if (at < range.end) return { kind: "hole", at };
  }
  const added = changes.filter(({ before }) => before === "none");
  return { kind: "changes", changes, newBytes: added.reduce((sum, { start, end }) => sum + end - start, 0) };
}

/** In address order, what overlaps or touches as one. */
export function merged(ranges: readonly ByteRange[]): readonly ByteRange[] {
  const result: { start: number; end: number }[] = [];
  for (const { start, end } of ranges.toSorted((a, b) => a.start - b.start)) {
    const last = result.at(-1);
    if (last !== undefined && start <= last.end) last.end = Math.max(last.end, end);
    else if (end > start) result.push({ start, end });
  }
  return result;
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
