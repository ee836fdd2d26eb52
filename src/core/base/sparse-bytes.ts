/** A mirror of a section that holds only what was asked for: untouched pages of a gigabyte section cost nothing. */
import { cStringAt } from "./c-string.js";
import { InputError } from "./errors.js";
import type { NameSet } from "./name-set.js";

export class SparseBytes {
  private mirror: Uint8Array | undefined;
  private readonly present: Uint8Array;
  private absent: number;
  private readonly chunk: number;

  /**
   * `read` gives `length` bytes at `offset` of the section, at multiples of the chunk.
   * With `chunk` of `size` the section is read, or inflated, all at once on first use. `readInto` spares a copy.
   */
  constructor(
    readonly size: number,
    private readonly subject: string,
    private readonly read: (offset: number, length: number) => Uint8Array,
    chunk = CHUNK_BYTES,
    private readonly readInto?: (offset: number, target: Uint8Array) => number,
  ) {
    this.chunk = Math.max(1, chunk);
    this.absent = Math.ceil(size / this.chunk);
    this.present = new Uint8Array(this.absent);
  }

  static of(bytes: Uint8Array, subject: string): SparseBytes {
    return new SparseBytes(bytes.length, subject, () => bytes, bytes.length);
  }

  /** The whole section's array, in which [offset, offset + length) is now valid. Throws InputError when out of range. */
  need(offset: number, length: number): Uint8Array {
    if (!(offset >= 0 && length >= 0 && length <= this.size - offset))
      throw new InputError("truncated", this.subject, offset);
    return this.upTo(offset, length);
  }

  /** Like `need`, but as much of the range as the section has. */
  upTo(offset: number, length: number): Uint8Array {
    const end = Math.min(this.size, offset + length);
    if (this.absent === 0 || !(offset < end)) return this.mirror ?? EMPTY;
    const last = Math.floor((end - 1) / this.chunk);
    for (let first = Math.floor(offset / this.chunk); first <= last; first++) {
      if (this.present[first] === 1) continue;
      let next = first + 1;
      while (next <= last && this.present[next] === 0) next++;
      this.fill(first, next);
      first = next - 1;
    }
    return this.mirror ?? EMPTY;
  }

  /** The NUL-terminated string at `offset`; what is missing of it is left out. */
  string(offset: number): string {
    if (!(offset >= 0 && offset < this.size)) throw new InputError("truncated", this.subject, offset);
    for (let window = 256; ; window *= 8) {
      const bytes = this.upTo(offset, window);
      const end = Math.min(this.size, offset + window);
      const stop = bytes.subarray(offset, end).indexOf(0);
      if (stop >= 0 || end === this.size || window > 2 ** 20) return cStringAt(bytes, offset, end);
    }
  }

  /** Whether one of the names is at `offset`, followed by a NUL or one of `stops`. */
  holds(names: NameSet, offset: number, stops?: readonly number[]): boolean {
    return offset < this.size && names.isAt(this.upTo(offset, names.longest + 1), offset, stops);
  }

  private fill(first: number, next: number): void {
    const start = first * this.chunk;
    const length = Math.min(this.size, next * this.chunk) - start;
    if (this.readInto !== undefined && length < this.size) {
      this.mirror ??= allocate(this.size, this.subject);
      const done = this.readInto(start, this.mirror.subarray(start, start + length));
      if (done < length) throw new InputError("truncated", this.subject, start + done);
    } else {
      const bytes = this.read(start, length);
      if (bytes.length < length) throw new InputError("truncated", this.subject, start + bytes.length);
      if (length === this.size) this.mirror = bytes;
      else (this.mirror ??= allocate(this.size, this.subject)).set(bytes, start);
    }
    this.present.fill(1, first, next);
    this.absent -= next - first;
  }
}

/** Zeroed pages are mapped by the kernel on first touch, so the size alone costs nothing, as long as it can be had at all. */
function allocate(size: number, subject: string): Uint8Array {
  try {
    return new Uint8Array(size);
  } catch (error) {
    if (error instanceof RangeError) throw new InputError("too-large", subject);
    throw error;
  }
}

const EMPTY = new Uint8Array();
/** Small enough that a unit header here and there stays cheap, large enough that a unit is few reads. */
const CHUNK_BYTES = 16 * 1024;
