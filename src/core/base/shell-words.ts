/** Words of a line as a shell reads them; nothing is expanded, nothing is run. */

/** undefined where a quote is not closed. */
export function splitWords(line: string): readonly string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  for (let at = 0; at < line.length; at++) {
    const letter = line[at]!;
    if (letter === "'" || letter === '"') {
      const end = endOfQuote(line, at);
      if (end === undefined) return undefined;
      const inside = line.slice(at + 1, end);
      word = (word ?? "") + (letter === '"' ? inside.replace(/\\(["\\$`])/g, "$1") : inside);
      at = end;
    } else if (letter === "\\" && at + 1 < line.length) {
      word = (word ?? "") + line[++at]!;
    } else if (/\s/.test(letter)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? "") + letter;
    }
  }
  return word === undefined ? words : [...words, word];
}

function endOfQuote(line: string, start: number): number | undefined {
  const quote = line[start];
  for (let at = start + 1; at < line.length; at++) {
    if (line[at] === quote) return at;
    if (quote === '"' && line[at] === "\\") at++;
  }
  return undefined;
}
