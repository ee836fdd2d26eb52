/** Tables of fixed-size records: the bytes are proven once, then each field is one read. */
import type { ByteSource } from "../base/byte-source.js";
import { InputError } from "../base/errors.js";

export interface Records {
  readonly count: number;
  u8(row: number, field: number): number;
  u16(row: number, field: number): number;
  u32(row: number, field: number): number;
  /** Exact below 2^53; larger values are rounded, and no file offset or user-space address is that large. */
  u64(row: number, field: number): number;
}

/** Reads `count` records of `size` bytes at `offset`; throws InputError unless the source has all of them. */
export function readRecords(
  file: { readonly source: ByteSource; readonly littleEndian: boolean },
  offset: number,
  count: number,
  size: number,
  subject: string,
): Records {
  const length = count * size;
  if (!(offset >= 0 && length <= file.source.size - offset)) throw new InputError("truncated", subject, offset);
  const bytes = file.source.read(offset, length);
  if (bytes.length < length) throw new InputError("truncated", subject, offset);
  return recordsIn(bytes, size, file.littleEndian);
}

/** The whole records in these bytes. A field read must lie inside the record: the caller's record layout sees to it. */
export function recordsIn(bytes: Uint8Array, size: number, littleEndian: boolean): Records {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    count: Math.floor(bytes.length / size),
    u8: (row, field) => view.getUint8(row * size + field),
    u16: (row, field) => view.getUint16(row * size + field, littleEndian),
    u32: (row, field) => view.getUint32(row * size + field, littleEndian),
    u64: (row, field) => {
      const at = row * size + field;
      const low = view.getUint32(at + (littleEndian ? 0 : 4), littleEndian);
      return view.getUint32(at + (littleEndian ? 4 : 0), littleEndian) * 2 ** 32 + low;
    },
  };
}
