/** What the parts of lld's parser share: the cursor, and names. */
import type { Cursor } from "./cursor.js";
import type { LldMode } from "./lld-lexer.js";
import type { Token } from "./tree.js";

/** What is declared in it are regions: lld refuses one that was not. */
export type LldCursor = Cursor<LldMode>;

/** Runs `read` with the lexer in `mode`. */
export function within<T>(c: LldCursor, mode: LldMode, read: () => T): T {
  if (c.mode === mode) return read();
  c.enter(mode);
  const value = read();
  c.leave();
  return value;
}

/** Any token but the end of the file: lld takes punctuation for a name too. */
export function takeName(c: LldCursor): Token | undefined {
  if (c.isMistaken) return undefined;
  if (c.peek().symbol !== "END") return c.take();
  c.fail("syntax");
  return undefined;
}

export function nameInParentheses(c: LldCursor): Token | undefined {
  c.need("(");
  const name = within(c, "script", () => takeName(c));
  c.need(")");
  return name;
}

/** Tokens up to the closing one, which is taken too. */
export function until(c: LldCursor, closing: string, item: (token: Token) => void): void {
  while (c.goesOn(closing)) item(c.take());
  c.need(closing);
}
