/** From where to where a node is written, trivia before it left out. */
import { startOf, type Element, type Token } from "./tree.js";

/** UTF-16 units from the start of the script; the end is exclusive. */
export interface Extent {
  readonly start: number;
  readonly end: number;
}

/** From the first token's text to the last one's end; empty, where it would be, of a node without any. */
export function extentOf(element: Element): Extent {
  const first = edgeToken(element, false);
  const last = edgeToken(element, true);
  const start = first?.offset ?? startOf(element) ?? 0;
  return { start, end: last === undefined ? start : last.offset + last.text.length };
}

/** No recursion: a chain of operators nests as deep as it is long. */
function edgeToken(element: Element, isLast: boolean): Token | undefined {
  const pending: Element[] = [element];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (next.kind === "token") {
      if (next.text !== "") return next;
      continue;
    }
    for (const child of isLast ? next.children : next.children.toReversed()) pending.push(child);
  }
  return undefined;
}
