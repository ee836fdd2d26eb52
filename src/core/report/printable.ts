/** Names from files are hostile: control characters and text that reorders a line never reach a terminal. */

/** The text with every control, escape and direction character made visible, cut to `most` characters. */
export function printable(text: string, most = MOST_CHARACTERS): string {
  const cut = text.length > most ? `${text.slice(0, most - 1)}…` : text;
  return cut.replace(UNPRINTABLE, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}

/** C0 and C1 controls, DEL, line and paragraph separators, bidirectional marks, the byte order mark. */
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/g;

const MOST_CHARACTERS = 400;
