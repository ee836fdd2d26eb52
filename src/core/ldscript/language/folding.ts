/** What can be folded away: everything in braces, and long comments. */
import type { Extent } from "../extent.js";
import { tokensOf, type Node } from "../tree.js";

export interface Fold extends Extent {
  readonly isComment: boolean;
}

/** In the order of their ends; those on one line are the caller's to leave out. */
export function foldsOf(tree: Node): Fold[] {
  const folds: Fold[] = [];
  const open: number[] = [];
  for (const { text, trivia, offset } of tokensOf(tree)) {
    const before = offset - trivia.length;
    const comments = trivia.includes("/*") ? trivia.matchAll(COMMENT) : [];
    for (const { index, 0: comment } of comments)
      folds.push({ start: before + index, end: before + index + comment.length, isComment: true });
    if (text === "{") open.push(offset);
    if (text !== "}") continue;
    const start = open.pop();
    if (start !== undefined) folds.push({ start, end: offset, isComment: false });
  }
  return folds;
}

/** Of one that never ends the parser tells; here it goes to the end. */
const COMMENT = /\/\*[^]*?(?:\*\/|$)/g;
