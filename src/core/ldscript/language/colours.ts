/** What each token of a script means, for an editor's colours: by its place in the tree, since words are commands in some places only. */
import { tokensOf, type Element, type Node, type Token } from "../tree.js";
import { namesOf, type NameKind } from "./names.js";

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
  const known = new Map<Token, { meaning: Meaning; isDefinition: boolean }>();
  for (const { token, kind, isDefinition } of namesOf(tree)) known.set(token, { meaning: kind, isDefinition });
  for (const [token, meaning] of patternsOf(tree)) known.set(token, { meaning, isDefinition: false });
  return tokensOf(tree).flatMap((token) => {
    const { meaning, isDefinition } = known.get(token) ?? { meaning: meaningOf(token), isDefinition: false };
    const { text, offset } = token;
    const own = meaning === undefined || text === "" ? [] : [{ offset, length: text.length, meaning, isDefinition }];
    return [...commentsBefore(token), ...own];
  });
}

function commentsBefore({ trivia, offset }: Token): ColouredToken[] {
  if (trivia.length < 2 && trivia !== "#") return [];
  const start = offset - trivia.length;
  return [...trivia.matchAll(COMMENT)].map(({ index, 0: { length } }) => ({
    offset: start + index,
    length,
    meaning: "comment",
    isDefinition: false,
  }));
}

const COMMENT = /\/\*[^]*?(?:\*\/|$)|#[^\n]*/g;

function patternsOf(tree: Node): [Token, Meaning][] {
  const found: [Token, Meaning][] = [];
  const pending: Element[] = [tree];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (next.kind === "token") continue;
    if (next.kind === "section-pattern" || next.kind === "file-pattern") {
      if (next.pattern !== undefined) found.push([next.pattern, next.kind]);
      found.push(...next.excluded.map((token): [Token, Meaning] => [token, "file-pattern"]));
    }
    for (const child of next.children) pending.push(child);
  }
  return found;
}

function meaningOf({ symbol, text }: Token): Meaning | undefined {
  if (text === ".") return "location";
  if (symbol === "INT" || /^(?:0[xX][\da-fA-F]+|\$[\da-fA-F]+|\d+)[kKmM]?$/.test(text)) return "number";
  if (symbol === "STRING") return "string";
  if (/^[-+*/%&|^<>=!~?:]+$/.test(text)) return "operator";
  if (FUNCTIONS.has(text)) return "function";
  // Of GNU ld a keyword's symbol says that it is one here; lld's symbols are the words themselves.
  if (COMMAND.test(text) && symbol !== "NAME") return "command";
  return undefined;
}

const COMMAND = /^(?:[A-Z][A-Z_0-9]{2,}|AT|org|len|[ol])$/;
const FUNCTIONS: ReadonlySet<string> = new Set(
  "ABSOLUTE ADDR ALIGN ALIGNOF BLOCK CONSTANT DATA_SEGMENT_ALIGN DATA_SEGMENT_END DATA_SEGMENT_RELRO_END DEFINED LENGTH LOADADDR LOG2CEIL MAX MIN NEXT ORIGIN SEGMENT_START SIZEOF SIZEOF_HEADERS".split(
    " ",
  ),
);
