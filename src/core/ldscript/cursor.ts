/** A parser's state: the token ahead, the lexer's mode, the nodes that are open, and whether a mistake is being skipped. */
import type { Dialect } from "./dialect.js";
import { Declarations } from "./declarations.js";
import { reachOf, type Lexed } from "./lexed.js";
import { MAX_SCRIPT_NESTING, MAX_SCRIPT_PROBLEMS } from "./limits.js";
import { placeholdersIn } from "./placeholders.js";
import type { ProblemCode, RawProblem, Severity } from "./problems.js";
import { movedBy, since, type EarlierItems, type ReadItem } from "./read-items.js";
import { shownSymbol } from "./symbol-names.js";
import type { Element, Node, Skipped, Token } from "./tree.js";

/** Children are put in by the cursor. */
type Unfinished<N> = N extends Node ? Omit<N, "children"> : never;

/**
 * The parser chooses the mode; a token that was looked at keeps the mode it was read in, as in a parser made by bison.
 * After a mistake nothing is taken until the list it is in skips to its next item.
 */
export class Cursor<Mode extends string> {
  readonly problems: RawProblem[] = [];
  /** What was read, for the next text; undefined where a mistake undid an item. */
  readonly items: (ReadItem<Mode> | undefined)[] = [];
  /** What the script declares and must not use before. */
  readonly declarations = new Declarations();
  private readonly modes: Mode[];
  private readonly open: Element[][] = [[]];
  private ahead: Token | undefined;
  /** Of the token ahead. */
  private lexed: Lexed | undefined;
  /** The mode in which the token ahead was looked at, which it keeps. */
  private aheadMode: Mode | undefined;
  private aheadReach = 0;
  private reach = 0;
  private at = 0;
  private mistaken = false;
  private skipping = false;
  private last: Token | undefined;

  constructor(
    private readonly text: string,
    readonly dialect: Dialect,
    private readonly lex: (text: string, offset: number, mode: Mode, dialect: Dialect) => Lexed,
    mode: Mode,
    private readonly keepsAhead: boolean,
    private readonly earlier: EarlierItems<Mode> | undefined,
  ) {
    this.modes = [mode];
  }

  get mode(): Mode {
    return this.modes[this.modes.length - 1]!;
  }

  get isMistaken(): boolean {
    return this.mistaken;
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

  /** Reads the token ahead anew, in the mode of now or in another one. */
  back(mode?: Mode): void {
    this.ahead = undefined;
    this.aheadMode = mode;
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
    this.back();
    this.at = token.offset + token.text.length;
    for (const { code, offset, fatal } of this.lexed?.problems ?? []) {
      // What is skipped is read in whatever mode: only what holds in all of them is told.
      if (fatal === undefined || (this.skipping && !fatal)) continue;
      const length = code === "unclosed-comment" ? 2 : 1;
      const values = [this.text.slice(offset, offset + length)];
      this.problems.push({ code, severity: fatal ? "error" : "warning", offset, length, values });
    }
    for (const each of placeholdersIn(token)) this.problems.push(each);
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
    this.fail("syntax", symbols.length > MOST_EXPECTED ? "" : symbols.map(shownSymbol).join(" / "));
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

  /** A list up to its closing symbol or the end; a mistake in one item costs that item. `kind` says which `item` it is. */
  list(kind: string, closing: string, item: () => void): void {
    const { nesting } = this;
    const depth = this.modes.length;
    for (;;) {
      for (;;) {
        if (this.reuse(kind)) continue;
        if (!this.goesOn(closing)) break;
        this.read(kind, item);
      }
      if (!this.mistaken) return;
      // A mistake at too great a depth is the outermost list's to skip: each level would begin anew behind it.
      if (this.nesting > MAX_SCRIPT_NESTING) return;
      this.recover(depth, nesting, closing);
    }
  }

  /** Whether the next item stands as it was read in an earlier text; then it is taken over. */
  private reuse(kind: string): boolean {
    if (this.earlier === undefined || this.mistaken) return false;
    const { mode, nesting } = this;
    const situation = { kind, mode, firstMode: this.aheadMode ?? mode, nesting };
    const taken = this.earlier.take(this.at, situation, this.declarations);
    if (taken === undefined) return false;
    const { item, all } = taken;
    for (const each of all) this.items.push(each);
    for (const element of item.elements) this.top().push(element);
    for (const each of movedBy(item.start, item.problems)) this.problems.push(each);
    this.declarations.repeat(item.asked, item.declared);
    this.at = item.end;
    this.reach = Math.max(this.reach, item.reach);
    this.last = item.last;
    this.ahead = undefined;
    this.aheadMode = item.aheadMode;
    return true;
  }

  /** Reads an item, and notes what the reading depends on. */
  private read(kind: string, item: () => void): void {
    const { mode, nesting, at: start, reach, items } = this;
    const firstMode = this.aheadMode ?? mode;
    const index = items.push(undefined) - 1;
    const elements = this.top().length;
    const problems = this.problems.length;
    const { asked, declared } = this.declarations;
    const [fromAsked, fromDeclared] = [asked.length, declared.length];
    this.reach = this.ahead === undefined ? 0 : this.aheadReach;
    item();
    const own = this.reach;
    this.reach = Math.max(reach, own);
    const most = Math.max(this.problems.length - problems, asked.length - fromAsked, declared.length - fromDeclared);
    if (this.mistaken || most > MAX_SCRIPT_PROBLEMS) return;
    items[index] = {
      kind,
      mode,
      firstMode,
      nesting,
      start,
      end: this.at,
      reach: own,
      aheadMode: this.aheadMode,
      elements: this.top().slice(elements),
      problems: movedBy(-start, since(problems, this.problems)),
      last: this.last,
      asked: since(fromAsked, asked),
      declared: since(fromDeclared, declared),
      inner: items.length - index - 1,
    };
  }

  /** After a mistake: skips to behind the next `;` or block, or to before what closes the list, in the modes of `depth`. */
  private recover(depth: number, nesting: number, closing: string): void {
    this.mistaken = false;
    this.modes.length = Math.min(this.modes.length, depth);
    this.back();
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
    this.aheadMode ??= this.mode;
    const lexed = this.lex(this.text, this.at, this.aheadMode, this.dialect);
    this.lexed = lexed;
    this.aheadReach = reachOf(this.text, lexed);
    if (this.aheadReach > this.reach) this.reach = this.aheadReach;
    const text = this.piece(lexed.start, lexed.end);
    const symbol = lexed.symbol === text ? text : lexed.symbol;
    const trivia = this.piece(this.at, lexed.start);
    return (this.ahead = { kind: "token", symbol, text, trivia, offset: lexed.start });
  }

  /** Of a text that is one of many, a copy: a slice would keep the whole of it in memory. */
  private piece(start: number, end: number): string {
    const slice = this.text.slice(start, end);
    return this.earlier === undefined ? slice : ` ${slice}`.slice(1);
  }
}

const END_OF_FILE = "EOF";
const MOST_EXPECTED = 6;
