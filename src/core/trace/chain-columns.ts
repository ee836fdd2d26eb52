/** Call chains as columns, each distinct one stored once: a million faults come from a few thousand places. */
import { NO_CHAIN } from "./fault-table.js";
import type { CallChains } from "./trace.js";

const SMALLEST_CAPACITY = 1024;

export class ChainColumns {
  /** Chain NO_CHAIN, the empty one, is always there. */
  private length = NO_CHAIN + 1;
  private frames = 0;
  private offsets = new Uint32Array(SMALLEST_CAPACITY + 1);
  /** Frames as pairs of low and high words. */
  private words = new Uint32Array(SMALLEST_CAPACITY * 2);
  private hashes = new Uint32Array(SMALLEST_CAPACITY);
  /** Chain of the hash in this slot plus one; 0 where the slot is free. */
  private slots = new Uint32Array(SMALLEST_CAPACITY * 2);

  /** Number of the chain whose frames are these `count` pairs of words; NO_CHAIN for an empty one. */
  intern(words: Uint32Array, count: number): number {
    if (count === 0) return NO_CHAIN;
    const hash = hashOf(words, count * 2);
    const mask = this.slots.length - 1;
    let slot = hash & mask;
    for (let entry; (entry = this.slots[slot]!) !== 0; slot = (slot + 1) & mask) {
      if (this.hashes[entry - 1] === hash && this.equals(entry - 1, words, count)) return entry - 1;
    }
    return this.add(words, count, hash, slot);
  }

  table(): CallChains {
    const ipGranule = new Float64Array(this.frames);
    const ipOffset = new Uint16Array(this.frames);
    for (let frame = 0; frame < this.frames; frame++) {
      const low = this.words[frame * 2]!;
      ipGranule[frame] = this.words[frame * 2 + 1]! * 0x10_0000 + (low >>> 12);
      ipOffset[frame] = low & 0xfff;
    }
    return { length: this.length, offsets: this.offsets.slice(0, this.length + 1), ipGranule, ipOffset };
  }

  private equals(chain: number, words: Uint32Array, count: number): boolean {
    const start = this.offsets[chain]!;
    if (this.offsets[chain + 1]! - start !== count) return false;
    for (let word = 0; word < count * 2; word++) if (this.words[start * 2 + word] !== words[word]) return false;
    return true;
  }

  private add(words: Uint32Array, count: number, hash: number, slot: number): number {
    while ((this.frames + count) * 2 > this.words.length) this.words = doubled(this.words);
    if (this.length + 1 === this.offsets.length) this.offsets = doubled(this.offsets);
    if (this.length === this.hashes.length) this.hashes = doubled(this.hashes);
    this.words.set(words.subarray(0, count * 2), this.frames * 2);
    this.frames += count;
    this.hashes[this.length] = hash;
    this.slots[slot] = ++this.length;
    this.offsets[this.length] = this.frames;
    if (this.length * 2 > this.slots.length) this.rehash();
    return this.length - 1;
  }

  private rehash(): void {
    this.slots = new Uint32Array(this.slots.length * 2);
    const mask = this.slots.length - 1;
    for (let chain = NO_CHAIN + 1; chain < this.length; chain++) {
      let slot = this.hashes[chain]! & mask;
      while (this.slots[slot] !== 0) slot = (slot + 1) & mask;
      this.slots[slot] = chain + 1;
    }
  }
}

function doubled(column: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const wider = new Uint32Array(column.length * 2);
  wider.set(column);
  return wider;
}

function hashOf(words: Uint32Array, length: number): number {
  let hash = length;
  for (let word = 0; word < length; word++) {
    hash = Math.imul(hash ^ words[word]!, 0x9e37_79b1);
    hash ^= hash >>> 15;
  }
  return hash >>> 0;
}
