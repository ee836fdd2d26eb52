/** String literals: the linker merges them into .rodata without a boundary, so they are told by what they look like. */

export interface StringLiteral {
  /** Quoted, escaped and cut to a length that fits a line. */
  readonly name: string;
  /** Offset of its first byte in the bytes given. */
  readonly start: number;
  /** With the terminator. */
  readonly size: number;
}

export interface LiteralContext {
  /** The section holds nothing but strings. */
  readonly pure: boolean;
  /** Offset of the last place at or before `at` that code refers to. */
  readonly referenced: number | undefined;
}

/** The literal that covers bytes[at], or undefined when these bytes are no text. */
export function stringLiteralAt(bytes: Uint8Array, at: number, context: LiteralContext): StringLiteral | undefined {
  const { pure, referenced } = context;
  if (bytes[at] !== 0 && !isText(bytes[at] ?? 0)) return undefined;
  // The terminator belongs to the text before it.
  let start = bytes[at] === 0 ? at - 1 : at;
  while (start >= 0 && isText(bytes[start]!)) start--;
  start++;
  let end = Math.max(start, at);
  while (end < bytes.length && isText(bytes[end]!)) end++;
  const terminated = bytes[end] === 0;
  let clean = start === referenced || start === 0 || bytes[start - 1] === 0;
  if (!clean && referenced !== undefined && referenced > start && referenced <= at) {
    // Something before the text happens to look like text, or the text has no terminator, as in Rust.
    start = referenced;
    clean = true;
  }
  const length = end - start;
  if (!pure && length < (terminated && clean ? SHORTEST_TEXT : SHORTEST_RUN)) return undefined;
  if (length === 0 && !pure) return undefined;
  const size = length + (terminated ? 1 : 0);
  const name = quote(bytes.subarray(start, end));
  if (size === 0 || (!pure && name.includes("\ufffd"))) return undefined;
  return { name, start, size };
}

/** Printable ASCII, the usual control characters, and what UTF-8 text is made of. */
function isText(byte: number): boolean {
  return (byte >= 0x20 && byte < 0x7f) || (byte >= 7 && byte <= 13) || byte === 0x1b || (byte >= 0x80 && byte <= 0xf4);
}

function quote(bytes: Uint8Array): string {
  const text = new TextDecoder("utf-8").decode(bytes.subarray(0, LONGEST_SHOWN * 4));
  const shown = Array.from(text);
  const cut = shown.length > LONGEST_SHOWN;
  const escaped = JSON.stringify(shown.slice(0, cut ? LONGEST_SHOWN - 1 : LONGEST_SHOWN).join(""))
    .slice(1, -1)
    .replace(/[\x7f-\x9f]/g, (control) => `\\u00${control.charCodeAt(0).toString(16)}`);
  return `"${escaped}${cut ? "…" : ""}"`;
}

const SHORTEST_TEXT = 2;
const SHORTEST_RUN = 4;
const LONGEST_SHOWN = 40;
