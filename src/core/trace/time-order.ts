/** Brings the rows of a fault table into time order. Rings are in order each, so this merges runs. */
import { FaultColumns } from "./fault-columns.js";
import type { FaultTable } from "./fault-table.js";

/** The same faults in time order; the table itself where it is in order already. Rows of equal time keep their order. */
export function inTimeOrder(table: FaultTable): FaultTable {
  const order = timeOrder(table.time, table.length);
  return order === undefined ? table : gather(table, order);
}

/** Row numbers in time order, or undefined where they are 0, 1, 2 … already. A natural merge sort: n log(runs). */
export function timeOrder(time: Float64Array, length: number): Uint32Array | undefined {
  let starts = runStarts(time, length);
  if (starts.length <= 1) return undefined;
  let from = new Uint32Array(length).map((_, row) => row);
  let to = new Uint32Array(length);
  while (starts.length > 1) {
    const merged: number[] = [];
    for (let run = 0; run < starts.length; run += 2) {
      const low = starts[run]!;
      const middle = starts[run + 1] ?? length;
      const high = starts[run + 2] ?? length;
      merge(time, from, to, low, middle, high);
      merged.push(low);
    }
    [from, to] = [to, from];
    starts = merged;
  }
  return from;
}

function runStarts(time: Float64Array, length: number): number[] {
  const starts = length > 0 ? [0] : [];
  for (let row = 1; row < length; row++) if (time[row]! < time[row - 1]!) starts.push(row);
  return starts;
}

function merge(time: Float64Array, from: Uint32Array, to: Uint32Array, low: number, middle: number, high: number) {
  let left = low;
  let right = middle;
  for (let at = low; at < high; at++) {
    const takeLeft = left < middle && (right >= high || time[from[left]!]! <= time[from[right]!]!);
    to[at] = takeLeft ? from[left++]! : from[right++]!;
  }
}

function gather(table: FaultTable, order: Uint32Array): FaultTable {
  const sorted = new FaultColumns(table.length);
  for (let at = 0; at < order.length; at++) sorted.copyRow(table, order[at]!);
  return sorted.view();
}
