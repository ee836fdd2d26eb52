/** Line and column of places in a text. */
import { lastAtOrBelow } from "../base/bisect.js";

/** Both from 1, the column in UTF-16 units. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Of offsets that do not decrease: the text is gone through once. */
export function placesInOrder(text: string): (offset: number) => Place {
  let line = 1;
  let start = 0;
  let end = text.indexOf("\n");
  return (offset) => {
    for (; end >= 0 && end < offset; end = text.indexOf("\n", start)) {
      line += 1;
      start = end + 1;
    }
    return { line, column: offset - start + 1 };
  };
}

/** The lines are found once. */
export function placeIn(text: string): (offset: number) => Place {
  const starts = [0];
  for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", end + 1)) starts.push(end + 1);
  return (offset) => {
    const row = lastAtOrBelow(starts, offset);
    return { line: row + 1, column: offset - starts[row]! + 1 };
  };
}
