/** Lines of source text, by offset. */

/** 1-based. */
export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf("\n"); at >= 0 && at < offset; at = text.indexOf("\n", at + 1)) line++;
  return line;
}

/** Offsets. */
export interface LineRange {
  readonly start: number;
  readonly end: number;
}

/** Where a line (1-based) starts and ends, its line break left out; nothing for line 0 and beyond the end. */
export function lineRange(text: string, line: number): LineRange {
  if (line < 1) return { start: 0, end: 0 };
  let start = 0;
  for (let at = 1; at < line; at++) {
    start = text.indexOf("\n", start) + 1;
    if (start === 0) return { start: text.length, end: text.length };
  }
  const end = text.indexOf("\n", start);
  return { start, end: end < 0 ? text.length : end };
}

/** The line break that the text's first line ends with. */
export function lineBreakOf(text: string): string {
  const end = text.indexOf("\n");
  return end > 0 && text[end - 1] === "\r" ? "\r\n" : "\n";
}
