/** Files of this machine as byte sources: ranged reads, regular files only. */
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import type { ByteSource, Compression } from "../core/base/byte-source.js";
import { inflate } from "./inflation.js";

/** What is known of the open file, to tell whether it is the one a trace has seen. */
export interface FileIdentity {
  readonly device: number;
  readonly inode: number;
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly modified: number;
}

export class FileByteSource implements ByteSource {
  private readonly chunks = new Map<number, Uint8Array>();
  private descriptor: number | undefined;

  private constructor(
    descriptor: number,
    readonly identity: FileIdentity,
  ) {
    this.descriptor = descriptor;
  }

  /** Throws the system's error where the file can not be opened, NotAFileError where it is no regular file. */
  static open(path: string): FileByteSource {
    // A FIFO would otherwise block us until somebody writes to it.
    const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    try {
      const stats = fstatSync(descriptor);
      if (!stats.isFile()) throw new NotAFileError(path);
      const { dev: device, ino: inode, size, mtimeMs: modified } = stats;
      return new FileByteSource(descriptor, { device, inode, size, modified });
    } catch (error) {
      closeSync(descriptor);
      throw error;
    }
  }

  get size(): number {
    return this.identity.size;
  }

  read(offset: number, length: number): Uint8Array {
    const end = Math.min(this.size, offset + length);
    if (!(offset >= 0 && end > offset)) return new Uint8Array();
    const first = Math.floor(offset / CHUNK_BYTES);
    if (first !== Math.floor((end - 1) / CHUNK_BYTES)) return this.readDirectly(offset, end - offset);
    const start = first * CHUNK_BYTES;
    return this.chunk(first).subarray(offset - start, end - start);
  }

  inflate(kind: Compression, bytes: Uint8Array, size: number): Uint8Array {
    return inflate(kind, bytes, size);
  }

  close(): void {
    if (this.descriptor === undefined) return;
    closeSync(this.descriptor);
    this.descriptor = undefined;
    this.chunks.clear();
  }

  private chunk(index: number): Uint8Array {
    let chunk = this.chunks.get(index);
    if (chunk === undefined) {
      chunk = this.readDirectly(index * CHUNK_BYTES, Math.min(CHUNK_BYTES, this.size - index * CHUNK_BYTES));
      const [oldest] = this.chunks.keys();
      if (this.chunks.size >= MAX_CHUNKS && oldest !== undefined) this.chunks.delete(oldest);
      this.chunks.set(index, chunk);
    }
    return chunk;
  }

  /** Past the size the file had when it was opened, too: a trace still being written is read as it grows. */
  readInto(offset: number, target: Uint8Array): number {
    let done = 0;
    while (this.descriptor !== undefined && done < target.length) {
      const length = Math.min(MAX_READ_BYTES, target.length - done);
      const read = readSync(this.descriptor, target, done, length, offset + done);
      if (read === 0) break;
      done += read;
    }
    return done;
  }

  /** Fewer bytes where the file has become shorter meanwhile. */
  private readDirectly(offset: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    return bytes.subarray(0, this.readInto(offset, bytes));
  }
}

export class NotAFileError extends Error {
  override readonly name = "NotAFileError";

  constructor(path: string) {
    super(`${path} is not a regular file`);
  }
}

const CHUNK_BYTES = 64 * 1024;
const MAX_CHUNKS = 32;
/** One read call takes a 32-bit length. */
const MAX_READ_BYTES = 2 ** 30;
