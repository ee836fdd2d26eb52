/** Tallies per (process, page, region): a hash of small extents, since neighbouring pages fault one after the other. */
import type { TouchedPages } from "./findings.js";

/** Pages in an extent: large enough that walking through memory rarely hashes, small enough for scattered pages. */
const EXTENT_PAGES = 16;
const NO_ROW = -1;

export class TouchedPageTable {
  /** Slot → extent, or NO_ROW. */
  private slots = new Int32Array(256).fill(NO_ROW);
  private extents = 0;
  private extentPid = new Int32Array(64);
  private extentNumber = new Float64Array(64);
  private extentRegion = new Uint32Array(64);
  /** Extent × EXTENT_PAGES + page in it → row, or NO_ROW. */
  private rows = new Int32Array(64 * EXTENT_PAGES).fill(NO_ROW);
  private length = 0;
  private pid = new Int32Array(256);
  private page = new Float64Array(256);
  private region = new Uint32Array(256);
  private minor = new Float64Array(256);
  private major = new Float64Array(256);
  private other = new Float64Array(256);
  private timeNs = new Float64Array(256);
  private last = NO_ROW;

  /** Row of the page; a new one when it was not there. */
  row(pid: number, page: number, region: number): number {
    const number = Math.floor(page / EXTENT_PAGES);
    let extent = this.last;
    if (
      extent === NO_ROW ||
      this.extentNumber[extent] !== number ||
      this.extentPid[extent] !== pid ||
      this.extentRegion[extent] !== region
    ) {
      extent = this.extent(pid, number, region);
      this.last = extent;
    }
    const at = extent * EXTENT_PAGES + (page - number * EXTENT_PAGES);
    const row = this.rows[at]!;
    return row === NO_ROW ? this.add(at, pid, page, region) : row;
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

  private add(at: number, pid: number, page: number, region: number): number {
    if (this.length === this.pid.length) this.growRows();
    const row = this.length++;
    this.rows[at] = row;
    this.pid[row] = pid;
    this.page[row] = page;
    this.region[row] = region;
    return row;
  }

  private extent(pid: number, number: number, region: number): number {
    const mask = this.slots.length - 1;
    let slot = slotOf(pid, number, region) & mask;
    for (let extent; (extent = this.slots[slot]!) !== NO_ROW; slot = (slot + 1) & mask) {
      if (
        this.extentNumber[extent] === number &&
        this.extentPid[extent] === pid &&
        this.extentRegion[extent] === region
      ) {
        return extent;
      }
    }
    if (this.extents === this.extentPid.length) {
      this.growExtents();
      return this.extent(pid, number, region);
    }
    const extent = this.extents++;
    this.slots[slot] = extent;
    this.extentPid[extent] = pid;
    this.extentNumber[extent] = number;
    this.extentRegion[extent] = region;
    return extent;
  }

  private growExtents(): void {
    const capacity = this.extents * 2;
    this.extentPid = widened(this.extentPid, new Int32Array(capacity));
    this.extentNumber = widened(this.extentNumber, new Float64Array(capacity));
    this.extentRegion = widened(this.extentRegion, new Uint32Array(capacity));
    this.rows = widened(this.rows, new Int32Array(capacity * EXTENT_PAGES).fill(NO_ROW));
    this.slots = new Int32Array(capacity * 4).fill(NO_ROW);
    const mask = this.slots.length - 1;
    for (let extent = 0; extent < this.extents; extent++) {
      let slot = slotOf(this.extentPid[extent]!, this.extentNumber[extent]!, this.extentRegion[extent]!) & mask;
      while (this.slots[slot] !== NO_ROW) slot = (slot + 1) & mask;
      this.slots[slot] = extent;
    }
  }

  private growRows(): void {
    const capacity = this.length * 2;
    this.pid = widened(this.pid, new Int32Array(capacity));
    this.page = widened(this.page, new Float64Array(capacity));
    this.region = widened(this.region, new Uint32Array(capacity));
    this.minor = widened(this.minor, new Float64Array(capacity));
    this.major = widened(this.major, new Float64Array(capacity));
    this.other = widened(this.other, new Float64Array(capacity));
    this.timeNs = widened(this.timeNs, new Float64Array(capacity));
  }
}

function slotOf(pid: number, number: number, region: number): number {
  const low = (number % 0x1_0000_0000) | 0;
  const high = (number / 0x1_0000_0000) | 0;
  const hash = Math.imul(low ^ Math.imul(high, 0x85eb_ca6b), 0x9e37_79b1) ^ Math.imul(pid, 0xc2b2_ae35) ^ region;
  return hash ^ (hash >>> 15);
}

function widened<Column extends { set(from: Column): void }>(from: Column, to: Column): Column {
  to.set(from);
  return to;
}
