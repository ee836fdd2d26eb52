/** Punycode (RFC 3492) with Rust's delimiter: identifiers that are not ASCII. */

/** undefined when the text is no punycode. */
export function decodePunycode(text: string): string | undefined {
  const delimiter = text.lastIndexOf("_");
  const points = delimiter < 0 ? [] : Array.from(text.slice(0, delimiter), (character) => character.codePointAt(0)!);
  let n = 0x80;
  let bias = 72;
  let insertAt = 0;
  for (let at = delimiter + 1; at < text.length;) {
    const before = insertAt;
    for (let weight = 1, k = BASE; ; k += BASE) {
      const digit = digitOf(text[at++] ?? "");
      if (digit < 0) return undefined;
      insertAt += digit * weight;
      if (!Number.isSafeInteger(insertAt)) return undefined;
      const threshold = Math.min(Math.max(k - bias, 1), 26);
      if (digit < threshold) break;
      weight *= BASE - threshold;
    }
    const length = points.length + 1;
    bias = adapt(insertAt - before, length, before === 0);
    n += Math.floor(insertAt / length);
    insertAt %= length;
    if (n > 0x10ffff || (n >= 0xd800 && n < 0xe000)) return undefined;
    points.splice(insertAt++, 0, n);
  }
  return String.fromCodePoint(...points);
}

function digitOf(character: string): number {
  if (character >= "a" && character <= "z") return character.charCodeAt(0) - 97;
  return character >= "0" && character <= "9" ? character.charCodeAt(0) - 22 : -1;
}

function adapt(delta: number, length: number, isFirst: boolean): number {
  let rest = Math.floor(delta / (isFirst ? 700 : 2));
  rest += Math.floor(rest / length);
  let k = 0;
  for (; rest > 455; k += BASE) rest = Math.floor(rest / (BASE - 1));
  return k + Math.floor((BASE * rest) / (rest + 38));
}

const BASE = 36;
