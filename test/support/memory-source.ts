/** Bytes in memory as a byte source. */
import type { ByteSource } from "../../src/core/base/byte-source.js";
import { inflate } from "../../src/host/inflation.js";

export function memorySource(bytes: Uint8Array): ByteSource {
  return { size: bytes.length, read: (offset, length) => bytes.subarray(offset, offset + length), inflate };
}
