/** Lines of source text, by offset. */
import { lastAtOrBelow } from "../base/bisect.js";

/** Offsets. */
export interface LineRange {
  readonly start: number;
  readonly end: number;
}

/** Where the lines of a text begin: found once, when the first is asked for. Lines are 1-based. */
export class SourceLines {
  private found: readonly number[] | undefined;

  constructor(private readonly text: string) {}

  at(offset: number): number {
    return lastAtOrBelow(this.starts(), offset) + 1;
  }

  /** Where a line starts and ends, its line break left out; nothing for line 0 and beyond the end. */
  range(line: number): LineRange {
    const { length } = this.text;
    if (line < 1) return { start: 0, end: 0 };
    const starts = this.starts();
    return { start: starts[line - 1] ?? length, end: line < starts.length ? starts[line]! - 1 : length };
  }

  private starts(): readonly number[] {
    if (this.found !== undefined) return this.found;
    const starts = [0];
    for (let at = this.text.indexOf("\n"); at >= 0; at = this.text.indexOf("\n", at + 1)) starts.push(at + 1);
    return (this.found = starts);
  }
}

/** The line break that the text's first line ends with. */
export function lineBreakOf(text: string): string {
  const end = text.indexOf("\n");
  return end > 0 && text[end - 1] === "\r" ? "\r\n" : "\n";
}
