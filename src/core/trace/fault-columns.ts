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

  /** Makes room for as many rows again. */
  grow(): void {
    this.reserve(this.capacity * 2);
  }

  /** Makes room for so many rows in all. */
  reserve(rows: number): void {
    if (!(rows > this.capacity)) return;
    const wider = new FaultColumns(rows);
    const used = this.view();
    wider.time.set(used.time);
    wider.pid.set(used.pid);
    wider.tid.set(used.tid);
    wider.ipGranule.set(used.ipGranule);
    wider.ipOffset.set(used.ipOffset);
    wider.addressGranule.set(used.addressGranule);
    wider.addressOffset.set(used.addressOffset);
    wider.flags.set(used.flags);
    wider.duration.set(used.duration);
    wider.chain.set(used.chain);
    Object.assign(this, { ...wider, length: this.length });
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

  /** Rows `from` … `length` as a table: views, not copies. */
  view(from = 0): FaultTable {
    return {
      length: this.length - from,
      time: this.time.subarray(from, this.length),
      pid: this.pid.subarray(from, this.length),
      tid: this.tid.subarray(from, this.length),
      ipGranule: this.ipGranule.subarray(from, this.length),
      ipOffset: this.ipOffset.subarray(from, this.length),
      addressGranule: this.addressGranule.subarray(from, this.length),
      addressOffset: this.addressOffset.subarray(from, this.length),
      flags: this.flags.subarray(from, this.length),
      duration: this.duration.subarray(from, this.length),
      chain: this.chain.subarray(from, this.length),
    };
  }
}
