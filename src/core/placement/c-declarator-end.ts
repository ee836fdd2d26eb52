/** What a declarator of C or C++ text ends with: a body, a value, or nothing. */
import { PAREN, PAREN_END, COMMA, COLON, SEMICOLON, EQUALS, BRACKET, BRACE, BRACE_END } from "./c-signs.js";
import type { CDeclarator } from "./c-declarator.js";
import type { CStructure } from "./c-structure.js";
import { TOKEN } from "./c-tokens.js";

export interface CDeclaratorEnd {
  readonly token: number;
  readonly body: boolean;
}

/** @param from the parameters. */
export function functionEnd(structure: CStructure, from: number): CDeclaratorEnd | undefined {
  if (structure.kind(from) !== PAREN || structure.partner[from]! < 0) return undefined;
  let at = structure.after(from);
  const old = isIdentifierList(structure, from);
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
  for (let at = structure.next(semicolon), step = 0; step < MOST_STEPS; step++, at = structure.next(at)) {
    const kind = structure.kind(at);
    if (kind === SEMICOLON) return words.has(structure.textOf(structure.previous(at)));
    if (kind === 0 || kind === BRACE || kind === PAREN) return false;
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
