/** Pairs begins and ends that did not meet while reading, because their thread moved from one cpu to another. */
import { FaultColumns } from "../trace/fault-columns.js";
import { FaultFlag, NO_CHAIN, type FaultTable } from "../trace/fault-table.js";
import { timeOrder } from "../trace/time-order.js";

/** Time of a begin that was set aside and then went on: no stray after all. */
export const TAKEN_BACK = -1;

export interface AssembledFaults {
  readonly faults: FaultColumns;
  readonly refused: FaultColumns;
}

/**
 * Completes the rows `ends` of `faults`, which are ends without a begin; what finds none stays a fault of unknown service
 * time. A begin without an end was refused, unless it is one of those `underWay`; where only one kind of end was recorded
 * it may also have ended as the other kind, and counts as a fault of unknown kind.
 */
export function matchStrays(
  faults: FaultColumns,
  ends: readonly number[],
  begins: FaultColumns,
  underWay: ReadonlySet<number>,
  endsComplete: boolean,
): AssembledFaults {
  const refused = new FaultColumns();
  const open = new Map<string, number[]>();
  for (const end of ends) open.set(keyOf(faults, end), []);
  const beginOrder = rowsInTimeOrder(begins);
  const matched = new Set<number>();
  let next = 0;
  for (const end of ends.toSorted((a, b) => faults.time[a]! - faults.time[b]!)) {
    for (; next < beginOrder.length && begins.time[beginOrder[next]!]! <= faults.time[end]!; next++) {
      open.get(keyOf(begins, beginOrder[next]!))?.push(beginOrder[next]!);
    }
    const begin = open.get(keyOf(faults, end))?.pop();
    if (begin === undefined) continue;
    matched.add(begin);
    completeRow(faults, end, begins, begin);
  }
  for (const begin of beginOrder) {
    if (matched.has(begin) || underWay.has(begin)) continue;
    if (endsComplete) refused.copyRow(begins, begin);
    else {
      faults.copyRow(begins, begin);
      faults.flags[faults.length - 1]! |= FaultFlag.KindUnknown;
    }
  }
  return { faults, refused };
}

/** The end's row becomes the fault's. */
function completeRow(faults: FaultColumns, row: number, begins: FaultTable, begin: number): void {
  faults.duration[row] = faults.time[row]! - begins.time[begin]!;
  faults.time[row] = begins.time[begin]!;
  faults.flags[row]! |= begins.flags[begin]!;
  if (begins.chain[begin] !== NO_CHAIN) faults.chain[row] = begins.chain[begin]!;
}

function rowsInTimeOrder(table: FaultColumns): readonly number[] {
  const order = timeOrder(table.time, table.length);
  const rows = order === undefined ? Array.from({ length: table.length }, (_, row) => row) : [...order];
  return rows.filter((row) => table.time[row] !== TAKEN_BACK);
}

function keyOf(table: FaultTable, row: number): string {
  return `${table.tid[row]} ${table.ipGranule[row]}.${table.ipOffset[row]} ${table.addressGranule[row]}.${table.addressOffset[row]}`;
}
