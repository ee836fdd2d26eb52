/** On which pages each object was touched. */

export class ObjectPages {
  /** Page row → the object last seen on it: mostly the only one, so that it answers nearly always. */
  private last = new Int32Array(1024).fill(NONE);
  private readonly others = new Set<number>();
  private readonly rows: number[][] = [];

  /** The object was touched on these pages: rows of the touched pages. */
  note(object: number, pages: Uint32Array): void {
    for (let at = 0; at < pages.length; at++) {
      const page = pages[at]!;
      if (page >= this.last.length) this.grow(page);
      if (this.last[page] !== object) this.add(object, page);
    }
  }

  /** For each of the objects the rows of its pages. */
  finish(objects: number): readonly (readonly number[])[] {
    return Array.from({ length: objects }, (_, object) => this.rows[object] ?? []);
  }

  private add(object: number, page: number): void {
    const last = this.last[page]!;
    this.last[page] = object;
    if (last !== NONE) {
      const key = page * MOST_OBJECTS + object;
      if (this.others.has(key)) return;
      this.others.add(page * MOST_OBJECTS + last).add(key);
    }
    (this.rows[object] ??= []).push(page);
  }

  private grow(page: number): void {
    const wider = new Int32Array(Math.max(this.last.length * 2, page + 1)).fill(NONE);
    wider.set(this.last);
    this.last = wider;
  }
}

const NONE = -1;
/** Keys of a page and an object stay exact in a double. */
const MOST_OBJECTS = 2 ** 26;
