/** Reads a perf.data, whole or while it is still being written, into a trace. */
import type { ByteSource } from "../base/byte-source.js";
import type { FaultTable } from "../trace/fault-table.js";
import { lifeInTimeOrder } from "../trace/life-event.js";
import { mappingTimeline } from "../trace/mapping-timeline.js";
import { processTimeline } from "../trace/process-timeline.js";
import type { RunRecord } from "../trace/run.js";
import { sortByTime } from "../trace/time-order.js";
import type { CallChains, MappingTimeline, ProcessTimeline, Trace } from "../trace/trace.js";
import { bytesAt, readFileHeader, type FileHeader } from "./file-header.js";
import { inferPageSize } from "./page-size.js";
import { RecordDecoder } from "./record-decoder.js";

export interface TraceOptions {
  readonly run?: RunRecord | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Bytes in a page, where the caller knows better than the trace. */
  readonly pageSize?: number | undefined;
}

/** What the records so far say about everything but faults. */
export interface TraceSurroundings {
  readonly mappings: MappingTimeline;
  readonly processes: ProcessTimeline;
  readonly chains: CallChains;
  readonly lost: number;
}

/** One file being read: pull() takes what is there, as often as one likes; finish() makes the trace. */
export class TraceReader {
  private readonly header: FileHeader;
  private readonly decoder: RecordDecoder;
  /** Offset in the source of the next byte to read. */
  private next: number;

  /** @throws InputError where the header can not be read. */
  constructor(
    private readonly source: ByteSource,
    private readonly options: TraceOptions = {},
  ) {
    this.header = readFileHeader(source);
    const { littleEndian, dataOffset, attributes, features } = this.header;
    this.decoder = new RecordDecoder(littleEndian, dataOffset);
    this.next = dataOffset;
    for (const { attribute, ids } of attributes) this.decoder.addEvent(attribute, ids);
    for (const { feature, offset, size } of features) {
      this.decoder.addFeature(feature, bytesAt(source, offset, size), offset);
    }
  }

  /**
   * Reads all that is there by now.
   * @throws what `signal` throws when it is aborted; the reader stays usable.
   */
  pull(): void {
    const { stream } = this.decoder;
    this.decoder.expectBytes(Math.min(this.source.size, this.dataEnd) - this.next);
    while (stream.broken === undefined) {
      this.options.signal?.throwIfAborted();
      const count = this.readInto(stream.room(), this.dataEnd - this.next);
      if (count === 0) break;
      this.next += count;
      stream.filled(count);
    }
  }

  /** Faults completed so far, in the order of their completion, from row `from` on. Views: valid until the next pull(). */
  completed(from = 0): FaultTable {
    return this.decoder.assembler.faults.view(from);
  }

  /** Everything else so far: for a trace still being recorded. */
  surroundings(): TraceSurroundings {
    const life = lifeInTimeOrder(this.decoder.life);
    return {
      mappings: mappingTimeline(life, this.decoder.features.buildIds),
      processes: processTimeline(life),
      chains: this.decoder.chains.table(),
      lost: this.decoder.lost,
    };
  }

  /** The trace, as far as it could be read. To be called once. `run` is what was not yet known when reading began. */
  finish(run = this.options.run): Trace {
    const { decoder, options } = this;
    const { features, events, problems } = decoder;
    const { faults, refused } = decoder.assembler.finish();
    decoder.finish();
    this.tellWhereItEnded();
    const arch = features.arch ?? run?.machine.arch;
    return {
      faults: sortByTime(faults),
      refused: sortByTime(refused),
      ...this.surroundings(),
      pageSize: options.pageSize ?? run?.pageSize ?? features.tracing?.pageSize ?? inferPageSize(arch, decoder.life),
      events: [...new Set(events.events.map(({ name }) => name))],
      command: features.command.length > 0 ? features.command : (run?.command ?? []),
      arch,
      run,
      problems,
    };
  }

  private get dataEnd(): number {
    const { dataOffset, dataSize } = this.header;
    return dataSize === undefined ? Infinity : dataOffset + dataSize;
  }

  /** A source that can fill our buffer saves a copy and fresh memory, which cost as much as decoding. */
  private readInto(room: Uint8Array, left: number): number {
    const target = room.subarray(0, Math.min(room.length, left));
    if (target.length === 0) return 0;
    if (this.source.readInto !== undefined) return this.source.readInto(this.next, target);
    const bytes = bytesAt(this.source, this.next, target.length);
    target.set(bytes);
    return bytes.length;
  }

  /** A file cut off in a record or a section, or never finished by its writer (killed). */
  private tellWhereItEnded(): void {
    const { stream } = this.decoder;
    if (stream.broken !== undefined) {
      this.decoder.report({ kind: "malformed", offset: stream.broken, subject: "record size" });
      return;
    }
    const { dataSize, pipe, end } = this.header;
    const short = dataSize !== undefined && this.next < this.dataEnd;
    if (!stream.complete || short || (dataSize === undefined && !pipe)) {
      this.decoder.report({ kind: "truncated", offset: stream.position });
    } else if (end > this.source.size) this.decoder.report({ kind: "truncated", offset: this.source.size });
  }
}
