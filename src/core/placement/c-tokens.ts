/** C and C++ text as tokens. Never fails: what ends too early ends with its line, or with the text. */

/** Columns: one row for each token, in order. Preprocessor lines are one token each. */
export interface CTokens {
  readonly count: number;
  /** TOKEN…, or the character of a punctuator. */
  readonly kinds: Uint16Array;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
}

export const TOKEN = {
  identifier: 1,
  number: 2,
  /** With its prefix; characters, too. */
  string: 3,
  /** From "#" to the end of its line, with continued lines. */
  directive: 4,
  /** "::" */
  scope: 5,
  /** "->": its ">" closes nothing. */
  arrow: 6,
  /** "<<", "<=", ">=", "<=>": nor do these open or close template arguments. */
  operator: 7,
} as const;

export function tokenize(text: string): CTokens {
  return new Tokenizer(text).run();
}

class Tokenizer {
  private at = 0;
  private count = 0;
  private kinds: Uint16Array;
  private starts: Uint32Array;
  private ends: Uint32Array;
  /** Only white space and comments since the line began. */
  private lineStart = true;

  constructor(private readonly text: string) {
    const room = (text.length >> 2) + 16;
    this.kinds = new Uint16Array(room);
    this.starts = new Uint32Array(room);
    this.ends = new Uint32Array(room);
  }

  run(): CTokens {
    const { text } = this;
    if (text.charCodeAt(0) === 0xfeff) this.at = 1;
    while (this.at < text.length) {
      const code = text.charCodeAt(this.at);
      if (code === NEWLINE) {
        this.lineStart = true;
        this.at++;
      } else if (code <= SPACE) this.at++;
      else if (code === BACKSLASH && isLineEnd(text, this.at + 1)) this.at++;
      else if (code === SLASH && this.isAt("//")) this.at = lineEnd(text, this.at);
      else if (code === SLASH && this.isAt("/*")) this.at = commentEnd(text, this.at);
      else this.token(code);
    }
    return { count: this.count, kinds: this.kinds, starts: this.starts, ends: this.ends };
  }

  private token(code: number): void {
    const { text, at } = this;
    if (code === HASH && this.lineStart) this.push(TOKEN.directive, directiveEnd(text, at));
    else if (isWordStart(code)) this.word();
    else if (isDigit(code) || (code === DOT && isDigit(text.charCodeAt(at + 1))))
      this.push(TOKEN.number, numberEnd(text, at));
    else if (code === QUOTE || code === APOSTROPHE) this.push(TOKEN.string, stringEnd(text, at));
    else if (this.isAt("::")) this.push(TOKEN.scope, at + 2);
    else if (this.isAt("->")) this.push(TOKEN.arrow, at + 2);
    else if (this.isAt("<=>")) this.push(TOKEN.operator, at + 3);
    else if (this.isAt("<<") || this.isAt("<=") || this.isAt(">=")) this.push(TOKEN.operator, at + 2);
    else this.push(code, at + 1);
    this.lineStart = false;
  }

  private word(): void {
    const { text, at } = this;
    const end = wordEnd(text, at);
    const next = text.charCodeAt(end);
    if (next !== QUOTE && next !== APOSTROPHE) return this.push(TOKEN.identifier, end);
    const prefix = text.slice(at, end);
    if (next === QUOTE && RAW_PREFIX.test(prefix)) this.push(TOKEN.string, rawStringEnd(text, end));
    else if (PREFIX.test(prefix)) this.push(TOKEN.string, stringEnd(text, end));
    else this.push(TOKEN.identifier, end);
  }

  private push(kind: number, end: number): void {
    if (this.count === this.kinds.length) this.grow();
    this.kinds[this.count] = kind;
    this.starts[this.count] = this.at;
    this.ends[this.count] = end;
    this.count++;
    this.at = end;
  }

  private grow(): void {
    const room = this.kinds.length * 2;
    const kinds = new Uint16Array(room);
    kinds.set(this.kinds);
    this.kinds = kinds;
    const starts = new Uint32Array(room);
    starts.set(this.starts);
    this.starts = starts;
    const ends = new Uint32Array(room);
    ends.set(this.ends);
    this.ends = ends;
  }

  private isAt(what: string): boolean {
    return this.text.startsWith(what, this.at);
  }
}

/** A comment in it may go over several lines; an apostrophe in "#error don't" opens nothing. */
function directiveEnd(text: string, start: number): number {
  let at = start;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === NEWLINE) return text.charCodeAt(at - 1) === RETURN ? at - 1 : at;
    if (code === BACKSLASH) at += text.startsWith("\r\n", at + 1) ? 3 : 2;
    else if (code === SLASH && text.startsWith("//", at)) return lineEnd(text, at);
    else if (code === SLASH && text.startsWith("/*", at)) at = commentEnd(text, at);
    else if (code === QUOTE) at = stringEnd(text, at);
    else at++;
  }
  return text.length;
}

/** Where the line ends, the lines it is continued on included. */
function lineEnd(text: string, start: number): number {
  let end = text.indexOf("\n", start);
  while (end > 0 && text[text[end - 1] === "\r" ? end - 2 : end - 1] === "\\") end = text.indexOf("\n", end + 1);
  if (end < 0) return text.length;
  return text[end - 1] === "\r" ? end - 1 : end;
}

function commentEnd(text: string, start: number): number {
  const end = text.indexOf("*/", start + 2);
  return end < 0 ? text.length : end + 2;
}

/** @param start of the quote. One that is not closed ends with its line. */
function stringEnd(text: string, start: number): number {
  const quote = text.charCodeAt(start);
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === quote) return at + 1;
    if (code === NEWLINE) return at;
    if (code === BACKSLASH) at += text.startsWith("\r\n", at + 1) ? 2 : 1;
  }
  return text.length;
}

/** @param start of the quote in R"delimiter(…)delimiter". */
function rawStringEnd(text: string, start: number): number {
  const open = text.indexOf("(", start);
  // [lex.string]: a delimiter has at most 16 characters.
  if (open < 0 || open - start > 17) return stringEnd(text, start);
  const close = `)${text.slice(start + 1, open)}"`;
  const end = text.indexOf(close, open);
  return end < 0 ? text.length : end + close.length;
}

/** Preprocessing numbers: digits, letters, dots, signs of exponents, separators between digits. */
function numberEnd(text: string, start: number): number {
  let at = start + 1;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (isWordPart(code) || code === DOT) continue;
    if ((code === PLUS || code === MINUS) && /[eEpP]/.test(text[at - 1]!)) continue;
    if (code === APOSTROPHE && isWordPart(text.charCodeAt(at + 1))) continue;
    break;
  }
  return at;
}

function wordEnd(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && isWordPart(text.charCodeAt(at))) at++;
  return at;
}

function isLineEnd(text: string, at: number): boolean {
  return text[at] === "\n" || (text[at] === "\r" && text[at + 1] === "\n");
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

function isWordStart(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95 || code === 36 || code >= 128;
}

function isWordPart(code: number): boolean {
  return isWordStart(code) || isDigit(code);
}

const NEWLINE = 10;
const RETURN = 13;
const SPACE = 32;
const QUOTE = 34;
const HASH = 35;
const APOSTROPHE = 39;
const PLUS = 43;
const MINUS = 45;
const DOT = 46;
const SLASH = 47;
const BACKSLASH = 92;
const RAW_PREFIX = /^(?:u8|u|U|L)?R$/;
const PREFIX = /^(?:u8|u|U|L)$/;
