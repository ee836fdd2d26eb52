/** A parser's state: the token ahead, the lexer's mode, the nodes that are open, and whether a mistake is being skipped. */
import type { Lexed } from "./lexed.js";
import type { ProblemCode, Severity } from "./problems.js";
import type { Element, Node, Skipped, Token } from "./tree.js";

export interface RawProblem {
  readonly code: ProblemCode;
  readonly severity: Severity;
  readonly offset: number;
  readonly length: number;
  readonly values: readonly (string | number)[];
}

/** Children are put in by the cursor. */
type Unfinished<N> = N extends Node ? Omit<N, "children"> : never;

/**
 * The parser chooses the mode; a token that was looked at keeps the mode it was read in, as in a parser made by bison.
 * After a mistake nothing is taken until the list it is in skips to its next item.
 */
export class Cursor<Mode extends string, State = undefined> {
  readonly problems: RawProblem[] = [];
  private readonly modes: Mode[];
  private readonly open: Element[][] = [[]];
  private ahead: Token | undefined;
  /** Of the token ahead. */
  private lexed: Lexed | undefined;
  private at = 0;
  private mistaken = false;
  private skipping = false;
  private last: Token | undefined;

  constructor(
    private readonly text: string,
    private readonly lex: (text: string, offset: number, mode: Mode) => Lexed,
    mode: Mode,
    private readonly keepsAhead: boolean,
    /** What the parser itself remembers. */
    readonly state: State,
  ) {
    this.modes = [mode];
  }

  get mode(): Mode {
    return this.modes[this.modes.length - 1]!;
  }

  get depth(): number {
    return this.modes.length;
  }

  get isMistaken(): boolean {
    return this.mistaken;
  }

  /** The token that was taken last. */
  get previous(): Token | undefined {
    return this.last;
  }

  enter(mode: Mode): void {
    this.modes.push(mode);
    if (!this.keepsAhead) this.back();
  }

  leave(): void {
    if (this.modes.length > 1) this.modes.pop();
    if (!this.keepsAhead) this.back();
  }

  /** The lexer itself changes its mode: braces of version scripts. */
  switchTo(mode: Mode): void {
    this.modes[this.modes.length - 1] = mode;
  }

  /** Reads the token ahead anew, in the mode of now. */
  back(): void {
    this.ahead = undefined;
  }

  peek(): Token {
    return this.look();
  }

  /** Whether the token ahead is one of these; never while a mistake is being skipped. */
  sees(...symbols: readonly string[]): boolean {
    return !this.mistaken && symbols.includes(this.peek().symbol);
  }

  /** Whether a list goes on: neither at its end, nor at the end of the file, nor behind a mistake. */
  goesOn(closing: string): boolean {
    return !this.mistaken && !this.sees(closing, "END");
  }

  take(): Token {
    const token = this.look();
    this.ahead = undefined;
    this.at = token.offset + token.text.length;
    for (const { code, offset, fatal } of this.lexed?.problems ?? []) {
      // What is skipped is read in whatever mode: only what holds in all of them is told.
      if (fatal === undefined || (this.skipping && !fatal)) continue;
      const length = code === "unclosed-comment" ? 2 : 1;
      const values = [this.text.slice(offset, offset + length)];
      this.problems.push({ code, severity: fatal ? "error" : "warning", offset, length, values });
    }
    this.top().push(token);
    this.last = token;
    return token;
  }

  takeIf(...symbols: readonly string[]): Token | undefined {
    return this.sees(...symbols) ? this.take() : undefined;
  }

  /** The token that must come, or a problem: from then on nothing is taken until the mistake is skipped. */
  need(...symbols: readonly string[]): Token | undefined {
    if (this.sees(...symbols)) return this.take();
    this.fail("syntax", symbols.length > MOST_EXPECTED ? "" : symbols.map(shown).join(" / "));
    return undefined;
  }

  fail(code: ProblemCode, expected = "", severity: Severity = "error"): void {
    if (this.mistaken) return;
    this.mistaken = severity === "error";
    const isEnd = this.peek().symbol === "END";
    // The end of the file is where the last word is: behind it there may be nothing but empty lines.
    const { text, offset } = isEnd && this.last !== undefined ? this.last : this.peek();
    const values = [isEnd ? END_OF_FILE : text, ...(expected === "" ? [] : [expected])];
    this.problems.push({ code, severity, offset, length: Math.max(text.length, 1), values });
  }

  /** A mistake in a token that was taken already. */
  failAt(token: Token): void {
    this.tell("syntax", token, "error");
    this.mistaken = true;
  }

  /** Tells something about a token that was taken: the parse goes on. */
  tell(code: ProblemCode, token: Token, severity: Severity, values: readonly (string | number)[] = [token.text]): void {
    if (!this.mistaken)
      this.problems.push({ code, severity, offset: token.offset, length: Math.max(token.text.length, 1), values });
  }

  begin(): void {
    this.open.push([]);
  }

  /** Begins a node around the one that was finished last: the left side of an operator. */
  beginAround(): void {
    const inner = this.top().pop();
    this.open.push(inner === undefined ? [] : [inner]);
  }

  end<N extends Node>(node: Unfinished<N>): N {
    // The node was made for this call: what it lacks is put into it.
    const finished = Object.assign(node, { children: this.open.pop() ?? [] }) as unknown as N;
    this.top().push(finished);
    return finished;
  }

  /** Nodes that are open: how deep the parser is. */
  get nesting(): number {
    return this.open.length;
  }

  /** After a mistake: skips to behind the next `;` or block, or to before what closes the list, in the modes of `depth`. */
  recover(depth: number, nesting: number, closing: string): void {
    if (!this.mistaken) return;
    this.mistaken = false;
    this.modes.length = Math.min(this.modes.length, depth);
    this.ahead = undefined;
    while (this.open.length > nesting) this.fold();
    this.begin();
    this.skipping = true;
    let braces = 0;
    for (;;) {
      const { symbol } = this.peek();
      if (symbol === "END" || (symbol === closing && braces === 0)) break;
      this.take();
      if (symbol === "}" && braces === 0) break;
      if (symbol === "{") braces += 1;
      else if (symbol === "}" && --braces === 0) break;
      else if (symbol === ";" && braces === 0) break;
    }
    this.skipping = false;
    this.end<Skipped>({ kind: "skipped" });
  }

  /** Whatever is left, so that the tree holds the whole text. */
  rest(): void {
    this.mistaken = false;
    while (this.peek().symbol !== "END") this.take();
    this.take();
  }

  finished(): readonly Element[] {
    while (this.open.length > 1) this.fold();
    return this.top();
  }

  private fold(): void {
    const children = this.open.pop() ?? [];
    this.top().push({ kind: "skipped", children });
  }

  private top(): Element[] {
    return this.open[this.open.length - 1]!;
  }

  private look(): Token {
    if (this.ahead !== undefined) return this.ahead;
    const lexed = this.lex(this.text, this.at, this.mode);
    this.lexed = lexed;
    return (this.ahead = {
      kind: "token",
      symbol: lexed.symbol,
      text: this.text.slice(lexed.start, lexed.end),
      trivia: this.text.slice(this.at, lexed.start),
      offset: lexed.start,
    });
  }
}

function shown(symbol: string): string {
  return SYMBOL_NAMES[symbol] ?? symbol;
}

/** Shown as they are in every language: they name the grammar's words. */
const SYMBOL_NAMES: Readonly<Record<string, string>> = {
  NAME: "name",
  STRING: '"text"',
  INT: "number",
  IDENTIFIER: "symbol",
  TAG: "version",
};
const END_OF_FILE = "EOF";
const MOST_EXPECTED = 6;
