/** The start of a perf.data in pipe layout: magic, attributes with their ids, names, features, tracing data. */
import { ATTRIBUTE_BYTES } from "./attr.js";
import { RecordType, RecordWriter } from "./encode-record.js";

/** perf's magic and the size of this header: 16 says "pipe layout". */
export function encodePipeHeader(): Uint8Array {
  const bytes = new Uint8Array(16);
  bytes.set(new TextEncoder().encode("PERFILE2"));
  bytes[8] = bytes.length;
  return bytes;
}

/** More ids than one record holds; perf takes each record for an event of its own with the same name. */
const MAX_IDS_PER_RECORD = 8000;

/** HEADER_ATTR for each batch of ids, with an EVENT_UPDATE that gives the event its name. */
export function encodeEvent(name: string, attribute: Uint8Array, ids: readonly number[]): Uint8Array[] {
  const records: Uint8Array[] = [];
  for (let start = 0; start < ids.length; start += MAX_IDS_PER_RECORD) {
    const batch = ids.slice(start, start + MAX_IDS_PER_RECORD);
    const writer = new RecordWriter().raw(attribute.subarray(0, ATTRIBUTE_BYTES));
    for (const id of batch) writer.u64(id);
    records.push(writer.finish(RecordType.HeaderAttribute), encodeEventName(name, batch[0]!));
  }
  return records;
}

/** PERF_EVENT_UPDATE__NAME. */
const UPDATE_NAME = 2;
const MAX_EVENT_NAME = 200;

function encodeEventName(name: string, firstId: number): Uint8Array {
  return new RecordWriter()
    .u64(UPDATE_NAME)
    .u64(firstId)
    .paddedString(name, MAX_EVENT_NAME)
    .finish(RecordType.EventUpdate);
}

/** HEADER_* numbers of perf/util/header.h. */
const Feature = { OsRelease: 4, Arch: 6, CpuCount: 7, CommandLine: 11 } as const;

export interface Machine {
  /** uname -r */
  readonly kernel: string;
  /** uname -m: perf disassembles by it. */
  readonly arch: string;
  readonly cpusConfigured: number;
  readonly cpusOnline: number;
}

export function encodeFeatures(machine: Machine, command: readonly string[]): Uint8Array[] {
  const feature = (id: number): RecordWriter => new RecordWriter().u64(id);
  const commandLine = feature(Feature.CommandLine).u32(Math.min(command.length, MAX_ARGUMENTS));
  for (const argument of command.slice(0, MAX_ARGUMENTS)) featureString(commandLine, argument);
  return [
    featureString(feature(Feature.OsRelease), machine.kernel).finish(RecordType.HeaderFeature),
    featureString(feature(Feature.Arch), machine.arch).finish(RecordType.HeaderFeature),
    feature(Feature.CpuCount).u32(machine.cpusConfigured).u32(machine.cpusOnline).finish(RecordType.HeaderFeature),
    commandLine.finish(RecordType.HeaderFeature),
  ];
}

/** Longer commands are cut here; run.json has all of them. */
const MAX_ARGUMENTS = 100;
const MAX_FEATURE_STRING = 400;
/** perf pads feature strings to this. */
const FEATURE_STRING_ALIGNMENT = 64;

function featureString(writer: RecordWriter, text: string): RecordWriter {
  const bytes = new TextEncoder().encode(text).subarray(0, MAX_FEATURE_STRING);
  const padded = Math.ceil((bytes.length + 1) / FEATURE_STRING_ALIGNMENT) * FEATURE_STRING_ALIGNMENT;
  return writer
    .u32(padded)
    .raw(bytes)
    .zeros(padded - bytes.length);
}

/** What tracefs says about itself and the tracepoints in use, for the "tracing data" perf cannot do without. */
export interface TracingFormats {
  readonly pageSize: number;
  /** events/header_page and events/header_event. */
  readonly headerPage: Uint8Array;
  readonly headerEvent: Uint8Array;
  /** The `format` files in use, by system ("exceptions"). */
  readonly systems: ReadonlyMap<string, readonly Uint8Array[]>;
}

const TRACING_MAGIC = [23, 8, 68];

/** HEADER_TRACING_DATA and its payload (perf/util/trace-event-info.c, version 0.6). */
export function encodeTracingData(formats: TracingFormats): Uint8Array {
  const text = new TextEncoder();
  const body = new RecordWriter().raw(Uint8Array.from(TRACING_MAGIC)).raw(text.encode("tracing0.6\0"));
  body.u8(0).u8(8).u32(formats.pageSize);
  body.raw(text.encode("header_page\0")).u64(formats.headerPage.length).raw(formats.headerPage);
  body.raw(text.encode("header_event\0")).u64(formats.headerEvent.length).raw(formats.headerEvent);
  body.u32(0);
  body.u32(formats.systems.size);
  for (const [system, events] of formats.systems) {
    body.raw(text.encode(`${system}\0`)).u32(events.length);
    for (const format of events) body.u64(format.length).raw(format);
  }
  // No kallsyms, no printk formats, no saved command lines: nothing we record refers to them.
  body.u32(0).u32(0).u64(0);
  const payload = body.payload();
  const header = new RecordWriter().u32(payload.length);
  return concat([header.finishUnpadded(RecordType.HeaderTracingData), payload]);
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
