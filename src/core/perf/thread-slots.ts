/** What is under way on each thread, as columns: a slot a thread, found by its tid. */

/** beginFlags and entryFlags of a slot in which nothing is under way. */
export const NOTHING = -1;
/** Words of a key: instruction address and faulting address, each as a low and a high word. */
export const KEY_WORDS = 4;
const SMALLEST_CAPACITY = 64;

export class ThreadSlots {
  length = 0;
  tid = new Int32Array(SMALLEST_CAPACITY);
  /** The fault that has begun, or NOTHING in its flags. */
  beginFlags = new Int32Array(SMALLEST_CAPACITY).fill(NOTHING);
  beginKey = new Uint32Array(SMALLEST_CAPACITY * KEY_WORDS);
  beginTime = new Float64Array(SMALLEST_CAPACITY);
  beginPid = new Int32Array(SMALLEST_CAPACITY);
  beginChain = new Uint32Array(SMALLEST_CAPACITY);
  /** What the last tracepoint told of the fault about to begin, or NOTHING. */
  entryFlags = new Int32Array(SMALLEST_CAPACITY).fill(NOTHING);
  entryKey = new Uint32Array(SMALLEST_CAPACITY * KEY_WORDS);
  /** Slot plus one of each tid, 0 where free: open addressing. */
  private table = new Int32Array(SMALLEST_CAPACITY * 2);
  private lastTid = 0;
  private lastSlot = -1;

  /** Slot of the thread, made if need be. */
  of(tid: number): number {
    return tid === this.lastTid && this.lastSlot >= 0 ? this.lastSlot : this.lookUp(tid);
  }

  /** Slot of the thread, or -1. */
  find(tid: number): number {
    const mask = this.table.length - 1;
    for (let at = scattered(tid) & mask; ; at = (at + 1) & mask) {
      const slot = this.table[at]! - 1;
      if (slot < 0 || this.tid[slot] === tid) return slot;
    }
  }

  private lookUp(tid: number): number {
    let slot = this.find(tid);
    if (slot < 0) slot = this.add(tid);
    this.lastTid = tid;
    this.lastSlot = slot;
    return slot;
  }

  private add(tid: number): number {
    if (this.length === this.tid.length) this.grow();
    this.tid[this.length++] = tid;
    this.enter(this.length - 1);
    return this.length - 1;
  }

  private enter(slot: number): void {
    const mask = this.table.length - 1;
    let at = scattered(this.tid[slot]!) & mask;
    while (this.table[at] !== 0) at = (at + 1) & mask;
    this.table[at] = slot + 1;
  }

  private grow(): void {
    const capacity = this.tid.length * 2;
    this.tid = widened(this.tid, new Int32Array(capacity));
    this.beginFlags = widened(this.beginFlags, new Int32Array(capacity).fill(NOTHING));
    this.beginKey = widened(this.beginKey, new Uint32Array(capacity * KEY_WORDS));
    this.beginTime = widened(this.beginTime, new Float64Array(capacity));
    this.beginPid = widened(this.beginPid, new Int32Array(capacity));
    this.beginChain = widened(this.beginChain, new Uint32Array(capacity));
    this.entryFlags = widened(this.entryFlags, new Int32Array(capacity).fill(NOTHING));
    this.entryKey = widened(this.entryKey, new Uint32Array(capacity * KEY_WORDS));
    this.table = new Int32Array(capacity * 2);
    for (let slot = 0; slot < this.length; slot++) this.enter(slot);
  }
}

function widened<Column extends { set(from: ArrayLike<number>): void }>(from: ArrayLike<number>, to: Column): Column {
  to.set(from);
  return to;
}

/** Neighbouring tids stay apart, whatever the size of the table. */
function scattered(tid: number): number {
  const mixed = Math.imul(tid, 0x9e37_79b1);
  return mixed ^ (mixed >>> 15);
}
