/** NUL-terminated strings in bytes nobody vouches for. */

/** The string at `start`, up to its NUL, `end` or `limit` bytes, whichever comes first. UTF-8; what is not becomes U+FFFD. */
export function cStringAt(bytes: Uint8Array, start: number, end = bytes.length, limit = MAX_STRING_BYTES): string {
  const last = Math.min(end, bytes.length, start + limit);
  let stop = start;
  let ascii = true;
  for (; stop < last; stop++) {
    const byte = bytes[stop]!;
    if (byte === 0) break;
    if (byte > 0x7e) ascii = false;
  }
  return textOf(bytes, start, stop, ascii);
}

/** Most names are short and plain: a decoder object would cost more than the name. */
function textOf(bytes: Uint8Array, start: number, stop: number, ascii: boolean): string {
  if (!(stop > start)) return "";
  if (!ascii || stop - start > MAX_PLAIN_BYTES) return new TextDecoder("utf-8").decode(bytes.subarray(start, stop));
  return String.fromCharCode.apply(undefined, bytes.subarray(start, stop) as unknown as number[]);
}

/** Longer strings are cut: no compiler writes them, and a name has to be shown. */
const MAX_STRING_BYTES = 1 << 20;
/** `apply` takes its arguments on the stack. */
const MAX_PLAIN_BYTES = 1024;
