/** Writes small perf.data files of any shape: layouts, byte orders and sample types no machine at hand produces. */

export interface EncodedEvent {
  readonly type: number;
  readonly config: number;
  readonly sampleType: number;
  readonly ids: readonly number[];
  readonly sampleIdAll?: boolean;
  readonly readFormat?: number;
}

/** SampleBit values as the kernel header names them. */
export const PERF_SAMPLE = {
  IP: 1,
  TID: 2,
  TIME: 4,
  ADDR: 8,
  READ: 16,
  CALLCHAIN: 32,
  ID: 64,
  CPU: 128,
  PERIOD: 256,
  STREAM_ID: 512,
  RAW: 1024,
  DATA_SRC: 32768,
  IDENTIFIER: 65536,
} as const;

export interface EncodedSample {
  readonly event: EncodedEvent;
  readonly id?: number;
  readonly kernel?: boolean;
  readonly pid?: number;
  readonly tid: number;
  readonly time: number;
  readonly ip: bigint | number;
  readonly address: bigint | number;
  readonly chain?: readonly (bigint | number)[];
  readonly raw?: Uint8Array;
}

export class PerfEncoder {
  private readonly parts: Uint8Array[] = [];

  constructor(
    readonly events: readonly EncodedEvent[],
    readonly littleEndian = true,
  ) {}

  sample(sample: EncodedSample): this {
    const { event, pid = 100, tid, time, ip, address, chain = [], raw = new Uint8Array() } = sample;
    const id = sample.id ?? event.ids[0] ?? 0;
    const has = (bit: number) => (event.sampleType & bit) !== 0;
    const body = this.writer();
    if (has(PERF_SAMPLE.IDENTIFIER)) body.u64(id);
    if (has(PERF_SAMPLE.IP)) body.u64(ip);
    if (has(PERF_SAMPLE.TID)) body.u32(pid).u32(tid);
    if (has(PERF_SAMPLE.TIME)) body.u64(time);
    if (has(PERF_SAMPLE.ADDR)) body.u64(address);
    if (has(PERF_SAMPLE.ID)) body.u64(id);
    if (has(PERF_SAMPLE.STREAM_ID)) body.u64(id);
    if (has(PERF_SAMPLE.CPU)) body.u32(1).u32(0);
    if (has(PERF_SAMPLE.PERIOD)) body.u64(1);
    if (has(PERF_SAMPLE.READ)) {
      body.u64(7);
      for (const bit of [1, 2, 4, 16]) if (((event.readFormat ?? 0) & bit) !== 0) body.u64(9);
    }
    if (has(PERF_SAMPLE.CALLCHAIN)) {
      body.u64(chain.length);
      for (const frame of chain) body.u64(frame);
    }
    if (has(PERF_SAMPLE.RAW)) {
      body.u32(raw.length).bytes(raw);
      body.pad(8);
    }
    if (has(PERF_SAMPLE.DATA_SRC)) body.u64(0x5080021);
    return this.record(9, body.done(), sample.kernel === true ? 1 : 2);
  }

  /** A record of the kernel other than a sample, with its sample_id. */
  life(type: number, body: (writer: Writer) => void, time: number, misc = 0): this {
    const writer = this.writer();
    body(writer);
    writer.pad(8);
    const event = this.events[0]!;
    if (event.sampleIdAll !== false) {
      const has = (bit: number) => (event.sampleType & bit) !== 0;
      if (has(PERF_SAMPLE.TID)) writer.u32(0).u32(0);
      if (has(PERF_SAMPLE.TIME)) writer.u64(time);
      if (has(PERF_SAMPLE.ID)) writer.u64(event.ids[0] ?? 0);
      if (has(PERF_SAMPLE.STREAM_ID)) writer.u64(0);
      if (has(PERF_SAMPLE.CPU)) writer.u64(0);
      if (has(PERF_SAMPLE.IDENTIFIER)) writer.u64(event.ids[0] ?? 0);
    }
    return this.record(type, writer.done(), misc);
  }

  comm(pid: number, tid: number, name: string, time: number, exec = false): this {
    return this.life(3, (writer) => writer.u32(pid).u32(tid).text(name), time, exec ? 1 << 13 : 0);
  }

  fork(pid: number, parent: number, tid: number, parentTid: number, time: number): this {
    return this.life(7, (writer) => writer.u32(pid).u32(parent).u32(tid).u32(parentTid).u64(time), time);
  }

  exit(pid: number, tid: number, time: number): this {
    return this.life(4, (writer) => writer.u32(pid).u32(pid).u32(tid).u32(tid).u64(time), time);
  }

  mmap2(pid: number, start: number, length: number, fileOffset: number, name: string, time: number): this {
    return this.life(
      10,
      (writer) =>
        writer
          .u32(pid)
          .u32(pid)
          .u64(start)
          .u64(length)
          .u64(fileOffset)
          .u32(8)
          .u32(1)
          .u64(4711)
          .u64(0)
          .u32(5)
          .u32(2)
          .text(name),
      time,
      2,
    );
  }

  record(type: number, body: Uint8Array, misc = 0): this {
    const writer = this.writer();
    writer
      .u32(type)
      .u16(misc)
      .u16(body.length + 8)
      .bytes(body);
    return this.raw(writer.done());
  }

  raw(bytes: Uint8Array): this {
    this.parts.push(bytes);
    return this;
  }

  writer(): Writer {
    return new Writer(this.littleEndian);
  }

  /** The records alone. */
  records(): Uint8Array {
    return concat(this.parts);
  }

  pipe(features: readonly { readonly feature: number; readonly bytes: Uint8Array }[] = []): Uint8Array {
    const header = this.writer();
    header.u64(MAGIC).u64(16);
    for (const event of this.events) {
      const body = this.writer().bytes(this.attribute(event));
      for (const id of event.ids) body.u64(id);
      header.bytes(new PerfEncoder([], this.littleEndian).record(64, body.done()).records());
    }
    for (const { feature, bytes } of features) {
      const body = this.writer().u64(feature).bytes(bytes).pad(8);
      header.bytes(new PerfEncoder([], this.littleEndian).record(80, body.done()).records());
    }
    return concat([header.done(), ...this.parts]);
  }

  /** @param dataSize what the header claims, where that is not the truth. */
  file(
    features: readonly { readonly feature: number; readonly bytes: Uint8Array }[] = [],
    dataSize?: number,
  ): Uint8Array {
    const records = this.records();
    const idsAt = 104;
    const ids = this.writer();
    const entries = this.writer();
    for (const event of this.events) {
      entries
        .bytes(this.attribute(event))
        .u64(idsAt + ids.length)
        .u64(event.ids.length * 8);
      for (const id of event.ids) ids.u64(id);
    }
    const attributesAt = idsAt + ids.length;
    const dataAt = attributesAt + entries.length;
    const header = this.writer();
    header
      .u64(MAGIC)
      .u64(104)
      .u64(ATTRIBUTE_BYTES + 16)
      .u64(attributesAt)
      .u64(entries.length);
    header
      .u64(dataAt)
      .u64(dataSize ?? records.length)
      .u64(0)
      .u64(0);
    header.u64(features.reduce((bits, { feature }) => bits | (1n << BigInt(feature)), 0n));
    header.u64(0).u64(0).u64(0);
    const table = this.writer();
    let at = dataAt + records.length + features.length * 16;
    for (const { bytes } of features) {
      table.u64(at).u64(bytes.length);
      at += bytes.length;
    }
    return concat([
      header.done(),
      ids.done(),
      entries.done(),
      records,
      table.done(),
      ...features.map(({ bytes }) => bytes),
    ]);
  }

  /** A feature that is one text, as HEADER_ARCH. */
  textFeature(feature: number, text: string): { readonly feature: number; readonly bytes: Uint8Array } {
    const padded = this.writer().text(text).pad(8).done();
    return { feature, bytes: this.writer().u32(padded.length).bytes(padded).done() };
  }

  private attribute(event: EncodedEvent): Uint8Array {
    const flags = new Uint8Array(8);
    if (event.sampleIdAll !== false) flags[2] = this.littleEndian ? 1 << 2 : 1 << 5;
    const writer = this.writer();
    writer.u32(event.type).u32(ATTRIBUTE_BYTES).u64(event.config).u64(1).u64(event.sampleType);
    writer.u64(event.readFormat ?? 0).bytes(flags);
    writer.bytes(new Uint8Array(ATTRIBUTE_BYTES - writer.length));
    return writer.done();
  }
}

const MAGIC = 0x32454c4946524550n;
const ATTRIBUTE_BYTES = 112;

export class Writer {
  private readonly values: number[] = [];

  constructor(private readonly littleEndian: boolean) {}

  get length(): number {
    return this.values.length;
  }

  u16(value: number): this {
    return this.integer(BigInt(value), 2);
  }

  u32(value: number): this {
    return this.integer(BigInt(value), 4);
  }

  u64(value: bigint | number): this {
    return this.integer(BigInt(value), 8);
  }

  bytes(bytes: Uint8Array): this {
    for (const byte of bytes) this.values.push(byte);
    return this;
  }

  text(text: string): this {
    return this.bytes(new TextEncoder().encode(text)).integer(0n, 1);
  }

  pad(multiple: number): this {
    while (this.values.length % multiple !== 0) this.values.push(0);
    return this;
  }

  done(): Uint8Array {
    return Uint8Array.from(this.values);
  }

  private integer(value: bigint, size: number): this {
    const bytes = Array.from({ length: size }, (_, byte) =>
      Number((BigInt.asUintN(64, value) >> BigInt(byte * 8)) & 255n),
    );
    this.values.push(...(this.littleEndian ? bytes : bytes.reverse()));
    return this;
  }
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
