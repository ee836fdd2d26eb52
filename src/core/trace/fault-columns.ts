/** A fault table that grows: what readers append to. */
import type { FaultTable } from "./fault-table.js";

const SMALLEST_CAPACITY = 1024;

export class FaultColumns {
  /** Rows in use; whoever appends writes all columns of row `length`, then counts it. */
  length = 0;
  capacity: number;
  time: Float64Array;
  pid: Int32Array;
  tid: Int32Array;
  ipGranule: Float64Array;
  ipOffset: Uint16Array;
  addressGranule: Float64Array;
  addressOffset: Uint16Array;
  flags: Uint8Array;
  duration: Float64Array;
  chain: Uint32Array;

  /** Room that is not used costs address space only: the memory comes with the first write. */
  constructor(capacity = SMALLEST_CAPACITY) {
    this.capacity = Math.max(capacity, SMALLEST_CAPACITY);
    this.time = new Float64Array(this.capacity);
    this.pid = new Int32Array(this.capacity);
    this.tid = new Int32Array(this.capacity);
    this.ipGranule = new Float64Array(this.capacity);
    this.ipOffset = new Uint16Array(this.capacity);
    this.addressGranule = new Float64Array(this.capacity);
    this.addressOffset = new Uint16Array(this.capacity);
    this.flags = new Uint8Array(this.capacity);
    this.duration = new Float64Array(this.capacity);
    this.chain = new Uint32Array(this.capacity);
  }

  /** Makes room for at least one more row. */
  grow(): void {
    this.reserve(this.capacity + 1);
  }

  /** Makes room for so many rows in all; at least for as many again, so that growing by little is no endless copying. */
  reserve(rows: number): void {
    if (!(rows > this.capacity)) return;
    const wider = new FaultColumns(Math.max(rows, this.length * 2));
    wider.setRows(0, this.view());
    Object.assign(this, { ...wider, length: this.length });
  }

  append(rows: FaultTable): void {
    this.reserve(this.length + rows.length);
    this.setRows(this.length, rows);
    this.length += rows.length;
  }

  /** Overwrites rows from `at` on; there must be room for them. */
  setRows(at: number, rows: FaultTable): void {
    this.time.set(rows.time, at);
    this.pid.set(rows.pid, at);
    this.tid.set(rows.tid, at);
    this.ipGranule.set(rows.ipGranule, at);
    this.ipOffset.set(rows.ipOffset, at);
    this.addressGranule.set(rows.addressGranule, at);
    this.addressOffset.set(rows.addressOffset, at);
    this.flags.set(rows.flags, at);
    this.duration.set(rows.duration, at);
    this.chain.set(rows.chain, at);
  }

  /** Appends row `row` of another table. */
  copyRow(from: FaultTable, row: number): void {
    if (this.length === this.capacity) this.grow();
    const to = this.length++;
    this.time[to] = from.time[row]!;
    this.pid[to] = from.pid[row]!;
    this.tid[to] = from.tid[row]!;
    this.ipGranule[to] = from.ipGranule[row]!;
    this.ipOffset[to] = from.ipOffset[row]!;
    this.addressGranule[to] = from.addressGranule[row]!;
    this.addressOffset[to] = from.addressOffset[row]!;
    this.flags[to] = from.flags[row]!;
    this.duration[to] = from.duration[row]!;
    this.chain[to] = from.chain[row]!;
  }

  /** Rows `from` … `to` as a table: views, not copies. */
  view(from = 0, to = this.length): FaultTable {
    return {
      length: to - from,
      time: this.time.subarray(from, to),
      pid: this.pid.subarray(from, to),
      tid: this.tid.subarray(from, to),
      ipGranule: this.ipGranule.subarray(from, to),
      ipOffset: this.ipOffset.subarray(from, to),
      addressGranule: this.addressGranule.subarray(from, to),
      addressOffset: this.addressOffset.subarray(from, to),
      flags: this.flags.subarray(from, to),
      duration: this.duration.subarray(from, to),
      chain: this.chain.subarray(from, to),
    };
  }
}
