/** Line and column of places in a text. */
import { lastAtOrBelow } from "../base/bisect.js";

/** Both from 1, the column in UTF-16 units. */
export interface Place {
  readonly line: number;
  readonly column: number;
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
