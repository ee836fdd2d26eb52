import { expect, it } from "vitest";
import { FaultColumns } from "../../../../src/core/trace/fault-columns.js";
import { sortByTime, timeOrder } from "../../../../src/core/trace/time-order.js";

it("rows in order stay where they are: nothing is copied", () => {
  expect(timeOrder(Float64Array.of(1, 2, 2, 3), 4)).toBeUndefined();
  expect(timeOrder(new Float64Array(0), 0)).toBeUndefined();
});

it("runs are merged, and rows of equal time keep their order", () => {
  expect([...timeOrder(Float64Array.of(5, 6, 1, 5, 9, 2, 5), 7)!]).toEqual([2, 5, 0, 3, 6, 1, 4]);
});

it("sorts as the language does, for any number of runs", () => {
  let state = 3;
  for (const length of [2, 3, 17, 1000, 4097]) {
    const time = Float64Array.from({ length }, () => (state = Math.imul(state, 48_271) >>> 16));
    const expected = Array.from(time.keys()).sort((a, b) => time[a]! - time[b]! || a - b);
    expect([...(timeOrder(time, length) ?? time.keys())]).toEqual(expected);
  }
});

it("rows move only where runs overlap, and end up as a full sort would put them", () => {
  const columns = new FaultColumns();
  const times = [1, 2, 5, 6, 7, 3, 4, 5, 8, 9, 30, 31, 20, 21, 40, 39, 2.5, 50];
  times.forEach((time, row) => {
    columns.time[row] = time;
    columns.pid[row] = row;
  });
  columns.length = times.length;
  const { time, pid } = sortByTime(columns);
  const expected = times.map((at, row) => ({ at, row })).sort((a, b) => a.at - b.at || a.row - b.row);
  expect([...time]).toEqual(expected.map(({ at }) => at));
  expect([...pid]).toEqual(expected.map(({ row }) => row));
});

it("all columns of a row move together", () => {
  const columns = new FaultColumns();
  for (const value of [3, 1, 2]) {
    const row = columns.length++;
    for (const column of [columns.time, columns.pid, columns.tid, columns.ipGranule, columns.ipOffset])
      column[row] = value;
    for (const column of [
      columns.addressGranule,
      columns.addressOffset,
      columns.flags,
      columns.duration,
      columns.chain,
    ]) {
      column[row] = value;
    }
  }
  const { length, ...sorted } = sortByTime(columns);
  expect(length).toBe(3);
  for (const column of Object.values(sorted)) expect([...column]).toEqual([1, 2, 3]);
});
