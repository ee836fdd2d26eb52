/** What each record of a perf.data means, and all that the records so far have told. */
import { InputError } from "../base/errors.js";
import { MAX_TRACE_PROBLEMS } from "../base/limits.js";
import { ChainColumns } from "../trace/chain-columns.js";
import type { LifeEvent } from "../trace/life-event.js";
import type { TraceProblem } from "../trace/trace.js";
import { CompressedRecords } from "./compressed-records.js";
import { EventType, MiscBit, RECORD_HEADER_BYTES, RecordType } from "./constants.js";
import { decodeAttribute, type EventAttribute } from "./event-attribute.js";
import { EventSet } from "./event-set.js";
import { FaultAssembler } from "./fault-assembler.js";
import { decodeBuildIds, decodeFeature, noFeatures } from "./features.js";
import { idWords } from "./file-header.js";
import { decodeLifeRecord } from "./life-records.js";
import { RecordStream, type RecordSink } from "./record-stream.js";
import { SampleDecoder } from "./sample-decoder.js";

export class RecordDecoder {
  readonly events = new EventSet();
  readonly chains = new ChainColumns();
  readonly assembler: FaultAssembler;
  readonly features = noFeatures();
  /** In the order of the file. */
  readonly life: LifeEvent[] = [];
  readonly problems: TraceProblem[] = [];
  /** The records of the file. */
  readonly stream: RecordStream;
  private readonly samples: SampleDecoder;
  private readonly compressed = new CompressedRecords();
  private readonly inflated: RecordStream;
  private readonly unknownTypes = new Set<number>();
  private lostRecords = 0;
  private lostSamples = 0;

  constructor(
    private readonly littleEndian: boolean,
    dataOffset: number,
  ) {
    this.assembler = new FaultAssembler(this.events, littleEndian ? 0 : 1);
    this.samples = new SampleDecoder(this.events, this.assembler, this.chains);
    this.stream = new RecordStream(
      this.sink((...record) => this.record(...record)),
      littleEndian,
      dataOffset,
    );
    this.inflated = new RecordStream(
      this.sink((...record) => this.plainRecord(...record)),
      littleEndian,
      0,
    );
  }

  /** Records the kernel dropped. LOST records count what did not fit; perf 6.1 sums the same up in LOST_SAMPLES at the end. */
  get lost(): number {
    return Math.max(this.lostRecords, this.lostSamples);
  }

  addEvent(attribute: EventAttribute, ids: readonly number[]): void {
    this.events.add(attribute, ids);
    this.assembler.eventsChanged();
  }

  /** Adds a feature section; one that can not be read is told and passed over. */
  addFeature(feature: number, bytes: Uint8Array, offset: number): void {
    this.guarded(offset, () => decodeFeature(this.features, feature, bytes, this.littleEndian));
    for (const { attribute, name } of this.features.eventNames) {
      if (attribute.type === EventType.Tracepoint) this.events.nameTracepoint(attribute.config, name);
    }
    for (const [id, { name, fields }] of this.features.tracing?.formats ?? []) {
      this.events.nameTracepoint(id, name);
      const [address, ip] = [fields.get("address"), fields.get("ip")];
      if (!name.startsWith("exceptions:page_fault_") || address?.size !== 8 || ip?.size !== 8) continue;
      const errorCode = fields.get("error_code")?.offset;
      this.samples.entryFormat = { address: address.offset, ip: ip.offset, errorCode };
    }
    this.assembler.eventsChanged();
  }

  /** So many bytes of records will follow. */
  expectBytes(count: number): void {
    this.samples.expectedBytes = count;
  }

  report(problem: TraceProblem): void {
    if (this.problems.length < MAX_TRACE_PROBLEMS) this.problems.push(problem);
  }

  /** To be called once, after the last byte. */
  finish(): void {
    const { undecodable } = this.samples;
    const subject = `${undecodable} samples of events the file does not describe`;
    if (undecodable > 0) this.report({ kind: "unsupported", subject });
    if (!this.events.distinguishable) {
      this.report({ kind: "unsupported", subject: "several events whose samples can not be told apart" });
    }
    for (const { name, lacks } of this.events.unusable()) {
      this.report({ kind: "unsupported", subject: `${name} without ${lacks}` });
    }
    for (const event of this.events.sampled()) this.report({ kind: "sampled", event });
  }

  private sink(record: RecordSink["record"]): RecordSink {
    return { samples: (words, at, end) => this.samples.run(words, at, end), record };
  }

  private record(type: number, misc: number, bytes: Uint8Array, offset: number): void {
    switch (type) {
      case RecordType.Compressed:
      case RecordType.Compressed2:
        this.guarded(offset, () => {
          for (const piece of this.compressed.push(compressedPayload(type, bytes, this.littleEndian))) {
            this.inflated.append(piece);
          }
        });
        break;
      case RecordType.Auxtrace:
        this.note(type);
        this.stream.pass(bytes.length >= 16 ? this.u64(bytes, 8) : 0);
        break;
      case RecordType.HeaderTracingData:
        if (bytes.length >= 12) {
          const size = (this.u32(bytes, 8) + 7) & ~7;
          const wanted = this.stream.collect(size >>> 0, (data) => this.addFeature(1, data, offset));
          if (!wanted) this.report({ kind: "unsupported", subject: "tracing data this large" });
        }
        break;
      default:
        this.plainRecord(type, misc, bytes, offset);
    }
  }

  /** Records that stand for themselves: no data behind them, no records inside. */
  private plainRecord(type: number, misc: number, bytes: Uint8Array, offset: number): void {
    switch (type) {
      case RecordType.Mmap:
      case RecordType.Mmap2:
      case RecordType.Comm:
      case RecordType.Fork:
      case RecordType.Exit:
        this.guarded(offset, () => this.lifeRecord(type, misc, bytes));
        break;
      case RecordType.Lost:
        if (bytes.length >= 24) this.lostRecords += this.u64(bytes, 16);
        break;
      case RecordType.LostSamples:
        if (bytes.length >= 16 && (misc & MiscBit.LostByFilter) === 0) this.lostSamples += this.u64(bytes, 8);
        break;
      case RecordType.HeaderAttribute:
        this.guarded(offset, () => {
          const { attribute, size } = decodeAttribute(bytes.subarray(RECORD_HEADER_BYTES), this.littleEndian);
          this.addEvent(attribute, idWords(bytes.subarray(RECORD_HEADER_BYTES + size), this.littleEndian));
        });
        break;
      case RecordType.HeaderFeature:
        if (bytes.length >= 16) this.addFeature(this.u64(bytes, 8), bytes.slice(16), offset);
        break;
      case RecordType.HeaderBuildId:
        this.guarded(offset, () => decodeBuildIds(this.features, bytes, this.littleEndian));
        break;
      default:
        if (!UNINTERESTING.has(type)) this.note(type);
    }
  }

  private lifeRecord(type: number, misc: number, bytes: Uint8Array): void {
    const ownTime = type === RecordType.Fork || type === RecordType.Exit;
    const time = ownTime && bytes.length >= 32 ? this.u64(bytes, 24) : this.timeOf(bytes);
    const event = decodeLifeRecord({ type, misc, bytes, littleEndian: this.littleEndian }, time);
    if (event === undefined) return;
    this.life.push(event);
    if (event.kind === "exit") this.assembler.exit(event.tid);
  }

  /** Time of a record that is no sample: from its sample_id, else that of the sample before it. */
  private timeOf(bytes: Uint8Array): number {
    const first = this.events.events[0]?.trailer;
    if (first === undefined) return this.samples.latestTime;
    let trailer = first;
    if (this.events.events.length > 1 && first.id > 0 && first.id <= bytes.length) {
      const low = this.u32(bytes, bytes.length - first.id + (this.littleEndian ? 0 : 4));
      const high = this.u32(bytes, bytes.length - first.id + (this.littleEndian ? 4 : 0));
      trailer = this.events.events[this.events.eventOfId(low, high)]?.trailer ?? first;
    }
    const present = trailer.time > 0 && bytes.length - trailer.time >= RECORD_HEADER_BYTES;
    return present ? this.u64(bytes, bytes.length - trailer.time) : this.samples.latestTime;
  }

  private note(type: number): void {
    if (this.unknownTypes.has(type) || this.unknownTypes.size >= MAX_TRACE_PROBLEMS) return;
    this.unknownTypes.add(type);
    this.report({ kind: "unsupported", subject: `records of type ${type}` });
  }

  private guarded(offset: number, decode: () => void): void {
    try {
      decode();
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      this.report({ kind: "malformed", offset, subject: error.subject });
    }
  }

  private u32(bytes: Uint8Array, at: number): number {
    return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(at, this.littleEndian);
  }

  private u64(bytes: Uint8Array, at: number): number {
    const [low, high] = this.littleEndian ? [0, 4] : [4, 0];
    return this.u32(bytes, at + high) * 0x1_0000_0000 + this.u32(bytes, at + low);
  }
}

/** COMPRESSED is all payload; COMPRESSED2 says its size and is padded. */
function compressedPayload(type: number, bytes: Uint8Array, littleEndian: boolean): Uint8Array {
  if (type === RecordType.Compressed) return bytes.subarray(RECORD_HEADER_BYTES);
  if (bytes.length < 16) throw new InputError("malformed", "compressed records");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = view.getUint32(RECORD_HEADER_BYTES + (littleEndian ? 0 : 4), littleEndian);
  if (!(size <= bytes.length - 16)) throw new InputError("malformed", "compressed records");
  return bytes.subarray(16, 16 + size);
}

/** Records a fault trace may hold and nobody misses. */
const UNINTERESTING: ReadonlySet<number> = new Set([
  RecordType.Throttle,
  RecordType.Unthrottle,
  RecordType.Read,
  RecordType.Switch,
  RecordType.SwitchCpuWide,
  RecordType.Namespaces,
  RecordType.Ksymbol,
  RecordType.BpfEvent,
  RecordType.Cgroup,
  RecordType.TextPoke,
  RecordType.HeaderEventType,
  RecordType.FinishedRound,
  RecordType.IdIndex,
  RecordType.ThreadMap,
  RecordType.CpuMap,
  RecordType.StatConfig,
  RecordType.Stat,
  RecordType.StatRound,
  RecordType.EventUpdate,
  RecordType.TimeConversion,
  RecordType.FinishedInit,
]);
