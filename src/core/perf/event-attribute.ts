/** perf_event_attr: what one recorded event is and what its samples hold. */
import { InputError } from "../base/errors.js";
import { AttributeFlag } from "./constants.js";

export interface EventAttribute {
  readonly type: number;
  /** Exact for the events we know; the low 32 bits of others' configurations. */
  readonly config: number;
  /** SampleBit bits (the low 32). */
  readonly sampleType: number;
  /** ReadFormatBit bits. */
  readonly readFormat: number;
  /** Records other than samples end in a sample_id. */
  readonly sampleIdAll: boolean;
  /** A sample for each event (sample_period 1), not for some of them as perf does by default. */
  readonly everyEvent: boolean;
}

/** PERF_ATTR_SIZE_VER0: the smallest there ever was, and what a size of 0 means. */
const SMALLEST_ATTRIBUTE = 64;

/**
 * Decodes a perf_event_attr at the start of `bytes`. Fields a newer kernel added are ignored.
 * @returns the attribute and the bytes it takes.
 * @throws InputError where `bytes` are too few.
 */
export function decodeAttribute(bytes: Uint8Array, littleEndian: boolean): { attribute: EventAttribute; size: number } {
  if (bytes.length < SMALLEST_ATTRIBUTE) throw new InputError("truncated", "perf event attribute");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const low = (offset: number) => view.getUint32(offset + (littleEndian ? 0 : 4), littleEndian);
  const size = view.getUint32(4, littleEndian) || SMALLEST_ATTRIBUTE;
  if (!(size >= SMALLEST_ATTRIBUTE && size <= bytes.length)) throw new InputError("malformed", "perf event attribute");
  // The flags are a C bit-field: its first bit is the lowest of the first byte, or the highest on big-endian machines.
  const flag = (bit: number) => ((bytes[40 + (bit >> 3)]! >> (littleEndian ? bit & 7 : 7 - (bit & 7))) & 1) === 1;
  return {
    size,
    attribute: {
      type: view.getUint32(0, littleEndian),
      config: low(8),
      sampleType: low(24) >>> 0,
      readFormat: low(32) >>> 0,
      sampleIdAll: flag(AttributeFlag.SampleIdAll),
      everyEvent: !flag(AttributeFlag.Frequency) && low(16) === 1,
    },
  };
}
