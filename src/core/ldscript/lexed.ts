/** What a lexer gives: one token's extent, and what it had to say on the way to it. */

export interface LexicalProblem {
  readonly code: "invalid-character" | "unclosed-comment" | "unclosed-quote";
  readonly offset: number;
  /** The linker stops there (true), warns (false), or passes over it without a word (undefined). */
  readonly fatal: boolean | undefined;
}

export interface Lexed {
  readonly symbol: string;
  /** Of the text; trivia is what lies between the offset asked for and here. */
  readonly start: number;
  readonly end: number;
  readonly problems: readonly LexicalProblem[];
}
