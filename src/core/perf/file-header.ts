/** The header of a perf.data file: which layout, which byte order, and where everything is. */
import type { ByteSource } from "../base/byte-source.js";
import { InputError } from "../base/errors.js";
import { MAX_EVENT_IDS } from "../base/limits.js";
import { decodeAttribute, type EventAttribute } from "./event-attribute.js";

export interface FileHeader {
  readonly littleEndian: boolean;
  /** Pipe layout: everything after the header is records. */
  readonly pipe: boolean;
  /** Offset of the first record. */
  readonly dataOffset: number;
  /** Bytes of records; undefined where the writer never came to fill it in (killed), and for pipe layout. */
  readonly dataSize: number | undefined;
  readonly attributes: readonly { readonly attribute: EventAttribute; readonly ids: readonly number[] }[];
  readonly features: readonly { readonly feature: number; readonly offset: number; readonly size: number }[];
  /** Where the last section ends, feature sections included; 0 where the header does not say. */
  readonly end: number;
}

export const PIPE_HEADER_BYTES = 16;
const FILE_HEADER_BYTES = 104;
const MAGIC = "PERFILE2";
const FEATURE_BITS = 256;
const SECTION_BYTES = 16;

/** @throws InputError where this is no perf.data file, or its header or events can not be read. */
export function readFileHeader(source: ByteSource): FileHeader {
  const start = source.read(0, PIPE_HEADER_BYTES);
  if (start.length < PIPE_HEADER_BYTES) throw new InputError("truncated", "perf.data header", start.length);
  const littleEndian = byteOrder(start);
  const headerBytes = new Words(start, littleEndian).u64(8);
  if (headerBytes === PIPE_HEADER_BYTES) {
    return {
      littleEndian,
      pipe: true,
      dataOffset: headerBytes,
      dataSize: undefined,
      attributes: [],
      features: [],
      end: 0,
    };
  }
  if (headerBytes !== FILE_HEADER_BYTES) throw new InputError("unsupported", "perf.data header", 8);
  const bytes = source.read(0, FILE_HEADER_BYTES);
  if (bytes.length < FILE_HEADER_BYTES) throw new InputError("truncated", "perf.data header", bytes.length);
  const header = new Words(bytes, littleEndian);
  const [entryBytes, attributesAt, attributesSize] = [header.u64(16), header.u64(24), header.u64(32)];
  const [dataOffset, dataSize] = [header.u64(40), header.u64(48)];
  const attributes = readAttributes(source, littleEndian, attributesAt, attributesSize, entryBytes);
  const unfinished = dataSize === 0;
  const { features, end } = unfinished ? NO_FEATURES : readFeatureTable(source, header, dataOffset + dataSize);
  return {
    littleEndian,
    pipe: false,
    dataOffset,
    dataSize: unfinished ? undefined : dataSize,
    attributes,
    features,
    end,
  };
}

/** The magic number is an integer: its bytes tell the order of all others. */
function byteOrder(start: Uint8Array): boolean {
  const magic = String.fromCharCode(...start.subarray(0, 8));
  if (magic === MAGIC) return true;
  if (magic === [...MAGIC].reverse().join("")) return false;
  throw new InputError(magic === "PERFFILE" ? "unsupported" : "malformed", "perf.data header", 0);
}

function readAttributes(source: ByteSource, littleEndian: boolean, at: number, size: number, entryBytes: number) {
  const bytes = bytesAt(source, at, size);
  if (!(entryBytes >= 64 + SECTION_BYTES)) throw new InputError("malformed", "perf.data events", 16);
  if (bytes.length < size) throw new InputError("truncated", "perf.data events", at + bytes.length);
  const words = new Words(bytes, littleEndian);
  const attributes: { attribute: EventAttribute; ids: readonly number[] }[] = [];
  for (let entry = 0; entry + entryBytes <= bytes.length; entry += entryBytes) {
    const idsAt = entry + entryBytes - SECTION_BYTES;
    const { attribute } = decodeAttribute(bytes.subarray(entry, idsAt), littleEndian);
    attributes.push({ attribute, ids: readIds(source, littleEndian, words.u64(idsAt), words.u64(idsAt + 8)) });
  }
  if (attributes.length === 0) throw new InputError("malformed", "perf.data events", at);
  return attributes;
}

/** Ids as pairs of low and high words. */
function readIds(source: ByteSource, littleEndian: boolean, at: number, size: number): readonly number[] {
  return idWords(bytesAt(source, at, size), littleEndian);
}

/** 64-bit ids as pairs of low and high words. */
export function idWords(bytes: Uint8Array, littleEndian: boolean): readonly number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const words: number[] = [];
  for (let id = 0; id + 8 <= bytes.length && words.length < MAX_EVENT_IDS * 2; id += 8) {
    words.push(
      view.getUint32(id + (littleEndian ? 0 : 4), littleEndian),
      view.getUint32(id + (littleEndian ? 4 : 0), littleEndian),
    );
  }
  return words;
}

const NO_FEATURES = { features: [], end: 0 };

/** Behind the records: a section for each feature whose bit is set, in the order of the bits. */
function readFeatureTable(source: ByteSource, header: Words, at: number): Pick<FileHeader, "features" | "end"> {
  const present = Array.from({ length: FEATURE_BITS }, (_, bit) => bit).filter((bit) => header.bit(72, bit));
  const table = bytesAt(source, at, present.length * SECTION_BYTES);
  const words = new Words(table, header.littleEndian);
  const features = present
    .filter((_, index) => (index + 1) * SECTION_BYTES <= table.length)
    .map((feature, index) => ({
      feature,
      offset: words.u64(index * SECTION_BYTES),
      size: words.u64(index * SECTION_BYTES + 8),
    }));
  const tableEnd = at + present.length * SECTION_BYTES;
  return { features, end: Math.max(tableEnd, ...features.map(({ offset, size }) => offset + size)) };
}

/** What is there of a section: offset and size come from the file and may be anything. */
export function bytesAt(source: ByteSource, offset: number, size: number): Uint8Array {
  if (!(offset < source.size)) return new Uint8Array(0);
  return source.read(offset, Math.min(size, source.size - offset));
}

class Words {
  private readonly view: DataView;

  constructor(
    bytes: Uint8Array,
    readonly littleEndian: boolean,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Rounded above 2^53: no offset or size of a real file is that large, and too large is all that matters. */
  u64(at: number): number {
    const high = this.view.getUint32(at + (this.littleEndian ? 4 : 0), this.littleEndian);
    return high * 0x1_0000_0000 + this.view.getUint32(at + (this.littleEndian ? 0 : 4), this.littleEndian);
  }

  /** A bit of a map of 64-bit words. */
  bit(at: number, bit: number): boolean {
    const low = at + (bit >> 6) * 8 + (this.littleEndian ? 0 : 4);
    const half = this.littleEndian ? low + (bit & 32 ? 4 : 0) : low - (bit & 32 ? 4 : 0);
    return ((this.view.getUint32(half, this.littleEndian) >>> (bit & 31)) & 1) === 1;
  }
}
