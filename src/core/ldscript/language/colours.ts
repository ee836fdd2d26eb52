/** What each token of a script means, for an editor's colours: by its place in the tree, since words are commands in some places only. */
import { tokensOf, type Element, type Node, type Token } from "../tree.js";
import { ownNames, type NameKind } from "./names.js";

export type Meaning =
  | "command"
  | "function"
  | "comment"
  | "number"
  | "string"
  | "operator"
  | "location"
  | "section-pattern"
  | "file-pattern"
  | NameKind;

export interface ColouredToken {
  readonly offset: number;
  readonly length: number;
  readonly meaning: Meaning;
  readonly isDefinition: boolean;
}

/** In the order of the text. Comments may go over several lines. */
export function coloursOf(tree: Node): ColouredToken[] {
  const marks = marksOf(tree);
  const coloured: ColouredToken[] = [];
  for (const token of tokensOf(tree)) {
    addComments(token, coloured);
    const { text, offset } = token;
    const mark = marks.get(token);
    const meaning = mark?.meaning ?? meaningOf(token);
    if (meaning !== undefined && text !== "")
      coloured.push({ offset, length: text.length, meaning, isDefinition: mark?.isDefinition ?? false });
  }
  return coloured;
}

function addComments({ trivia, offset }: Token, coloured: ColouredToken[]): void {
  if (!trivia.includes("/") && !trivia.includes("#")) return;
  const start = offset - trivia.length;
  for (const { index, 0: comment } of trivia.matchAll(COMMENT))
    coloured.push({ offset: start + index, length: comment.length, meaning: "comment", isDefinition: false });
}

const COMMENT = /\/\*[^]*?(?:\*\/|$)|#[^\n]*/g;

interface Mark {
  readonly meaning: Meaning;
  readonly isDefinition: boolean;
}

/** What tokens mean by the node they are in. */
function marksOf(tree: Node): ReadonlyMap<Token, Mark> {
  const marks = new Map<Token, Mark>();
  const put = (meaning: Meaning, token: Element | undefined, isDefinition: boolean): void => {
    if (token?.kind === "token" && token.text !== ".") marks.set(token, { meaning, isDefinition });
  };
  const pending: Node[] = [tree];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    ownNames(next, put);
    if (next.kind === "number") put("number", next.token, false);
    else if (next.kind === "call") put("function", next.children[0], false);
    else if (next.kind === "symbol" && next.token.text === "SIZEOF_HEADERS") put("function", next.token, false);
    else if (next.kind === "section-pattern" || next.kind === "file-pattern") {
      put(next.kind, next.pattern, false);
      for (const token of next.excluded) put("file-pattern", token, false);
    }
    for (const child of next.children) if (child.kind !== "token") pending.push(child);
  }
  return marks;
}

function meaningOf({ symbol, text }: Token): Meaning | undefined {
  if (text === ".") return "location";
  if (symbol === "STRING") return "string";
  // Of GNU ld a keyword's symbol says that it is one here; lld's symbols are the words themselves.
  if (COMMAND.test(text)) return symbol === "NAME" ? undefined : "command";
  return OPERATOR.test(text) ? "operator" : undefined;
}

const OPERATOR = /^[-+*/%&|^<>=!~?:]+$/;
const COMMAND = /^(?:[A-Z][A-Z_0-9]{2,}|AT|org|len|[ol])$/;
