/** How core asks for a separate debug file: where such files lie is the host's business. */
import type { ByteSource } from "../base/byte-source.js";

export interface DebugRequest {
  /** Path of the file that wants its debug information. */
  readonly path: string;
  readonly buildId: string | undefined;
  /** .gnu_debuglink: hostile, so the host checks the name and the checksum. */
  readonly debugLink: { readonly name: string; readonly crc32: number } | undefined;
}

export interface DebugFile {
  readonly source: ByteSource;
  readonly path: string;
}

export type DebugProvider = (request: DebugRequest) => DebugFile | undefined;
