/** From where to where a node is written, trivia before it left out. */
import type { Element, Token } from "../tree.js";

export interface Span {
  /** UTF-16 units from the start of the text; the end is exclusive. */
  readonly start: number;
  readonly end: number;
}

/** Undefined of a node without any token. */
export function spanOf(element: Element): Span | undefined {
  const first = edgeToken(element, false);
  const last = edgeToken(element, true);
  if (first === undefined || last === undefined) return undefined;
  return { start: first.offset, end: last.offset + last.text.length };
}

export function tokenSpan({ offset, text }: Token): Span {
  return { start: offset, end: offset + text.length };
}

function edgeToken(element: Element, isLast: boolean): Token | undefined {
  if (element.kind === "token") return element.text === "" ? undefined : element;
  const { children } = element;
  for (let index = 0; index < children.length; index++) {
    const found = edgeToken(children[isLast ? children.length - 1 - index : index]!, isLast);
    if (found !== undefined) return found;
  }
  return undefined;
}
