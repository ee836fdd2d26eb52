/** What the parts of lld's parser share: the cursor with what lld knows while it reads, and names. */
import { Cursor } from "./cursor.js";
import type { Dialect } from "./dialect.js";
import { lexLld, type LldMode } from "./lld-lexer.js";
import type { Lexed } from "./lexed.js";
import type { Token } from "./tree.js";

/** What was declared so far: lld refuses a region that was not. */
export interface LldState {
  readonly dialect: Dialect;
  readonly regions: Set<string>;
}

export type LldCursor = Cursor<LldMode, LldState>;

export function lldCursor(text: string, dialect: Dialect): LldCursor {
  return new Cursor<LldMode, LldState>(text, lexer(dialect), "script", false, { dialect, regions: new Set() });
}

function lexer({ version }: Dialect): (text: string, offset: number, mode: LldMode) => Lexed {
  return (text, offset, mode) => lexLld(text, offset, mode, version);
}

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
