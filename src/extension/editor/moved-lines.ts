/** Where lines went when their document was edited: counted from the edits, as an editor moves its decorations, never guessed. */

/** 0-based, as editors count. */
export interface Place {
  readonly line: number;
  readonly character: number;
}

/** The text from `start` to `end` was replaced by `text`. */
export interface Change {
  readonly start: Place;
  readonly end: Place;
  readonly text: string;
}

/** The place after one edit, whose changes all count in the text before it; undefined when its text was deleted. */
export function movedPlace(place: Place, changes: readonly Change[]): Place | undefined {
  let moved: Place | undefined = place;
  // From the end of the text to its beginning, so that no change moves another one.
  for (const change of changes.toSorted((a, b) => (isBefore(a.start, b.start) ? 1 : -1))) {
    if (moved === undefined) return undefined;
    moved = movedBy(moved, change);
  }
  return moved;
}

function movedBy(place: Place, { start, end, text }: Change): Place | undefined {
  if (isBefore(place, start)) return place;
  const added = text.split(/\r\n|\r|\n/);
  if (!isBefore(place, end)) {
    const line = place.line + added.length - 1 - (end.line - start.line);
    if (place.line !== end.line) return { line, character: place.character };
    const lastLength = added.at(-1)!.length;
    const endOfText = added.length > 1 ? lastLength : start.character + lastLength;
    return { line, character: endOfText + place.character - end.character };
  }
  // Retyped within its line, it is still that line; otherwise its text is gone.
  return start.line === end.line ? { line: start.line, character: start.character } : undefined;
}

function isBefore(a: Place, b: Place): boolean {
  return a.line < b.line || (a.line === b.line && a.character < b.character);
}
