/** Runs of faults that mean the same: the loops of a program take most of them. */
import { GRANULE_BYTES } from "../base/units.js";
import { FaultFlag, type FaultTable } from "../trace/fault-table.js";
import type { Mapping } from "../trace/trace.js";

/** The runs that are going on: threads that fault at the same time take turns in the trace. */
export class FaultRuns {
  private readonly runs = Array.from({ length: RUNS }, () => new FaultRun());

  /** The one that a fault continues, if any does. */
  at({ tid, ipOffset }: FaultTable, row: number): FaultRun {
    return this.runs[Math.imul(tid[row]! ^ (ipOffset[row]! << 5), 0x9e37_79b1) >>> (32 - RUN_BITS)]!;
  }
}

/**
 * The faults a loop takes on one mapping come from one instruction: what was found for the first holds for the next as
 * long as nothing but the address inside that mapping and the time differ.
 */
export class FaultRun {
  /** Rows of what the faults were attributed to. */
  site = 0;
  object = 0;
  cell = 0;
  private pid = -1;
  private tid = -1;
  private ipGranule = -1;
  private ipOffset = -1;
  private chain = -1;
  private kernel = -1;
  private start = 0;
  private finish = 0;
  private until = 0;

  /** @param mapping the one whose every address is the same object; undefined where the next address is another one. */
  begin(faults: FaultTable, row: number, mapping: Mapping | undefined, until: number): void {
    this.pid = faults.pid[row]!;
    this.tid = faults.tid[row]!;
    this.ipGranule = faults.ipGranule[row]!;
    this.ipOffset = faults.ipOffset[row]!;
    this.chain = faults.chain[row]!;
    this.kernel = faults.flags[row]! & FaultFlag.Kernel;
    this.start = mapping?.start ?? 0;
    this.finish = mapping?.end ?? 0;
    this.until = until;
  }

  continues(faults: FaultTable, row: number): boolean {
    return this.extent(faults, row, row + 1) > row;
  }

  /** Row after the last of the faults from `first` on that belong to this run; `first` itself does. */
  endOf(faults: FaultTable, first: number): number {
    return this.extent(faults, first + 1, Math.min(faults.length, first + LONGEST_PIECE));
  }

  /** All in locals: this loop sees every fault. */
  private extent(faults: FaultTable, first: number, last: number): number {
    const { time, pid, tid, ipGranule, ipOffset, addressGranule, addressOffset, flags, chain } = faults;
    const { start, finish, until } = this;
    let row = first;
    for (; row < last; row++) {
      const address = addressGranule[row]! * GRANULE_BYTES + addressOffset[row]!;
      if (
        !(address >= start && address < finish && time[row]! < until) ||
        ipOffset[row] !== this.ipOffset ||
        ipGranule[row] !== this.ipGranule ||
        tid[row] !== this.tid ||
        pid[row] !== this.pid ||
        chain[row] !== this.chain ||
        (flags[row]! & FaultFlag.Kernel) !== this.kernel
      )
        break;
    }
    return row;
  }
}

const RUN_BITS = 6;
const RUNS = 1 << RUN_BITS;
/** Long runs are cut, so that the engine can change to compiled code between the pieces. */
const LONGEST_PIECE = 4096;
