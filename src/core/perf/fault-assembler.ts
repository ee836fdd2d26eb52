/**
 * Makes one fault of its records: the tracepoint, the begin and the end of the same thread, instruction and address. One
 * class, since the hot loop and all of its state are what is read together.
 */
import { MAX_EXPECTED_FAULTS } from "../base/limits.js";
import { FaultFlag, NO_CHAIN } from "../trace/fault-table.js";
import { FaultColumns } from "../trace/fault-columns.js";
import { MiscBit } from "./constants.js";
import { EventField, Role, type EventSet } from "./event-set.js";
import { matchStrays, TAKEN_BACK, type AssembledFaults } from "./stray-matching.js";
import { KEY_WORDS, NOTHING, ThreadSlots } from "./thread-slots.js";

const ACCESS = FaultFlag.Read | FaultFlag.Write | FaultFlag.Execute;
/** Faults inside faults of one thread; the kernel's own go two deep. */
const MAX_NESTED_FAULTS = 8;
/** Room beyond what is expected, so that the hot loop, which makes room for a slice ahead, copies nothing at the end. */
const SPARE_ROWS = 4096;

/**
 * Records of one thread need not come in time order (it may have moved between cpus, whose rings are drained one after
 * the other), so what finds no partner is kept and matched in finish(). A sample is named by the index of its first word
 * and the base of its event in EventSet.fields: small integers, so that no call allocates.
 */
export class FaultAssembler {
  /** Completed faults, in the order of their completion. */
  readonly faults = new FaultColumns();
  readonly threads = new ThreadSlots();
  private readonly strayBegins = new FaultColumns();
  /** Rows of faults that are an end whose begin has not been seen. */
  private readonly strayEnds: number[] = [];
  /** Rows of strayBegins that a nested fault has set aside, by slot. */
  private readonly setAside = new Map<number, number[]>();
  private beginsRecorded = false;
  private entriesRecorded = false;
  private minorRecorded = false;
  private majorRecorded = false;

  /** @param pidWord 0 where a pid comes before its tid in the words of a sample, 1 where it comes after (big-endian files). */
  constructor(
    private readonly events: EventSet,
    private readonly pidWord: number,
  ) {}

  /** Makes room for as many faults as so many bytes of samples can hold, so that columns need not be copied as they grow. */
  expectBytes(count: number): void {
    const perFault = this.events.bytesPerFault();
    if (perFault === 0) return;
    const expected = Math.min(Math.ceil(count / perFault), MAX_EXPECTED_FAULTS);
    this.faults.reserve(this.faults.length + expected + SPARE_ROWS);
  }

  /** To be called whenever the set of events changed. */
  eventsChanged(): void {
    this.beginsRecorded = this.events.has(Role.Begin);
    this.entriesRecorded = this.events.has(Role.UserEntry) || this.events.has(Role.KernelEntry);
    this.minorRecorded = this.events.has(Role.MinorEnd);
    this.majorRecorded = this.events.has(Role.MajorEnd);
  }

  /** True while some thread has a fault inside a fault. */
  get nesting(): boolean {
    return this.setAside.size > 0;
  }

  /** A begin waits for its end, or is the fault itself where ends were not recorded. */
  begin(words: Uint32Array, at: number, base: number, chain: number): void {
    const ipAt = at + this.events.fields[base + EventField.Ip]!;
    const addressAt = at + this.events.fields[base + EventField.Address]!;
    this.start(words, at, base, ipAt, addressAt, modeFlags(words, at, ipAt, addressAt), chain);
  }

  /**
   * The tracepoint comes before the begin and knows the access. Without a begin it is a copy the kernel made with page
   * faults disabled: no fault. Where begins were not recorded it stands in for them.
   */
  entry(words: Uint32Array, at: number, base: number, ipAt: number, addressAt: number, flags: number, chain: number) {
    if (!this.beginsRecorded) return this.start(words, at, base, ipAt, addressAt, flags, chain);
    const { threads } = this;
    const slot = this.slotOf(words, at, base);
    setKey(threads.entryKey, slot, words, ipAt, addressAt);
    threads.entryFlags[slot] = flags & ACCESS;
  }

  /** An end completes the begin of the same thread, instruction and address. */
  end(words: Uint32Array, at: number, base: number, major: number, chain: number): void {
    const ipAt = at + this.events.fields[base + EventField.Ip]!;
    const addressAt = at + this.events.fields[base + EventField.Address]!;
    const flags = modeFlags(words, at, ipAt, addressAt) | major;
    const { threads, faults } = this;
    const slot = this.slotOf(words, at, base);
    if (threads.beginFlags[slot]! < 0 || !isKey(threads.beginKey, slot, words, ipAt, addressAt)) {
      if (!this.uncover(slot, words, ipAt, addressAt)) {
        if (this.beginsRecorded || this.entriesRecorded) this.strayEnds.push(faults.length);
        this.append(faults, words, at, base, ipAt, addressAt, flags, chain);
        return;
      }
    }
    const row = faults.length;
    const access = threads.beginFlags[slot]! & ACCESS;
    const beginChain = threads.beginChain[slot]!;
    this.append(faults, words, at, base, ipAt, addressAt, flags | access, beginChain === NO_CHAIN ? chain : beginChain);
    const began = threads.beginTime[slot]!;
    faults.duration[row] = faults.time[row]! - began;
    faults.time[row] = began;
    threads.beginFlags[slot] = NOTHING;
    if (this.setAside.size > 0) this.resume(slot);
  }

  /** The thread is gone: what it began is never completed. */
  exit(tid: number): void {
    const slot = this.threads.find(tid);
    if (slot >= 0) this.abandon(slot);
  }

  /** Matches what is left. A begin that is the last record of its thread was under way: neither completed nor refused. */
  finish(): AssembledFaults {
    const underWay = new Set<number>();
    for (const rows of this.setAside.values()) for (const row of rows) underWay.add(row);
    for (let slot = 0; slot < this.threads.length; slot++) {
      if (this.threads.beginFlags[slot]! < 0) continue;
      underWay.add(this.strayBegins.length);
      this.abandon(slot);
    }
    const endsComplete = this.minorRecorded && this.majorRecorded;
    return matchStrays(this.faults, this.strayEnds, this.strayBegins, underWay, endsComplete);
  }

  private start(
    words: Uint32Array,
    at: number,
    base: number,
    ipAt: number,
    addressAt: number,
    mode: number,
    chain: number,
  ): void {
    const { threads } = this;
    const slot = this.slotOf(words, at, base);
    let flags = mode;
    if (threads.entryFlags[slot]! >= 0) {
      if (isKey(threads.entryKey, slot, words, ipAt, addressAt)) flags = (mode & ~ACCESS) | threads.entryFlags[slot]!;
      threads.entryFlags[slot] = NOTHING;
    }
    if (!this.minorRecorded && !this.majorRecorded) {
      this.append(this.faults, words, at, base, ipAt, addressAt, flags | FaultFlag.KindUnknown, chain);
      return;
    }
    // User code runs only when no fault of its thread is being handled; the kernel's own faults may nest.
    if (threads.beginFlags[slot]! >= 0 || this.setAside.size > 0) {
      if ((mode & FaultFlag.Kernel) !== 0) this.suspend(slot);
      else this.abandon(slot);
    }
    const fields = this.events.fields;
    const timeAt = at + fields[base + EventField.Time]!;
    setKey(threads.beginKey, slot, words, ipAt, addressAt);
    threads.beginTime[slot] = words[timeAt + 1]! * 0x1_0000_0000 + words[timeAt]!;
    threads.beginPid[slot] = words[at + fields[base + EventField.Tid]! + this.pidWord]!;
    threads.beginChain[slot] = chain;
    threads.beginFlags[slot] = flags;
  }

  private slotOf(words: Uint32Array, at: number, base: number): number {
    return this.threads.of(words[at + this.events.fields[base + EventField.Tid]! + 1 - this.pidWord]! | 0);
  }

  private append(
    to: FaultColumns,
    words: Uint32Array,
    at: number,
    base: number,
    ipAt: number,
    addressAt: number,
    flags: number,
    chain: number,
  ): void {
    if (to.length === to.capacity) to.grow();
    const fields = this.events.fields;
    const tidAt = at + fields[base + EventField.Tid]!;
    const timeAt = at + fields[base + EventField.Time]!;
    const row = to.length++;
    to.time[row] = words[timeAt + 1]! * 0x1_0000_0000 + words[timeAt]!;
    to.pid[row] = words[tidAt + this.pidWord]!;
    to.tid[row] = words[tidAt + 1 - this.pidWord]!;
    const ipLow = words[ipAt]!;
    to.ipGranule[row] = words[ipAt + 1]! * 0x10_0000 + (ipLow >>> 12);
    to.ipOffset[row] = ipLow & 0xfff;
    const addressLow = words[addressAt]!;
    to.addressGranule[row] = words[addressAt + 1]! * 0x10_0000 + (addressLow >>> 12);
    to.addressOffset[row] = addressLow & 0xfff;
    to.flags[row] = flags;
    to.duration[row] = NaN;
    to.chain[row] = chain;
  }

  /** The begin of this slot, if any, and those it was nested in, find no end any more. */
  private abandon(slot: number): void {
    this.putAside(slot);
    this.setAside.delete(slot);
  }

  /** A fault inside a fault: the outer one waits. */
  private suspend(slot: number): void {
    const row = this.putAside(slot);
    if (row < 0) return;
    const rows = this.setAside.get(slot) ?? [];
    if (rows.push(row) > MAX_NESTED_FAULTS) rows.shift();
    this.setAside.set(slot, rows);
  }

  /** Moves the begin of a slot to the strays; its row there, or -1 where nothing is under way. */
  private putAside(slot: number): number {
    const { threads, strayBegins } = this;
    const flags = threads.beginFlags[slot]!;
    if (flags < 0) return -1;
    if (strayBegins.length === strayBegins.capacity) strayBegins.grow();
    const row = strayBegins.length++;
    const [ipLow, ipHigh, addressLow, addressHigh] = threads.beginKey.subarray(slot * KEY_WORDS) as unknown as Key;
    strayBegins.time[row] = threads.beginTime[slot]!;
    strayBegins.pid[row] = threads.beginPid[slot]!;
    strayBegins.tid[row] = threads.tid[slot]!;
    strayBegins.ipGranule[row] = ipHigh * 0x10_0000 + (ipLow >>> 12);
    strayBegins.ipOffset[row] = ipLow & 0xfff;
    strayBegins.addressGranule[row] = addressHigh * 0x10_0000 + (addressLow >>> 12);
    strayBegins.addressOffset[row] = addressLow & 0xfff;
    strayBegins.flags[row] = flags;
    strayBegins.duration[row] = NaN;
    strayBegins.chain[row] = threads.beginChain[slot]!;
    threads.beginFlags[slot] = NOTHING;
    return row;
  }

  /** The inner fault is done: the outer one goes on. */
  private resume(slot: number): void {
    const rows = this.setAside.get(slot);
    const row = rows?.pop();
    if (rows === undefined || row === undefined) return;
    if (rows.length === 0) this.setAside.delete(slot);
    this.takeBack(slot, row);
  }

  /** Brings back the set-aside begin this end belongs to; inner ones never end. */
  private uncover(slot: number, words: Uint32Array, ipAt: number, addressAt: number): boolean {
    const rows = this.setAside.get(slot);
    if (rows === undefined) return false;
    for (let depth = rows.length - 1; depth >= 0; depth--) {
      const row = rows[depth]!;
      if (!isRow(this.strayBegins, row, words, ipAt, addressAt)) continue;
      this.putAside(slot);
      rows.length = depth;
      if (depth === 0) this.setAside.delete(slot);
      this.takeBack(slot, row);
      return true;
    }
    return false;
  }

  private takeBack(slot: number, row: number): void {
    const { threads, strayBegins } = this;
    const ip = strayBegins.ipGranule[row]!;
    const address = strayBegins.addressGranule[row]!;
    const key = slot * KEY_WORDS;
    threads.beginKey[key] = ((ip % 0x10_0000) << 12) | strayBegins.ipOffset[row]!;
    threads.beginKey[key + 1] = Math.floor(ip / 0x10_0000);
    threads.beginKey[key + 2] = ((address % 0x10_0000) << 12) | strayBegins.addressOffset[row]!;
    threads.beginKey[key + 3] = Math.floor(address / 0x10_0000);
    threads.beginTime[slot] = strayBegins.time[row]!;
    threads.beginPid[slot] = strayBegins.pid[row]!;
    threads.beginChain[slot] = strayBegins.chain[row]!;
    threads.beginFlags[slot] = strayBegins.flags[row]!;
    strayBegins.time[row] = TAKEN_BACK;
  }
}

type Key = readonly [ipLow: number, ipHigh: number, addressLow: number, addressHigh: number];

/** Mode, and execution where the instruction itself was missing. */
function modeFlags(words: Uint32Array, at: number, ipAt: number, addressAt: number): number {
  if ((words[at + 1]! & MiscBit.CpuModeMask) === MiscBit.Kernel) return FaultFlag.Kernel;
  return words[ipAt] === words[addressAt] && words[ipAt + 1] === words[addressAt + 1] ? FaultFlag.Execute : 0;
}

function isKey(keys: Uint32Array, slot: number, words: Uint32Array, ipAt: number, addressAt: number): boolean {
  const key = slot * KEY_WORDS;
  return (
    keys[key + 2] === words[addressAt] &&
    keys[key] === words[ipAt] &&
    keys[key + 1] === words[ipAt + 1] &&
    keys[key + 3] === words[addressAt + 1]
  );
}

function setKey(keys: Uint32Array, slot: number, words: Uint32Array, ipAt: number, addressAt: number): void {
  const key = slot * KEY_WORDS;
  keys[key] = words[ipAt]!;
  keys[key + 1] = words[ipAt + 1]!;
  keys[key + 2] = words[addressAt]!;
  keys[key + 3] = words[addressAt + 1]!;
}

function isRow(begins: FaultColumns, row: number, words: Uint32Array, ipAt: number, addressAt: number): boolean {
  const ipLow = words[ipAt]!;
  const addressLow = words[addressAt]!;
  return (
    begins.ipGranule[row] === words[ipAt + 1]! * 0x10_0000 + (ipLow >>> 12) &&
    begins.ipOffset[row] === (ipLow & 0xfff) &&
    begins.addressGranule[row] === words[addressAt + 1]! * 0x10_0000 + (addressLow >>> 12) &&
    begins.addressOffset[row] === (addressLow & 0xfff)
  );
}
