/** What was read of an earlier text of a script, item by item, so that an edit has only what it touches read again. */
import type { Declarations, Question } from "./declarations.js";
import type { RawProblem } from "./problems.js";
import type { Element, Node, Token } from "./tree.js";

/** What an item's reading depends on beside the text. */
export interface Situation<Mode extends string> {
  /** Which list it is an item of. */
  readonly kind: string;
  /** The lexer's mode, and the one in which the item's first token is read. */
  readonly mode: Mode;
  readonly firstMode: Mode;
  /** Nodes that are open. */
  readonly nesting: number;
}

/** One item of a list as it was read, without a mistake of its own. */
export interface ReadItem<Mode extends string> extends Situation<Mode> {
  /** Where its first token's trivia begins, in UTF-16 units from the start of the text. */
  start: number;
  /** Where its last token ends. */
  end: number;
  /** How far the lexer went for it, the token behind it included; Infinity where it looked for an end in vain. */
  reach: number;
  /** The mode in which the token behind it was looked at already. */
  readonly aheadMode: Mode | undefined;
  readonly elements: readonly Element[];
  /** By offsets from `start`. */
  readonly problems: readonly RawProblem[];
  readonly last: Token | undefined;
  /** What was declared where it was asked for, and what it declares. */
  readonly asked: readonly Question[];
  readonly declared: readonly string[];
  /** How many of the next items lie within this one. */
  readonly inner: number;
}

/** All items of one text, each before those within it; undefined where a mistake undid one. */
export type ReadItems<Mode extends string> = readonly (ReadItem<Mode> | undefined)[];

/** What stands of the items of the text `before`, asked for in the order of the text `after`; each is used up when it is taken. */
export class EarlierItems<Mode extends string> {
  private next = 0;
  private readonly change: Change;

  constructor(
    private readonly items: ReadItems<Mode>,
    before: string,
    after: string,
  ) {
    this.change = changeBetween(before, after);
  }

  /** The item that begins at `at` of the new text and those within it, moved to their new places. */
  take(at: number, situation: Situation<Mode>, declarations: Declarations): Taken<Mode> | undefined {
    const { start, end, shift } = this.change;
    const isBefore = at < start;
    const earlier = isBefore ? at : at - shift;
    // What lld takes for a comment depends on the character before it.
    if (!isBefore && earlier <= end) return undefined;
    const { items } = this;
    for (; this.next < items.length; this.next++) {
      const item = items[this.next];
      if (item === undefined || item.start < earlier) continue;
      if (item.start > earlier || (isBefore && item.reach >= start)) return undefined;
      if (!isAlike(item, situation) || !declarations.answersAlike(item.asked)) return undefined;
      const all = items.slice(this.next, this.next + 1 + item.inner);
      this.next += all.length;
      if (!isBefore && shift !== 0) move(item, all, shift);
      return { item, all };
    }
    return undefined;
  }
}

interface Taken<Mode extends string> {
  readonly item: ReadItem<Mode>;
  /** It, and those within it. */
  readonly all: ReadItems<Mode>;
}

/** What came since; of most items nothing. */
export function since<T>(start: number, all: readonly T[]): readonly T[] {
  return start === all.length ? NONE : all.slice(start);
}

export function movedBy(shift: number, problems: readonly RawProblem[]): readonly RawProblem[] {
  return problems.length === 0 ? NONE : problems.map((each) => ({ ...each, offset: each.offset + shift }));
}

const NONE: readonly never[] = [];

function isAlike(a: Situation<string>, b: Situation<string>): boolean {
  return a.kind === b.kind && a.mode === b.mode && a.firstMode === b.firstMode && a.nesting === b.nesting;
}

function move(outer: ReadItem<string>, all: ReadItems<string>, shift: number): void {
  for (const item of all) {
    if (item === undefined) continue;
    item.start += shift;
    item.end += shift;
    item.reach += shift;
  }
  for (const element of outer.elements) moveTokens(element, shift);
}

/** No recursion: trees nest as deep as the parser allows. */
function moveTokens(element: Element, shift: number): void {
  if (element.kind === "token") return moveToken(element, shift);
  const pending: Node[] = [element];
  for (let next = pending.pop(); next !== undefined; next = pending.pop())
    for (const child of next.children)
      if (child.kind === "token") moveToken(child, shift);
      else pending.push(child);
}

function moveToken(token: { offset: number }, shift: number): void {
  token.offset += shift;
}

interface Change {
  /** Up to here the texts are the same; what ends before it was read without a look at what changed. */
  readonly start: number;
  /** From here of the earlier text on they are the same again. */
  readonly end: number;
  /** What is behind the change moves by this. */
  readonly shift: number;
}

function changeBetween(before: string, after: string): Change {
  const most = Math.min(before.length, after.length);
  const same = sameLength(most, (from, to) => before.slice(from, to) === after.slice(from, to));
  const behind = sameLength(
    most - same,
    (from, to) =>
      before.slice(before.length - to, before.length - from) === after.slice(after.length - to, after.length - from),
  );
  let start = same;
  // Lexers look ahead, but never over a space that they do not take.
  while (start > 0 && !SPACES.includes(before[start - 1]!)) start -= 1;
  return { start, end: before.length - behind, shift: after.length - before.length };
}

const SPACES = " \t\r\n";
const BLOCK = 4096;

/** How long the equal part is: by blocks, then halving. */
function sameLength(most: number, isSame: (from: number, to: number) => boolean): number {
  let same = 0;
  for (let step = BLOCK; step >= 1; step /= 2) {
    while (same + step <= most && isSame(same, same + step)) same += step;
  }
  return same;
}
