/** lld's lexer: words of a script hold most punctuation, those of an expression do not (lld/ELF/ScriptLexer). */
import type { Dialect } from "./dialect.js";
import type { LexicalProblem, Lexed } from "./lexed.js";

export type LldMode = "script" | "expression";

/** The token at `offset`. Its symbol is its text; STRING for a quoted one, NAME for a word that would read as a symbol of ours. */
export function lexLld(text: string, offset: number, mode: LldMode, { version }: Dialect): Lexed {
  const problems: LexicalProblem[] = [];
  const start = isInWord(text, offset, version) ? offset : behindTrivia(text, offset, problems);
  if (start >= text.length) return { symbol: "END", start: text.length, end: text.length, problems };
  if (text[start] === '"') {
    const close = text.indexOf('"', start + 1);
    if (close >= 0) return { symbol: "STRING", start, end: close + 1, problems };
    problems.push({ code: "unclosed-quote", offset: start, fatal: true });
    return { symbol: "END", start: text.length, end: text.length, problems };
  }
  const end = tokenEnd(text, start, mode, version);
  const word = text.slice(start, end);
  return { symbol: RESERVED.includes(word) ? "NAME" : word, start, end, problems };
}

/** Before lld 20 an expression's tokens are pieces of a word of the script: a comment in one is none. */
function isInWord(text: string, offset: number, version: number): boolean {
  return version < 20 && offset > 0 && /[\w.$\\~+[\]*?\-!^:]\/\*/.test(text.slice(offset - 1, offset + 2));
}

function behindTrivia(text: string, offset: number, problems: LexicalProblem[]): number {
  let at = offset;
  for (;;) {
    const start = at;
    at = matchEnd(SPACES, text, at);
    if (text[at] === "#") at = matchEnd(TO_LINE_END, text, at);
    else if (text.startsWith("/*", at)) {
      const end = text.indexOf("*/", at + 2);
      if (end < 0) problems.push({ code: "unclosed-comment", offset: at, fatal: true });
      at = end < 0 ? text.length : end + 2;
    }
    if (at === start) return at;
  }
}

function tokenEnd(text: string, at: number, mode: LldMode, version: number): number {
  const operator = matchEnd(ASSIGNING, text, at);
  if (operator > at) return operator;
  // Before lld 20 the two-character operators are tokens of the script too.
  if (version < 20) {
    const pair = matchEnd(PAIR, text, at);
    if (pair > at) return pair;
  }
  const end = matchEnd(mode === "script" ? SCRIPT_WORD : EXPRESSION_WORD, text, at);
  return end > at ? end : at + 1;
}

function matchEnd(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}

const SPACES = /[ \t\r\n\f\v]+/y;
const TO_LINE_END = /[^\n]*/y;
const ASSIGNING = /<<=|>>=|[+\-*/!&^|]=/y;
const PAIR = /<<|<=|>>|>=|\|\||&&/y;
const SCRIPT_WORD = /[\w.$/\\~=+[\]*?\-!^:]+/y;
const EXPRESSION_WORD = /[\w.$\\[\]]+|\|\||&&|<<|>>|[=!<>]=/y;
const RESERVED = ["END", "STRING", "NAME"];
