/** Changes of a text, as data: what finds them need not be what applies them. */

/** Several of one answer do not overlap, and count in the text before all of them. */
export interface TextEdit {
  /** UTF-16 units from the start of the text. */
  readonly offset: number;
  /** UTF-16 units that are replaced. */
  readonly length: number;
  readonly text: string;
}

/** The text after all of them. */
export function editedText(text: string, edits: readonly TextEdit[]): string {
  const ordered = [...edits].sort((a, b) => a.offset - b.offset);
  let end = 0;
  const pieces = ordered.flatMap((edit) => {
    const before = text.slice(end, edit.offset);
    end = edit.offset + edit.length;
    return [before, edit.text];
  });
  return [...pieces, text.slice(end)].join("");
}

/** The one change that makes `after` of `before`; undefined: they are equal. */
export function changeBetween(before: string, after: string): TextEdit | undefined {
  if (before === after) return undefined;
  const most = Math.min(before.length, after.length);
  let start = 0;
  while (start < most && before[start] === after[start]) start++;
  let end = 0;
  while (end < most - start && before.at(-1 - end) === after.at(-1 - end)) end++;
  return { offset: start, length: before.length - start - end, text: after.slice(start, after.length - end) };
}
