/** Brings the rows of a fault table into time order. Each ring is in order, so only where rings meet rows have to move. */
import { lastAtOrBelow } from "../base/bisect.js";
import { FaultColumns } from "./fault-columns.js";
import type { FaultTable } from "./fault-table.js";

/** The same faults in time order, as a table of their own where they have to move. */
export function inTimeOrder(table: FaultTable): FaultTable {
  if (runStarts(table.time, table.length).length <= 1) return table;
  const columns = new FaultColumns(table.length);
  columns.append(table);
  return sortByTime(columns);
}

/** Sorts the rows by time, in place; rows of equal time keep their order. */
export function sortByTime(columns: FaultColumns): FaultTable {
  for (const { start, end } of disorder(columns.time, columns.length)) sortRows(columns, start, end);
  return columns.view();
}

/** Row numbers in time order, or undefined where they are 0, 1, 2 … already. A natural merge sort: n log(runs). */
export function timeOrder(time: Float64Array, length: number): Uint32Array | undefined {
  let starts = runStarts(time, length);
  if (starts.length <= 1) return undefined;
  let from = new Uint32Array(length);
  for (let row = 0; row < length; row++) from[row] = row;
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

interface Rows {
  readonly start: number;
  readonly end: number;
}

/** The stretches outside of which every row is where it belongs: no later row is earlier, no earlier row is later. */
function disorder(time: Float64Array, length: number): readonly Rows[] {
  const starts = runStarts(time, length);
  if (starts.length <= 1) return [];
  const endOf = (run: number) => starts[run + 1] ?? length;
  /** Earliest time in this run and those after it. */
  const earliest = starts.map((start) => time[start]!);
  for (let run = starts.length - 2; run >= 0; run--) earliest[run] = Math.min(earliest[run]!, earliest[run + 1]!);
  const stretches: { start: number; end: number }[] = [];
  const add = (start: number, end: number) => {
    const last = stretches.at(-1);
    if (end <= start) return;
    if (last !== undefined && last.end >= start) last.end = Math.max(last.end, end);
    else stretches.push({ start, end });
  };
  let latest = -Infinity;
  for (let run = 0; run < starts.length; run++) {
    const [start, end] = [starts[run]!, endOf(run)];
    const rows = time.subarray(start, end);
    if (rows[0]! < latest) add(start, start + lastAtOrBelow(rows, latest) + 1);
    add(start + lastAtOrBelow(rows, earliest[run + 1] ?? Infinity) + 1, end);
    latest = Math.max(latest, rows[rows.length - 1]!);
  }
  return stretches;
}

function sortRows(columns: FaultColumns, start: number, end: number): void {
  const rows = columns.view(start, end);
  const sorted = new FaultColumns(rows.length);
  const pieces = mergedPieces(rows.time);
  if (pieces !== undefined) {
    for (const piece of pieces) sorted.append(columns.view(start + piece.start, start + piece.end));
  } else {
    const order = timeOrder(rows.time, rows.length)!;
    for (let at = 0; at < order.length; at++) sorted.copyRow(rows, order[at]!);
  }
  columns.setRows(start, sorted.view());
}

/**
 * The pieces of a few runs in the order of a merge: a thread that moved between cpus leaves long ones. Undefined where
 * they are so many or so short that going row by row is cheaper.
 */
function mergedPieces(time: Float64Array): readonly Rows[] | undefined {
  const starts = runStarts(time, time.length);
  if (starts.length > MOST_RUNS) return undefined;
  const heads = [...starts];
  const endOf = (run: number) => starts[run + 1] ?? time.length;
  const headTime = (run: number) => (heads[run]! < endOf(run) ? time[heads[run]!]! : Infinity);
  const pieces: Rows[] = [];
  for (let done = 0; done < time.length;) {
    if (pieces.length * SHORTEST_PIECE > time.length) return undefined;
    let first = 0;
    for (let run = 1; run < heads.length; run++) if (headTime(run) < headTime(first)) first = run;
    let limit = Infinity;
    // Equal times stay in the order of their runs: only a later run may be waited for.
    for (let run = 0; run < heads.length; run++) {
      if (run !== first) limit = Math.min(limit, run < first ? before(headTime(run)) : headTime(run));
    }
    const [start, end] = [heads[first]!, endOf(first)];
    const last = lastAtOrBelow(time.subarray(start, end), limit);
    heads[first] = start + last + 1;
    pieces.push({ start, end: start + last + 1 });
    done += last + 1;
  }
  return pieces;
}

const MOST_RUNS = 16;
/** Rows; about what making views for a piece costs. */
const SHORTEST_PIECE = 32;

/** Times are whole nanoseconds. */
function before(time: number): number {
  return time - 1;
}

function runStarts(time: Float64Array, length: number): number[] {
  const starts = length > 0 ? [0] : [];
  let before = -Infinity;
  for (let row = 0; row < length; row++) {
    const at = time[row]!;
    if (at < before) starts.push(row);
    before = at;
  }
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
