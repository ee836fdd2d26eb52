/** Names to be looked for in string tables of millions, without making a string of each of those. */

export class NameSet {
  /** The node behind each (node, byte) of a trie. */
  private readonly next = new Map<number, number>();
  private readonly ends = new Set<number>();
  /** By first byte: most names end here. */
  private readonly begins = new Uint8Array(256);
  readonly longest: number;

  constructor(names: Iterable<string>) {
    const encoder = new TextEncoder();
    let nodes = 1;
    let longest = 0;
    for (const name of names) {
      const bytes = encoder.encode(name);
      longest = Math.max(longest, bytes.length);
      let node = 0;
      for (const byte of bytes) {
        const key = node * 256 + byte;
        node = this.next.get(key) ?? nodes++;
        this.next.set(key, node);
      }
      if (bytes.length === 0) continue;
      this.begins[bytes[0]!] = 1;
      this.ends.add(node);
    }
    this.longest = longest;
  }

  /** Whether a name of the set is at `start`, followed by a NUL, the end of the bytes, or one of `stops`. */
  isAt(bytes: Uint8Array, start: number, stops: readonly number[] = []): boolean {
    if (this.begins[bytes[start] ?? 0] === 0) return false;
    for (let at = start, node: number | undefined = 0; ; at++) {
      const byte: number = bytes[at] ?? 0;
      if (this.ends.has(node) && (byte === 0 || stops.includes(byte))) return true;
      node = this.next.get(node * 256 + byte);
      if (node === undefined) return false;
    }
  }

  /** Whether a name of the set is at `start` and has this length. */
  isAtWith(bytes: Uint8Array, start: number, length: number): boolean {
    if (!(length > 0 && length <= this.longest) || this.begins[bytes[start] ?? 0] === 0) return false;
    let node: number | undefined = 0;
    for (let at = start; at < start + length; at++) {
      node = this.next.get(node * 256 + (bytes[at] ?? 0));
      if (node === undefined) return false;
    }
    return this.ends.has(node);
  }
}
