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

/** How far the lexer looked: beyond the end of the text where an end was looked for in vain. */
export function reachOf(text: string, { symbol, end, problems }: Lexed): number {
  if (symbol === "END") return Infinity;
  const isInVain = problems.some(({ code, offset }) => code !== "invalid-character" || text[offset] === '"');
  return isInVain ? Infinity : end;
}
