/** The feature sections of a perf.data file: machine, command line, build ids, event names. */
import { ByteReader } from "../base/byte-reader.js";
import { cStringAt } from "../base/c-string.js";
import { InputError } from "../base/errors.js";
import { Feature, MiscBit, RECORD_HEADER_BYTES } from "./constants.js";
import { decodeAttribute, type EventAttribute } from "./event-attribute.js";
import { buildIdText } from "./life-records.js";
import { decodeTracingData, type TracingData } from "./tracing-data.js";

/** What the features said so far. */
export interface FileFeatures {
  arch: string | undefined;
  command: readonly string[];
  /** Build id of each file, by its path. */
  readonly buildIds: Map<string, string>;
  eventNames: readonly { readonly attribute: EventAttribute; readonly name: string }[];
  tracing: TracingData | undefined;
}

export function noFeatures(): FileFeatures {
  return { arch: undefined, command: [], buildIds: new Map(), eventNames: [], tracing: undefined };
}

/**
 * Adds one feature section, given by its number and its bytes. Features nobody here asks for are passed over.
 * @throws InputError where the section is not what its number says.
 */
export function decodeFeature(features: FileFeatures, feature: number, bytes: Uint8Array, littleEndian: boolean): void {
  const reader = new ByteReader(bytes, `perf.data feature ${feature}`, littleEndian);
  if (feature === Feature.Arch) features.arch = text(reader);
  else if (feature === Feature.CommandLine) features.command = texts(reader, bytes.length);
  else if (feature === Feature.EventDescription) features.eventNames = eventNames(reader, bytes.length, littleEndian);
  else if (feature === Feature.BuildId) decodeBuildIds(features, bytes, littleEndian);
  else if (feature === Feature.TracingData) features.tracing = decodeTracingData(bytes);
}

/** Records of build ids, one after the other: header, pid, 24 bytes of id, path. */
export function decodeBuildIds(features: FileFeatures, bytes: Uint8Array, littleEndian: boolean): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + PATH_OFFSET <= bytes.length;) {
    const size = view.getUint16(at + 6, littleEndian);
    if (!(size >= PATH_OFFSET && size <= bytes.length - at)) {
      throw new InputError("malformed", "perf.data build ids", at);
    }
    const sized = (view.getUint16(at + 4, littleEndian) & MiscBit.BuildIdSize) !== 0;
    const length = sized ? Math.min(bytes[at + ID_OFFSET + 20]!, 20) : 20;
    const id = buildIdText(bytes.subarray(at + ID_OFFSET, at + ID_OFFSET + length));
    if (id !== undefined) features.buildIds.set(cStringAt(bytes, at + PATH_OFFSET, at + size), id);
    at += size;
  }
}

const ID_OFFSET = RECORD_HEADER_BYTES + 4;
const PATH_OFFSET = ID_OFFSET + 24;

function text(reader: ByteReader): string {
  return cStringAt(reader.take(reader.u32()), 0);
}

/** A count is believed only as far as there are bytes for it: each text takes four at least. */
function texts(reader: ByteReader, available: number): string[] {
  const count = reader.u32();
  if (!(count * 4 <= available)) throw new InputError("malformed", "perf.data command line");
  return Array.from({ length: count }, () => text(reader));
}

/** HEADER_EVENT_DESC: each event's attribute, its name and its ids. */
function eventNames(reader: ByteReader, available: number, littleEndian: boolean): FileFeatures["eventNames"] {
  const count = reader.u32();
  const attributeBytes = reader.u32();
  if (!(count * attributeBytes <= available)) throw new InputError("malformed", "perf.data event names");
  const names: { attribute: EventAttribute; name: string }[] = [];
  for (let event = 0; event < count; event++) {
    const { attribute } = decodeAttribute(reader.take(attributeBytes), littleEndian);
    const ids = reader.u32();
    names.push({ attribute, name: text(reader) });
    reader.take(ids * 8);
  }
  return names;
}
