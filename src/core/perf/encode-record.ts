/** The building block of perf.data: a record is a header (type, misc, size) and a body padded to 8 bytes. */

/** PERF_RECORD_*: the kernel's types below 64, perf's own from 64 on (perf/util/event.h). */
export const RecordType = {
  Comm: 3,
  Fork: 7,
  Mmap: 1,
  Mmap2: 10,
  HeaderAttribute: 64,
  HeaderTracingData: 66,
  HeaderBuildId: 67,
  FinishedRound: 68,
  EventUpdate: 78,
  HeaderFeature: 80,
} as const;

/** PERF_RECORD_MISC_*. */
export const RecordMisc = { Kernel: 1, User: 2, MmapData: 0x2000, CommExec: 0x2000, MmapBuildId: 0x4000 } as const;

const HEADER_BYTES = 8;
const ALIGNMENT = 8;
/** The header's size field has 16 bits. */
export const MAX_RECORD_BYTES = 0xffff - 7;
const encoder = new TextEncoder();

/** Little-endian fields one after the other. */
export class RecordWriter {
  private bytes = new Uint8Array(256);
  private length = HEADER_BYTES;

  u8(value: number): this {
    this.reserve(1);
    this.bytes[this.length - 1] = value;
    return this;
  }

  u32(value: number): this {
    const at = this.reserve(4);
    new DataView(this.bytes.buffer).setUint32(at, value, true);
    return this;
  }

  /** `value` is an integer below 2^53. */
  u64(value: number): this {
    return this.u32(value % 2 ** 32).u32(Math.floor(value / 2 ** 32));
  }

  u64Exact(value: bigint): this {
    const at = this.reserve(8);
    new DataView(this.bytes.buffer).setBigUint64(at, value, true);
    return this;
  }

  raw(bytes: Uint8Array): this {
    const at = this.reserve(bytes.length);
    this.bytes.set(bytes, at);
    return this;
  }

  /** With its final zero, padded with zeros to a multiple of 8, as names are at the end of a record. */
  paddedString(text: string, longest: number): this {
    const bytes = encoder.encode(text).subarray(0, longest);
    return this.raw(bytes).zeros(ALIGNMENT - (bytes.length % ALIGNMENT));
  }

  zeros(count: number): this {
    this.reserve(count);
    return this;
  }

  /** What was written so far without a header, padded to 8: the payload that follows a tracing data record. */
  payload(): Uint8Array {
    this.zeros((ALIGNMENT - (this.length % ALIGNMENT)) % ALIGNMENT);
    return this.bytes.slice(HEADER_BYTES, this.length);
  }

  /** The whole record; `trailer` zeros at its end stand for an empty sample_id. */
  finish(type: number, misc = 0, trailer = 0): Uint8Array {
    this.zeros((ALIGNMENT - (this.length % ALIGNMENT)) % ALIGNMENT).zeros(trailer);
    return this.finishUnpadded(type, misc);
  }

  /** Tracing data records are 12 bytes long, alone among all. */
  finishUnpadded(type: number, misc = 0): Uint8Array {
    if (this.length > MAX_RECORD_BYTES) throw new RangeError(`a perf record of ${String(this.length)} bytes`);
    const view = new DataView(this.bytes.buffer);
    view.setUint32(0, type, true);
    view.setUint16(4, misc, true);
    view.setUint16(6, this.length, true);
    return this.bytes.slice(0, this.length);
  }

  private reserve(count: number): number {
    const at = this.length;
    this.length += count;
    if (this.length > this.bytes.length) {
      const larger = new Uint8Array(2 * this.length);
      larger.set(this.bytes);
      this.bytes = larger;
    }
    return at;
  }
}
