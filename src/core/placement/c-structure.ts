/** What brackets enclose in C and C++ text, also where the branches of #if open and close them differently. */
import { PAREN, PAREN_END, BRACKET, BRACKET_END, BRACE, BRACE_END } from "./c-signs.js";
import { lastAtOrBelow } from "../base/bisect.js";
import { TOKEN, tokenize, type CTokens } from "./c-tokens.js";
import { SourceLines } from "./source-lines.js";

export class CStructure {
  readonly tokens: CTokens;
  /** The other bracket of a pair; -1: none, or no bracket. */
  readonly partner: Int32Array;
  /** The innermost bracket that is open there; -1: none. */
  readonly parent: Int32Array;
  /** The preprocessor lines. */
  readonly directives: readonly number[];
  readonly lines: SourceLines;
  /** Of "#else" its "#endif", and back to its "#if": one branch is not read on into the next. */
  private readonly branchEnd = new Map<number, number>();
  private readonly branchStart = new Map<number, number>();

  constructor(readonly text: string) {
    this.tokens = tokenize(text);
    this.lines = new SourceLines(text);
    const directives: number[] = [];
    this.directives = directives;
    const { count, kinds } = this.tokens;
    this.partner = new Int32Array(count).fill(-1);
    this.parent = new Int32Array(count).fill(-1);
    let open: Open | undefined;
    const branches: Branch[] = [];
    for (let token = 0; token < count; token++) {
      const kind = kinds[token]!;
      if (kind === TOKEN.directive) {
        directives.push(token);
        const branch = branches.at(-1);
        switch (this.directive(token)) {
          case "if":
            branches.push({ start: token, splits: [], before: open, after: undefined });
            break;
          case "else":
            // Each branch begins where the first one did; what follows, where the first one ended.
            if (branch === undefined) break;
            if (branch.splits.length === 0) branch.after = open;
            branch.splits.push(token);
            this.branchStart.set(token, branch.start);
            open = branch.before;
            break;
          case "endif":
            for (const split of branch?.splits ?? []) this.branchEnd.set(split, token);
            if (branch !== undefined && branch.splits.length > 0) open = branch.after;
            branches.pop();
            break;
        }
      } else if (kind === PAREN || kind === BRACKET || kind === BRACE) {
        this.parent[token] = open?.token ?? -1;
        open = { token, closer: kind === PAREN ? PAREN_END : kind === BRACKET ? BRACKET_END : BRACE_END, outer: open };
        continue;
      } else if (kind === PAREN_END || kind === BRACKET_END || kind === BRACE_END) {
        const mate = opener(open, kind);
        if (mate !== undefined) {
          this.partner[token] = mate.token;
          this.partner[mate.token] = token;
          open = mate.outer;
        }
      }
      this.parent[token] = open?.token ?? -1;
    }
  }

  textOf(token: number): string {
    const { count, starts, ends } = this.tokens;
    return token >= 0 && token < count ? this.text.slice(starts[token], ends[token]) : "";
  }

  kind(token: number): number {
    return token >= 0 && token < this.tokens.count ? this.tokens.kinds[token]! : 0;
  }

  is(token: number, spelling: string): boolean {
    const { count, starts, ends } = this.tokens;
    if (token < 0 || token >= count) return false;
    return ends[token]! - starts[token]! === spelling.length && this.text.startsWith(spelling, starts[token]);
  }

  isWord(token: number): boolean {
    return this.kind(token) === TOKEN.identifier;
  }

  /** The next token that is no preprocessor line, and no other branch of the same condition. */
  next(token: number): number {
    let at = token + 1;
    while (this.kind(at) === TOKEN.directive) at = (this.branchEnd.get(at) ?? at) + 1;
    return at;
  }

  previous(token: number): number {
    let at = token - 1;
    while (this.kind(at) === TOKEN.directive) at = (this.branchStart.get(at) ?? at) - 1;
    return at;
  }

  /** The token after a group that opens here; the next token where it is none, or is never closed. */
  after(token: number): number {
    const mate = this.partner[token] ?? -1;
    return this.next(mate > token ? mate : token);
  }

  /** The name of a preprocessor line, "include", and what follows it. */
  directiveParts(token: number): { readonly name: string; readonly rest: string } {
    const found = /^#\s*(\w*)\s*([^]*)$/.exec(this.textOf(token).replace(/\\\r?\n/g, " "));
    return { name: found?.[1] ?? "", rest: found?.[2] ?? "" };
  }

  /** 1-based. */
  lineOf(token: number): number {
    return this.lines.at(this.tokens.starts[token] ?? this.text.length);
  }

  /** The first token that begins there or later. */
  tokenFrom(offset: number): number {
    return lastAtOrBelow(this.tokens.starts, offset - 1, this.tokens.count) + 1;
  }

  /** Where a word is a token of its own, in the order of the text: comments, strings and preprocessor lines are none. */
  *occurrences(word: string): Generator<number> {
    if (word === "") return;
    for (let at = this.text.indexOf(word); at >= 0; at = this.text.indexOf(word, at + word.length)) {
      const token = this.tokenFrom(at);
      if (this.tokens.starts[token] === at && this.isWord(token) && this.is(token, word)) yield token;
    }
  }

  private directive(token: number): "if" | "else" | "endif" | undefined {
    const name = /^#\s*(\w+)/.exec(this.textOf(token))?.[1] ?? "";
    if (/^if(?:n?def)?$/.test(name)) return "if";
    if (/^(?:else|elif(?:n?def)?)$/.test(name)) return "else";
    return name === "endif" ? name : undefined;
  }
}

interface Branch {
  readonly start: number;
  /** Its "#else" and "#elif". */
  readonly splits: number[];
  readonly before: Open | undefined;
  /** What the first branch left open. */
  after: Open | undefined;
}

/** A stack whose earlier states stay: a branch begins from the one before it. */
interface Open {
  readonly token: number;
  readonly closer: number;
  readonly outer: Open | undefined;
}

/** A bracket that closes none of the innermost ones is too many, and closes nothing. */
function opener(open: Open | undefined, closer: number): Open | undefined {
  let at = open;
  for (let depth = 0; at !== undefined && depth < MOST_UNCLOSED; depth++, at = at.outer)
    if (at.closer === closer) return at;
  return undefined;
}

/** Brackets left open inside another pair, as by macros. */
const MOST_UNCLOSED = 64;
