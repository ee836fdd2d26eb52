/** Bytes as 32-bit words: what tables of thousands of records are decoded from, since a read is then one array access. */

/** The whole words in these bytes, each in the machine's own order; a view of them where they can be used as they are. */
export function wordsIn(bytes: Uint8Array, littleEndian: boolean): Uint32Array {
  const count = Math.floor(bytes.length / 4);
  if (littleEndian === MACHINE_IS_LITTLE_ENDIAN) {
    const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
    return new Uint32Array(aligned.buffer, aligned.byteOffset, count);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Uint32Array.from({ length: count }, (_, word) => view.getUint32(word * 4, littleEndian));
}

const MACHINE_IS_LITTLE_ENDIAN = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;
