/** Sums over cells: what every row of every table counts. */
import type { Cells } from "../attribution/findings.js";

export interface Tally {
  faults: number;
  minor: number;
  major: number;
  timeNs: number;
}

export const emptyTally = (): Tally => ({ faults: 0, minor: 0, major: 0, timeNs: 0 });

export function addCell(tally: Tally, cells: Cells, cell: number): void {
  const minor = cells.minor[cell]!;
  const major = cells.major[cell]!;
  tally.faults += minor + major + cells.other[cell]!;
  tally.minor += minor;
  tally.major += major;
  tally.timeNs += cells.timeNs[cell]!;
}

export const faultsOfCell = (cells: Cells, cell: number): number =>
  cells.minor[cell]! + cells.major[cell]! + cells.other[cell]!;

/** Most faults first, then the longest time, then as they came. */
export function byFaults(a: Tally, b: Tally): number {
  return b.faults - a.faults || b.timeNs - a.timeNs;
}

/** The entry of a key, made when it is new. */
export function entry<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}
