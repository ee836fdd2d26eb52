/** Inflation with a known result size: what is longer, shorter or broken is refused. */
import * as zlib from "node:zlib";
import { decompress } from "fzstd";
import type { Compression } from "../core/base/byte-source.js";
import { InputError } from "../core/base/errors.js";
import { MAX_INFLATED_BYTES } from "../core/base/limits.js";

/** Throws InputError unless `bytes` inflate to exactly `size` bytes. */
export function inflate(kind: Compression, bytes: Uint8Array, size: number): Uint8Array {
  if (!(size >= 0 && size <= MAX_INFLATED_BYTES)) throw new InputError("too-large", `${kind} data`);
  if (kind === "xz") throw new InputError("unsupported", "xz data");
  if (size === 0) return new Uint8Array();
  const inflated = refuseErrors(kind, () => (kind === "zlib" ? inflateZlib(bytes, size) : inflateZstd(bytes, size)));
  if (inflated.length !== size) throw new InputError("malformed", `${kind} data`);
  return inflated;
}

function inflateZlib(bytes: Uint8Array, size: number): Uint8Array {
  // One buffer with a byte to spare: with the default of 16 kB pieces a large section takes three times as long.
  return zlib.inflateSync(bytes, { maxOutputLength: size, chunkSize: Math.max(MIN_CHUNK_BYTES, size + 1) });
}

/** Node has zstd from 22.15 on; older runtimes, VS Code's among them, use the library. */
function inflateZstd(bytes: Uint8Array, size: number): Uint8Array {
  const native: unknown = Reflect.get(zlib, "zstdDecompressSync");
  if (typeof native === "function") {
    const result: unknown = native(bytes, { maxOutputLength: size });
    if (result instanceof Uint8Array) return result;
  }
  // The library fills any buffer it is given and says nothing, so the frame's own account is what counts.
  if (zstdContentSize(bytes) !== size) throw new InputError("malformed", "zstd data");
  return decompress(bytes, new Uint8Array(size));
}

/** Frame_Content_Size (RFC 8878, section 3.1.1.1); whoever compresses a whole section at once writes it. */
function zstdContentSize(bytes: Uint8Array): number | undefined {
  if (bytes.length < 18) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0, true) !== 0xfd2fb528) return undefined;
  const descriptor = view.getUint8(4);
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const at = 5 + (isSingleSegment ? 0 : 1) + [0, 1, 2, 4][descriptor & 3]!;
  switch (descriptor >> 6) {
    case 0:
      return isSingleSegment ? view.getUint8(at) : undefined;
    case 1:
      return view.getUint16(at, true) + 256;
    case 2:
      return view.getUint32(at, true);
    default:
      return view.getUint32(at + 4, true) * 2 ** 32 + view.getUint32(at, true);
  }
}

/** Both libraries report broken data by their own kinds of Error. */
function refuseErrors<T>(kind: Compression, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof Error) throw new InputError("malformed", `${kind} data`);
    throw error;
  }
}

/** The least zlib accepts. */
const MIN_CHUNK_BYTES = 64;
