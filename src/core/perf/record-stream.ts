/** Cuts a stream of bytes into perf records, however the bytes arrive. */
import { MAX_RECORD_PAYLOAD_BYTES } from "../base/limits.js";
import { RECORD_HEADER_BYTES, RecordType } from "./constants.js";

/** What the stream hands its records to. */
export interface RecordSink {
  /** Samples from word `at` on; returns the word of the first record it did not take (see SampleDecoder.run). */
  samples(words: Uint32Array, at: number, end: number): number;
  /** Any other record, header included. The bytes are valid during the call only. */
  record(type: number, misc: number, bytes: Uint8Array, offset: number): void;
}

/** Small enough to stay in the second-level cache between the copy from the kernel and the decoder. */
const BLOCK_BYTES = 1 << 20;
/** A record's size is 16 bits. */
const MAX_RECORD_BYTES = 1 << 16;

export class RecordStream {
  /** Offset of the first record that makes no sense; nothing after it is read. */
  broken: number | undefined;
  private readonly bytes = new Uint8Array(BLOCK_BYTES + MAX_RECORD_BYTES);
  private readonly words = new Uint32Array(this.bytes.buffer);
  private readonly view = new DataView(this.bytes.buffer);
  /** A single sample in the machine's own order, where the decoder can not take it from the stream. */
  private readonly scratch = new Uint8Array(MAX_RECORD_BYTES);
  private readonly scratchWords = new Uint32Array(this.scratch.buffer);
  private start = 0;
  private end = 0;
  /** Bytes to pass over before the next record, or to collect. */
  private pending = 0;
  private collected: Uint8Array[] | undefined;
  private whenCollected: ((bytes: Uint8Array) => void) | undefined;

  /** @param offset offset of the first byte, for messages. */
  constructor(
    private readonly sink: RecordSink,
    private readonly littleEndian: boolean,
    private offset: number,
  ) {}

  /** Offset of the next byte that is not part of a whole record yet. */
  get position(): number {
    return this.offset + this.start;
  }

  /** True between two records. */
  get complete(): boolean {
    return this.start === this.end && this.pending === 0;
  }

  /** Where to put the next bytes; never empty. */
  room(): Uint8Array {
    if (this.start > 0) {
      // Keeps records on 8-byte boundaries as long as their sizes do.
      const aligned = this.start & ~7;
      this.bytes.copyWithin(0, aligned, this.end);
      this.offset += aligned;
      this.end -= aligned;
      this.start -= aligned;
    }
    return this.bytes.subarray(this.end);
  }

  /** `count` bytes were put into room(). */
  filled(count: number): void {
    this.end += count;
    if (this.broken === undefined) this.consume();
    else this.start = this.end;
  }

  append(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      const room = this.room();
      const count = Math.min(room.length, bytes.length - at);
      room.set(bytes.subarray(at, at + count));
      this.filled(count);
      at += count;
    }
  }

  /** The next `count` bytes are no records: data behind the record being delivered. */
  pass(count: number): void {
    this.pending = count;
  }

  /** As pass, but `then` gets the bytes. Too many are passed over only. */
  collect(count: number, then: (bytes: Uint8Array) => void): boolean {
    this.pending = count;
    if (count > MAX_RECORD_PAYLOAD_BYTES) return false;
    this.collected = [];
    this.whenCollected = then;
    return true;
  }

  private consume(): void {
    const { sink, view, littleEndian } = this;
    while (this.broken === undefined) {
      if (this.pending > 0 && !this.passPending()) return;
      if (littleEndian && (this.start & 3) === 0) {
        this.start = sink.samples(this.words, this.start >>> 2, this.end >>> 2) * 4;
      }
      if (this.end - this.start < RECORD_HEADER_BYTES) return;
      const size = view.getUint16(this.start + 6, littleEndian);
      if (size < RECORD_HEADER_BYTES) {
        this.broken = this.position;
        this.start = this.end;
        return;
      }
      if (size > this.end - this.start) return;
      const type = view.getUint32(this.start, littleEndian);
      const { position } = this;
      const at = this.start;
      this.start += size;
      if (type === RecordType.Sample) this.singleSample(at, size);
      else {
        const misc = view.getUint16(at + 4, littleEndian);
        sink.record(type, misc, this.bytes.subarray(at, at + size), position);
      }
    }
  }

  private passPending(): boolean {
    const count = Math.min(this.pending, this.end - this.start);
    this.collected?.push(this.bytes.slice(this.start, this.start + count));
    this.start += count;
    this.pending -= count;
    if (this.pending > 0) return false;
    const { collected, whenCollected } = this;
    this.collected = this.whenCollected = undefined;
    if (collected !== undefined) whenCollected?.(joined(collected));
    return true;
  }

  /**
   * A sample that is not aligned, or of the other byte order: as 64-bit values in our order. Two 32-bit values in one
   * 64-bit value change places on the way, which is why FaultAssembler asks which one is the pid.
   */
  private singleSample(at: number, size: number): void {
    const { scratch, scratchWords, bytes } = this;
    const whole = size & ~7;
    if (this.littleEndian) scratch.set(bytes.subarray(at, at + whole));
    else for (let byte = 0; byte < whole; byte++) scratch[byte ^ 7] = bytes[at + byte]!;
    scratchWords[0] = RecordType.Sample;
    scratchWords[1] = (whole << 16) | this.view.getUint16(at + 4, this.littleEndian);
    this.sink.samples(scratchWords, 0, whole >>> 2);
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
