/** What a declarator of C or C++ text ends with: a body, a value, or nothing. */
import { PAREN, PAREN_END, COMMA, COLON, SEMICOLON, EQUALS, BRACKET, STAR, BRACE, BRACE_END } from "./c-signs.js";
import type { CDeclarator } from "./c-declarator.js";
import type { CStructure } from "./c-structure.js";
import { TOKEN } from "./c-tokens.js";

export interface CDeclaratorEnd {
  readonly token: number;
  readonly body: boolean;
}

/** @param from the parameters, of the function or of the one it points to; dimensions of an array it points to. */
export function functionEnd(structure: CStructure, from: number): CDeclaratorEnd | undefined {
  const list = structure.kind(from) === PAREN;
  if (!(list || structure.kind(from) === BRACKET) || structure.partner[from]! < 0) return undefined;
  let at = structure.after(from);
  const old = list && isIdentifierList(structure, from);
  for (let step = 0; step < MOST_STEPS && at < structure.tokens.count; step++) {
    const kind = structure.kind(at);
    if (kind === BRACE) return { token: at, body: true };
    if (kind === SEMICOLON && !(old && isDeclarationOfParameter(structure, at, from)))
      return { token: at, body: false };
    if (kind === COMMA && !old) return { token: at, body: false };
    if (kind === EQUALS) return { token: at, body: structure.is(structure.next(at), "default") };
    if (kind === COLON || structure.is(at, "try")) return { token: at, body: true };
    if (kind === BRACE_END || kind === PAREN_END) return undefined;
    at = structure.after(at);
  }
  return undefined;
}

/** K&R: "f(a, b) int a; char b; {": the parameters' types stand between. */
function isIdentifierList(structure: CStructure, open: number): boolean {
  const close = structure.partner[open]!;
  let at = structure.next(open);
  if (at === close) return false;
  for (let step = 0; step < MOST_STEPS && at < close; step++) {
    if (!structure.isWord(at)) return false;
    at = structure.next(at);
    if (at < close && structure.kind(at) !== COMMA) return false;
    at = structure.next(at);
  }
  return structure.isWord(structure.after(open));
}

/** Whether what ends at this semicolon, or follows it, is still before a body. */
function isDeclarationOfParameter(structure: CStructure, semicolon: number, open: number): boolean {
  const next = structure.next(semicolon);
  if (structure.kind(next) === BRACE) return true;
  const words = new Set<string>();
  for (let at = structure.next(open); at < structure.partner[open]!; at = structure.next(at))
    words.add(structure.textOf(at));
  let named = false;
  for (let at = structure.next(semicolon), step = 0; step < MOST_STEPS; step++) {
    const kind = structure.kind(at);
    if (kind === SEMICOLON) return named;
    if (kind === 0 || kind === BRACE) return false;
    if (kind === TOKEN.identifier) named = words.has(structure.textOf(at));
    // The name of "int (*name)(int)" is in the first parentheses, and none is in those that follow, or in "[4]".
    const pointer = kind === PAREN && structure.kind(structure.next(at)) === STAR;
    at = (kind === PAREN || kind === BRACKET) && !pointer ? structure.after(at) : structure.next(at);
  }
  return false;
}

/** Passes over dimensions, parameters of a pointer, names in assembler and attributes. */
export function variableEnd(structure: CStructure, { next, inParentheses }: CDeclarator): CDeclaratorEnd | undefined {
  let at = next;
  for (let step = 0; step < MOST_STEPS && at < structure.tokens.count; step++) {
    const kind = structure.kind(at);
    if (kind === BRACKET || (kind === PAREN && inParentheses && structure.previous(at) === structure.previous(next)))
      at = structure.after(at);
    else if (kind === TOKEN.identifier && structure.kind(structure.next(at)) === PAREN)
      at = structure.after(structure.next(at));
    else if (kind === TOKEN.identifier) at = structure.next(at);
    else if (
      kind === EQUALS ||
      kind === BRACE ||
      kind === PAREN ||
      kind === COMMA ||
      kind === SEMICOLON ||
      kind === COLON
    )
      return { token: at, body: kind !== COMMA && kind !== SEMICOLON };
    else return undefined;
  }
  return undefined;
}

/** Tokens of one declaration, a group counting as one. */
const MOST_STEPS = 2000;
