/** Tallies per (process, page, region) in an open-addressing hash: one look-up a fault, no object a page. */
import type { TouchedPages } from "./findings.js";

export class TouchedPageTable {
  private slots = new Int32Array(1024).fill(-1);
  private capacity = 512;
  private length = 0;
  private pid = new Int32Array(512);
  private page = new Float64Array(512);
  private region = new Uint32Array(512);
  private minor = new Float64Array(512);
  private major = new Float64Array(512);
  private other = new Float64Array(512);
  private timeNs = new Float64Array(512);

  /** Row of the page; a new one when it was not there. */
  row(pid: number, page: number, region: number): number {
    let slot = this.slotOf(pid, page, region);
    for (;;) {
      const row = this.slots[slot]!;
      if (row < 0) break;
      if (this.page[row] === page && this.pid[row] === pid && this.region[row] === region) return row;
      slot = (slot + 1) & (this.slots.length - 1);
    }
    if (this.length === this.capacity) {
      this.grow();
      return this.row(pid, page, region);
    }
    const row = this.length++;
    this.slots[slot] = row;
    this.pid[row] = pid;
    this.page[row] = page;
    this.region[row] = region;
    return row;
  }

  /** Counts one fault; `kind` is 0 minor, 1 major, 2 unknown; a NaN duration adds nothing. */
  count(row: number, kind: number, duration: number): void {
    if (kind === 0) this.minor[row]! += 1;
    else if (kind === 1) this.major[row]! += 1;
    else this.other[row]! += 1;
    if (duration >= 0) this.timeNs[row]! += duration;
  }

  finish(): TouchedPages {
    const { length } = this;
    return {
      length,
      pid: this.pid.subarray(0, length),
      page: this.page.subarray(0, length),
      region: this.region.subarray(0, length),
      minor: this.minor.subarray(0, length),
      major: this.major.subarray(0, length),
      other: this.other.subarray(0, length),
      timeNs: this.timeNs.subarray(0, length),
    };
  }

  private slotOf(pid: number, page: number, region: number): number {
    const low = (page % 0x1_0000_0000) | 0;
    const high = (page / 0x1_0000_0000) | 0;
    let hash = Math.imul(low ^ Math.imul(high, 0x85eb_ca6b), 0x9e37_79b1) ^ Math.imul(pid, 0xc2b2_ae35) ^ region;
    hash ^= hash >>> 15;
    return hash & (this.slots.length - 1);
  }

  private grow(): void {
    this.capacity *= 2;
    const { capacity } = this;
    this.pid = widen(this.pid, new Int32Array(capacity));
    this.page = widen(this.page, new Float64Array(capacity));
    this.region = widen(this.region, new Uint32Array(capacity));
    this.minor = widen(this.minor, new Float64Array(capacity));
    this.major = widen(this.major, new Float64Array(capacity));
    this.other = widen(this.other, new Float64Array(capacity));
    this.timeNs = widen(this.timeNs, new Float64Array(capacity));
    this.slots = new Int32Array(capacity * 2).fill(-1);
    for (let row = 0; row < this.length; row++) {
      let slot = this.slotOf(this.pid[row]!, this.page[row]!, this.region[row]!);
      while (this.slots[slot]! >= 0) slot = (slot + 1) & (this.slots.length - 1);
      this.slots[slot] = row;
    }
  }
}

function widen<Column extends { set(from: Column): void }>(from: Column, to: Column): Column {
  to.set(from);
  return to;
}
