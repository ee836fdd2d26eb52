/** The tracing data of a perf.data file: formats of the tracepoints it holds, as trace-cmd and perf write them. */
import { cStringAt } from "../base/c-string.js";
import { InputError } from "../base/errors.js";

export interface TracingData {
  /** Page size of the machine that was traced. */
  readonly pageSize: number;
  /** Name as "system:event" and format text of each tracepoint, by its id (the attribute's config). */
  readonly formats: ReadonlyMap<number, TracepointFormat>;
}

export interface TracepointFormat {
  readonly name: string;
  /** Offset and size of each field in the raw data, bytes. */
  readonly fields: ReadonlyMap<string, { readonly offset: number; readonly size: number }>;
}

const MAGIC = "\u0017\bDtracing";

/**
 * Layout: magic, version, byte order, size of long, page size, header_page, header_event, ftrace formats, systems
 * (tools/perf/util/trace-event-read.c).
 * @throws InputError where the data ends early or is something else.
 */
export function decodeTracingData(bytes: Uint8Array): TracingData {
  const reader = new TracingReader(bytes);
  if (reader.latin(MAGIC.length) !== MAGIC) throw new InputError("malformed", "tracing data");
  reader.text();
  reader.littleEndian = reader.u8() === 0;
  reader.u8();
  const pageSize = reader.u32();
  for (const _part of ["header_page", "header_event"]) {
    reader.text();
    reader.skip(reader.u64());
  }
  const ftraceFormats = reader.u32();
  for (let format = 0; format < ftraceFormats; format++) reader.skip(reader.u64());
  const formats = new Map<number, TracepointFormat>();
  const systems = reader.u32();
  for (let system = 0; system < systems; system++) {
    const systemName = reader.text();
    const events = reader.u32();
    for (let event = 0; event < events; event++) {
      const { id, name, fields } = parseFormat(reader.latin(reader.u64()));
      if (id !== undefined) formats.set(id, { name: `${systemName}:${name}`, fields });
    }
  }
  return { pageSize, formats };
}

/** A tracefs format file: "name: …", "ID: …", and a line for each field. */
function parseFormat(text: string) {
  const id = /^ID: (\d+)$/m.exec(text)?.[1];
  const fields = new Map<string, { offset: number; size: number }>();
  for (const [, declaration = "", offset, size] of text.matchAll(
    /^\tfield:([^;]*);\toffset:(\d{1,6});\tsize:(\d{1,6});/gm,
  )) {
    const name = /(\w+)(?:\[\w*\])?$/.exec(declaration)?.[1];
    if (name !== undefined) fields.set(name, { offset: Number(offset), size: Number(size) });
  }
  return { id: id === undefined ? undefined : Number(id), name: /^name: (\S+)$/m.exec(text)?.[1] ?? "", fields };
}

class TracingReader {
  littleEndian = true;
  private at = 0;
  private readonly view: DataView;

  constructor(private readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  u8(): number {
    return this.view.getUint8(this.advance(1));
  }

  u32(): number {
    return this.view.getUint32(this.advance(4), this.littleEndian);
  }

  u64(): number {
    const at = this.advance(8);
    const high = this.view.getUint32(at + (this.littleEndian ? 4 : 0), this.littleEndian);
    return high * 0x1_0000_0000 + this.view.getUint32(at + (this.littleEndian ? 0 : 4), this.littleEndian);
  }

  text(): string {
    const end = this.bytes.indexOf(0, this.at);
    if (end < 0) throw new InputError("truncated", "tracing data", this.at);
    const text = cStringAt(this.bytes, this.at, end);
    this.at = end + 1;
    return text;
  }

  latin(length: number): string {
    const at = this.advance(length);
    return cStringAt(this.bytes, at, at + length);
  }

  skip(length: number): void {
    this.advance(length);
  }

  private advance(length: number): number {
    const at = this.at;
    if (!(length >= 0 && length <= this.bytes.length - at)) throw new InputError("truncated", "tracing data", at);
    this.at = at + length;
    return at;
  }
}
