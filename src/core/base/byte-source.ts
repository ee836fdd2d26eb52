/** Where core's bytes come from: synchronous ranged reads, so that gigabyte files are never loaded whole. */

export type Compression = "zlib" | "zstd" | "xz";

export interface ByteSource {
  /** Bytes in the source. For a pipe that is still being written: what is there now. */
  readonly size: number;
  /** `length` bytes at `offset`, fewer only where the source ends. The result is the caller's to keep, not to write to. */
  read(offset: number, length: number): Uint8Array;
  /** As read, into the caller's buffer; the number of bytes read. For readers that go through a whole file. */
  readInto?(offset: number, target: Uint8Array): number;
  /** Inflates `bytes` to exactly `size` bytes; throws InputError when the data is corrupt or would be longer. */
  inflate(kind: Compression, bytes: Uint8Array, size: number): Uint8Array;
}
