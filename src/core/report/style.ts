/** How text is set off: colours on a terminal, nothing elsewhere. */

export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  good(text: string): string;
  bad(text: string): string;
  /** `level` 0 (cold) … 3 (hot). */
  heat(level: number, text: string): string;
}

export const plain: Style = { bold: same, dim: same, good: same, bad: same, heat: (_level, text) => text };

/** SGR sequences that every terminal with 16 colours shows (ECMA-48). */
export const coloured: Style = {
  bold: (text) => sgr("1", text),
  dim: (text) => sgr("2", text),
  good: (text) => sgr("32", text),
  bad: (text) => sgr("31", text),
  heat: (level, text) => sgr(["36", "33", "35", "31"][level] ?? "31", text),
};

function same(text: string): string {
  return text;
}

function sgr(code: string, text: string): string {
  return text === "" ? "" : `\u001b[${code}m${text}\u001b[0m`;
}
