/** perf_event_attr as we ask the kernel for it, and its bytes (linux/perf_event.h). */

/** PERF_TYPE_*: who counts. */
export const EventType = { Software: 1, Tracepoint: 2 } as const;

/** PERF_COUNT_SW_*: config of a software event. */
export const SoftwareEvent = { PageFaults: 2, MinorFaults: 5, MajorFaults: 6, Dummy: 9 } as const;

/** PERF_SAMPLE_*: what each sample carries. */
export const SampleBit = {
  Ip: 1,
  Tid: 2,
  Time: 4,
  Address: 8,
  Callchain: 32,
  Cpu: 128,
  Raw: 1024,
  Identifier: 0x1_0000,
} as const;

/** PERF_FORMAT_LOST (kernel 6.0): read(2) gives the count, then the samples that found no room. */
export const READ_FORMAT_LOST = 16;

/** Bit numbers of the flags after read_format, in the header's order. */
const FLAG_BIT = {
  disabled: 0,
  inherit: 1,
  excludeKernel: 5,
  excludeHypervisor: 6,
  mmap: 8,
  comm: 9,
  enableOnExec: 12,
  task: 13,
  watermark: 14,
  mmapData: 17,
  sampleIdAll: 18,
  excludeCallchainKernel: 21,
  mmap2: 23,
  commExec: 24,
  useClockId: 25,
  buildId: 34,
} as const;

export type AttributeFlag = keyof typeof FLAG_BIT;

export interface EventAttribute {
  readonly type: number;
  readonly config: number;
  /** SampleBit bits. */
  readonly sampleType: number;
  readonly readFormat: number;
  readonly flags: readonly AttributeFlag[];
  /** Bytes in the ring that wake a poll; with the flag `watermark`. */
  readonly wakeupWatermark: number;
  /** CLOCK_*, with the flag `useClockId`. */
  readonly clockId: number;
}

/** PERF_ATTR_SIZE_VER6: all we use, and known to every kernel since 5.5. */
export const ATTRIBUTE_BYTES = 120;
const SAMPLE_EVERY_EVENT = 1;
const OFFSET = { size: 4, config: 8, period: 16, sampleType: 24, readFormat: 32, flags: 40, wakeup: 48, clockId: 92 };

/** Little-endian, as every machine the recorder runs on is. */
export function encodeAttribute(attribute: EventAttribute): Uint8Array {
  const bytes = new Uint8Array(ATTRIBUTE_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, attribute.type, true);
  view.setUint32(OFFSET.size, ATTRIBUTE_BYTES, true);
  view.setUint32(OFFSET.config, attribute.config, true);
  view.setUint32(OFFSET.period, SAMPLE_EVERY_EVENT, true);
  view.setUint32(OFFSET.sampleType, attribute.sampleType, true);
  view.setUint32(OFFSET.readFormat, attribute.readFormat, true);
  for (const flag of attribute.flags) {
    const bit = FLAG_BIT[flag];
    const byte = OFFSET.flags + (bit >> 3);
    bytes[byte] = bytes[byte]! | (1 << (bit & 7));
  }
  view.setUint32(OFFSET.wakeup, attribute.wakeupWatermark, true);
  view.setInt32(OFFSET.clockId, attribute.clockId, true);
  return bytes;
}
