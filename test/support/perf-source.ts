/** Byte sources for tests: a file read as it is, or bytes in memory. */
import { readFileSync } from "node:fs";
import type { ByteSource } from "../../src/core/base/byte-source.js";
import { InputError } from "../../src/core/base/errors.js";

export function bytesSource(bytes: Uint8Array): ByteSource {
  return {
    size: bytes.length,
    read: (offset, length) => bytes.slice(offset, offset + length),
    inflate: () => {
      throw new InputError("unsupported", "inflation in this test");
    },
  };
}

export function fileSource(path: string): ByteSource {
  return bytesSource(readFileSync(path));
}
