/** Samples to faults: pairs of begin and end by a loop of their own, everything else one by one. */
import type { ChainColumns } from "../trace/chain-columns.js";
import { FaultFlag, NO_CHAIN } from "../trace/fault-table.js";
import {
  CHAIN_CONTEXT_FIRST_LOW,
  CHAIN_CONTEXT_USER_LOW,
  FaultErrorBit,
  MiscBit,
  ReadFormatBit,
  RecordType,
  SampleBit,
} from "./constants.js";
import { EVENT_STRIDE, EventField, Role, type EventSet } from "./event-set.js";
import type { FaultAssembler } from "./fault-assembler.js";
import { appendPairs } from "./pair-loop.js";

/** Where exceptions:page_fault_* keep their fields: bytes from the start of the raw data. */
export interface EntryFormat {
  readonly address: number;
  readonly ip: number;
  readonly errorCode: number | undefined;
}

/**
 * The hot loop works in slices, short ones first: the engine has then seen all of the function when it compiles it, and
 * can change to the compiled one at the next call.
 */
const FIRST_SLICE = 1 << 8;
const LONGEST_SLICE = 1 << 13;
const FAR = 0x1_0000_0000;

export class SampleDecoder {
  /** Latest time seen: what records without a time of their own get. */
  latestTime = 0;
  /** Bytes of records still to come, where known: room is made for them when the first sample tells what they are. */
  expectedBytes = 0;
  /** Samples of events nobody declared, or too short for their event. */
  undecodable = 0;
  entryFormat: EntryFormat = { address: 8, ip: 16, errorCode: 24 };
  private frames = new Uint32Array(256);
  /** Word of the raw data of the sample readTail saw last, -1 without. */
  private rawAt = -1;
  private rawWords = 0;
  private sliceWords = FIRST_SLICE;

  constructor(
    private readonly events: EventSet,
    private readonly assembler: FaultAssembler,
    private readonly chains: ChainColumns,
  ) {}

  /**
   * Decodes the samples that lie one after the other from word `at` on.
   * @returns the word of the first record that is no sample, not whole before word `end`, or not a multiple of 8 bytes.
   */
  run(words: Uint32Array, at: number, end: number): number {
    if (this.expectedBytes > 0 && words[at] === RecordType.Sample) {
      this.assembler.expectBytes(this.expectedBytes);
      this.expectedBytes = 0;
    }
    for (;;) {
      if (this.events.pairLayout !== undefined) {
        const slice = at + this.sliceWords;
        const paired = this.pairs(words, at, Math.min(slice, end));
        if (paired > at && slice < end) {
          this.sliceWords = Math.min(this.sliceWords + FIRST_SLICE, LONGEST_SLICE);
          at = paired;
          continue;
        }
        at = paired;
      }
      const next = this.single(words, at, end);
      if (next === at) return next;
      at = next;
    }
  }

  private pairs(words: Uint32Array, at: number, end: number): number {
    const { assembler, events } = this;
    const { faults } = assembler;
    if (assembler.nesting) return at;
    const before = faults.length;
    const next = appendPairs(words, at, end, events.pairLayout!, events, assembler.threads, faults);
    const last = faults.length - 1;
    if (last >= before) this.latestTime = faults.time[last]! + faults.duration[last]!;
    return next;
  }

  /** Decodes the sample at word `at`, if there is one; the word behind it. */
  private single(words: Uint32Array, at: number, end: number): number {
    const { events, assembler } = this;
    const { fields, idWord } = events;
    if (at + 2 > end || words[at] !== RecordType.Sample) return at;
    const bytes = words[at + 1]! >>> 16;
    const next = at + (bytes >>> 2);
    if ((bytes & 7) !== 0 || bytes === 0 || next > end) return at;
    const known = idWord < 0 || (at + idWord + 2 <= next && events.distinguishable);
    const event = idWord < 0 ? 0 : known ? events.eventOfId(words[at + idWord]!, words[at + idWord + 1]!) : -1;
    const base = event * EVENT_STRIDE;
    if (event < 0 || events.events.length === 0 || at + fields[base + EventField.Tail]! > next) {
      this.undecodable++;
      return next;
    }
    const role = fields[base + EventField.Role]!;
    if (role === Role.None) return next;
    const chain = fields[base + EventField.HasTail] === 0 ? NO_CHAIN : this.readTail(words, at, next, event);
    if (role === Role.Begin) assembler.begin(words, at, base, chain);
    else if (role === Role.MinorEnd) assembler.end(words, at, base, 0, chain);
    else if (role === Role.MajorEnd) assembler.end(words, at, base, FaultFlag.Major, chain);
    else this.entry(words, at, base, role, chain);
    const timeAt = at + fields[base + EventField.Time]!;
    this.latestTime = words[timeAt + 1]! * FAR + words[timeAt]!;
    return next;
  }

  private entry(words: Uint32Array, at: number, base: number, role: number, chain: number): void {
    const { address, ip, errorCode } = this.entryFormat;
    if (this.rawAt < 0 || Math.max(address, ip) + 8 > this.rawWords * 4) return;
    const mode = role === Role.KernelEntry ? FaultFlag.Kernel : 0;
    let access = 0;
    if (errorCode !== undefined && errorCode + 4 <= this.rawWords * 4) {
      const error = words[this.rawAt + (errorCode >>> 2)]!;
      if ((error & FaultErrorBit.InstructionFetch) !== 0) access = FaultFlag.Execute;
      else access = (error & FaultErrorBit.Write) !== 0 ? FaultFlag.Write : FaultFlag.Read;
    }
    this.assembler.entry(words, at, base, this.rawAt + (ip >>> 2), this.rawAt + (address >>> 2), mode | access, chain);
  }

  /** Call chain and raw data of a sample. What follows them (branches, registers, stack) nobody needs. */
  private readTail(words: Uint32Array, at: number, next: number, event: number): number {
    const { sampleType, readFormat } = this.events.events[event]!.attribute;
    let tail = at + this.events.fields[event * EVENT_STRIDE + EventField.Tail]!;
    let chain = NO_CHAIN;
    this.rawAt = -1;
    if ((sampleType & SampleBit.Read) !== 0) tail += readWords(readFormat, words, tail, next);
    if ((sampleType & SampleBit.Callchain) !== 0) {
      if (tail + 2 > next) return NO_CHAIN;
      const count = words[tail]!;
      tail += 2;
      if (!(count <= (next - tail) >>> 1)) return NO_CHAIN;
      chain = this.userFrames(words, at, tail, count);
      tail += count * 2;
    }
    if ((sampleType & SampleBit.Raw) !== 0 && tail < next) {
      this.rawWords = Math.min(words[tail]! >>> 2, next - tail - 1);
      this.rawAt = tail + 1;
    }
    return chain;
  }

  /** The user-space part of a chain, innermost first. Markers say what the frames after them are. */
  private userFrames(words: Uint32Array, at: number, from: number, count: number): number {
    if (this.frames.length < count * 2) this.frames = new Uint32Array(count * 4);
    const { frames } = this;
    let user = (words[at + 1]! & MiscBit.CpuModeMask) === MiscBit.User;
    let kept = 0;
    for (let frame = 0; frame < count; frame++) {
      const low = words[from + frame * 2]!;
      const high = words[from + frame * 2 + 1]!;
      if (high === 0xffff_ffff && low >= CHAIN_CONTEXT_FIRST_LOW) user = low === CHAIN_CONTEXT_USER_LOW;
      else if (user && (low | high) !== 0) {
        // A return address of zero ends a chain of frame pointers; nobody called from there.
        frames[kept * 2] = low;
        frames[kept * 2 + 1] = high;
        kept++;
      }
    }
    return this.chains.intern(frames, kept);
  }
}

/** Words of a sample's READ field. */
function readWords(format: number, words: Uint32Array, at: number, next: number): number {
  const has = (bit: number) => ((format & bit) !== 0 ? 1 : 0);
  const times = has(ReadFormatBit.TimeEnabled) + has(ReadFormatBit.TimeRunning);
  const each = 1 + has(ReadFormatBit.Id) + has(ReadFormatBit.Lost);
  if (has(ReadFormatBit.Group) === 0) return (times + each) * 2;
  const members = at < next ? words[at]! : 0;
  return (1 + times + members * each) * 2;
}
