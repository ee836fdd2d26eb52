/** A cursor over one section or unit: every read is in range, or throws InputError. */
import { InputError } from "../base/errors.js";

export class DwarfCursor {
  constructor(
    private readonly bytes: Uint8Array,
    /** Offset of the next byte. */
    public at: number,
    private readonly end: number,
    private readonly littleEndian: boolean,
    private readonly subject: string,
  ) {
    if (!(at >= 0 && at <= end && end <= bytes.length)) throw new InputError("truncated", subject, at);
  }

  get done(): boolean {
    return this.at >= this.end;
  }

  u8(): number {
    if (this.at >= this.end) this.refuse();
    return this.bytes[this.at++]!;
  }

  u16(): number {
    const at = this.advance(2);
    const { bytes } = this;
    return this.littleEndian ? bytes[at]! | (bytes[at + 1]! << 8) : (bytes[at]! << 8) | bytes[at + 1]!;
  }

  u24(): number {
    const at = this.advance(3);
    const { bytes } = this;
    return this.littleEndian
      ? bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16)
      : (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!;
  }

  u32(): number {
    const at = this.advance(4);
    const { bytes } = this;
    const value = this.littleEndian
      ? bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
      : (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
    return value >>> 0;
  }

  /** Exact below 2^53; larger values are rounded: tombstones and kernel addresses, which no offset reaches. */
  u64(): number {
    const first = this.u32();
    const second = this.u32();
    return this.littleEndian ? second * 2 ** 32 + first : first * 2 ** 32 + second;
  }

  /** An unsigned integer of 1, 2, 4 or 8 bytes. */
  sized(size: number): number {
    switch (size) {
      case 1:
        return this.u8();
      case 2:
        return this.u16();
      case 4:
        return this.u32();
      case 8:
        return this.u64();
      default:
        throw new InputError("unsupported", `${this.subject} integer of ${size} bytes`, this.at);
    }
  }

  /** Rounded above 2^53, like u64; encodings longer than ten bytes are refused. */
  uleb(): number {
    let byte = this.u8();
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    for (let scale = 128; scale < 2 ** 71; scale *= 128) {
      byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    throw new InputError("malformed", `${this.subject} LEB128`, this.at);
  }

  sleb(): number {
    let value = 0;
    for (let scale = 1; scale < 2 ** 71; scale *= 128) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return byte >= 0x40 ? value - scale * 128 : value;
    }
    throw new InputError("malformed", `${this.subject} LEB128`, this.at);
  }

  skipLeb(): void {
    while (this.u8() >= 0x80);
  }

  /** Start of a NUL-terminated string, which is passed over. */
  skipString(): number {
    const start = this.at;
    while (this.u8() !== 0);
    return start;
  }

  /** Start of `length` bytes, which are passed over. */
  advance(length: number): number {
    const at = this.at;
    if (!(length >= 0 && length <= this.end - at)) this.refuse();
    this.at = at + length;
    return at;
  }

  private refuse(): never {
    throw new InputError("truncated", this.subject, this.at);
  }
}
