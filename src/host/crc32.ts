/** The checksum of .gnu_debuglink, which is zlib's: Node exports that from 20.15 on only. */

/**
 * CRC-32 (ISO 3309, as in RFC 1952 section 8).
 * @param before the checksum of the bytes before these; 0 at the beginning.
 * @returns an unsigned 32-bit number.
 */
export function crc32(bytes: Uint8Array, before: number): number {
  let sum = ~before;
  let at = 0;
  // Four bytes at a time: a debug file has hundreds of megabytes.
  for (const end = bytes.length - 3; at < end; at += 4) {
    sum ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    sum =
      TABLES[768 + (sum & 255)]! ^
      TABLES[512 + ((sum >>> 8) & 255)]! ^
      TABLES[256 + ((sum >>> 16) & 255)]! ^
      TABLES[sum >>> 24]!;
  }
  for (; at < bytes.length; at++) sum = (sum >>> 8) ^ TABLES[(sum ^ bytes[at]!) & 255]!;
  return ~sum >>> 0;
}

/** Reflected: the lowest bit is the highest power. */
const POLYNOMIAL = 0xedb88320;

/** Row n: what a byte has become after n more bytes of zeros. */
const TABLES = tables();

function tables(): Int32Array {
  const rows = new Int32Array(4 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let sum = byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (POLYNOMIAL & -(sum & 1));
    rows[byte] = sum;
  }
  for (let at = 256; at < rows.length; at++) rows[at] = (rows[at - 256]! >>> 8) ^ rows[rows[at - 256]! & 255]!;
  return rows;
}
