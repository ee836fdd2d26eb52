/** COMPRESSED records: pieces of one zstd stream whose content is records again. */
import { Decompress } from "fzstd";
import { InputError } from "../base/errors.js";
import { MAX_ZSTD_WINDOW_BYTES } from "../base/limits.js";

/** Inflates the pieces in the order they come. A frame goes on from one record to the next; blocks refer to earlier ones. */
export class CompressedRecords {
  private inflated: Uint8Array[] = [];
  private readonly stream = new Decompress((bytes) => void this.inflated.push(bytes));
  private started = false;

  /**
   * @returns what became whole with this piece.
   * @throws InputError where the piece is no zstd, or wants more memory than is reasonable.
   */
  push(piece: Uint8Array): readonly Uint8Array[] {
    if (!this.started) {
      if (windowBytes(piece) > MAX_ZSTD_WINDOW_BYTES) throw new InputError("too-large", "compressed records");
      this.started = true;
    }
    try {
      // Kept by the decompressor when it ends within a block, so it gets a copy.
      this.stream.push(piece.slice());
    } catch {
      // Whatever the decompressor throws, it is about these bytes.
      throw new InputError("malformed", "compressed records");
    }
    const { inflated } = this;
    this.inflated = [];
    return inflated;
  }
}

/** Window a zstd frame asks for (RFC 8878, 3.1.1.1); 0 where this is no frame. */
function windowBytes(bytes: Uint8Array): number {
  const descriptor = bytes[4] ?? 0;
  if ((descriptor & 0x20) === 0) {
    const window = bytes[5] ?? 0;
    const base = 2 ** (10 + (window >> 3));
    return base + (base / 8) * (window & 7);
  }
  // A single segment: the window is the content, whose size follows.
  const sizeBytes = 1 << (descriptor >> 6);
  let size = 0;
  const at = 5 + [0, 1, 2, 4][descriptor & 3]!;
  for (let byte = sizeBytes - 1; byte >= 0; byte--) size = size * 256 + (bytes[at + byte] ?? 0);
  return size;
}
