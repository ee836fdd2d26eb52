/** Tallies per (process, page, region): a hash of small extents, since neighbouring pages fault one after the other. */
import { FaultFlag, type FaultTable } from "../trace/fault-table.js";
import type { TouchedPages } from "./findings.js";

/** Pages in an extent: large enough that walking through memory rarely hashes, small enough for scattered pages. */
const EXTENT_PAGES = 16;
const NO_EXTENT = -1;

export class TouchedPageTable {
  /** Slot → extent, or NO_EXTENT. */
  private slots = new Int32Array(256).fill(NO_EXTENT);
  private extents = 0;
  private extentPid = new Int32Array(64);
  private extentNumber = new Float64Array(64);
  private extentRegion = new Uint32Array(64);
  /** Extent × EXTENT_PAGES + page in it → row plus one, 0 where the page was not touched. */
  private rows = new Uint32Array(64 * EXTENT_PAGES);
  private length = 0;
  private pid: Int32Array;
  private page: Float64Array;
  private region: Uint32Array;
  private minor: Float64Array;
  private major: Float64Array;
  private other: Float64Array;
  private timeNs: Float64Array;
  /** Rows of the faults counted last. */
  private counted = new Uint32Array(64);
  private last = NO_EXTENT;

  /** @param expected pages that room is made for: memory that is not written costs nothing. */
  constructor(
    private readonly granulesPerPage: number,
    expected = 0,
  ) {
    const capacity = Math.max(256, Math.floor(expected));
    this.pid = new Int32Array(capacity);
    this.page = new Float64Array(capacity);
    this.region = new Uint32Array(capacity);
    this.minor = new Float64Array(capacity);
    this.major = new Float64Array(capacity);
    this.other = new Float64Array(capacity);
    this.timeNs = new Float64Array(capacity);
  }

  /**
   * Counts faults `first` up to `end`, all of this process and region; a NaN duration adds nothing.
   * @returns the row of the page of each: valid until the next call.
   */
  count(pid: number, region: number, faults: FaultTable, first: number, end: number): Uint32Array {
    this.reserve(end - first);
    const { addressGranule, flags, duration } = faults;
    const { granulesPerPage, minor, major, other, timeNs, counted } = this;
    for (let i = first; i < end; i++) {
      const row = this.row(pid, Math.floor(addressGranule[i]! / granulesPerPage), region);
      const flag = flags[i]!;
      if ((flag & FaultFlag.KindUnknown) !== 0) other[row]! += 1;
      else if ((flag & FaultFlag.Major) !== 0) major[row]! += 1;
      else minor[row]! += 1;
      if (duration[i]! >= 0) timeNs[row]! += duration[i]!;
      counted[i - first] = row;
    }
    return counted.subarray(0, end - first);
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

  /** Row of the page; a new one, for which there is room, when it was not there. */
  private row(pid: number, page: number, region: number): number {
    const number = Math.floor(page / EXTENT_PAGES);
    let extent = this.last;
    if (
      extent === NO_EXTENT ||
      this.extentNumber[extent] !== number ||
      this.extentPid[extent] !== pid ||
      this.extentRegion[extent] !== region
    ) {
      extent = this.extent(pid, number, region);
      this.last = extent;
    }
    const at = extent * EXTENT_PAGES + (page - number * EXTENT_PAGES);
    const known = this.rows[at]!;
    if (known > 0) return known - 1;
    const row = this.length++;
    this.rows[at] = row + 1;
    this.pid[row] = pid;
    this.page[row] = page;
    this.region[row] = region;
    return row;
  }

  private reserve(faults: number): void {
    if (faults > this.counted.length) this.counted = new Uint32Array(faults * 2);
    if (this.length + faults > this.pid.length) this.growRows(this.length + faults);
  }

  private extent(pid: number, number: number, region: number): number {
    const mask = this.slots.length - 1;
    let slot = slotOf(pid, number, region) & mask;
    for (let extent; (extent = this.slots[slot]!) !== NO_EXTENT; slot = (slot + 1) & mask) {
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
    this.rows = widened(this.rows, new Uint32Array(capacity * EXTENT_PAGES));
    this.slots = new Int32Array(capacity * 4).fill(NO_EXTENT);
    const mask = this.slots.length - 1;
    for (let extent = 0; extent < this.extents; extent++) {
      let slot = slotOf(this.extentPid[extent]!, this.extentNumber[extent]!, this.extentRegion[extent]!) & mask;
      while (this.slots[slot] !== NO_EXTENT) slot = (slot + 1) & mask;
      this.slots[slot] = extent;
    }
  }

  private growRows(least: number): void {
    const capacity = Math.max(least, this.pid.length * 2);
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
