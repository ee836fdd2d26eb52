/** Rust text as tokens with the brackets around them. Never fails: what is not closed ends with the text. */

export interface RustToken {
  readonly kind: "word" | "string" | "lifetime" | "number" | "sign";
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** Index of the innermost bracket that is open there; -1: none. */
  readonly parent: number;
}

export interface RustTokens {
  readonly list: readonly RustToken[];
  /** The other bracket of a pair, by index. */
  readonly partner: ReadonlyMap<number, number>;
}

export function rustTokens(text: string): RustTokens {
  const list: RustToken[] = [];
  const partner = new Map<number, number>();
  const open: number[] = [];
  let at = 0;
  while (at < text.length) {
    const skipped = skipBlank(text, at);
    if (skipped > at) {
      at = skipped;
      continue;
    }
    const { kind, end } = tokenAt(text, at);
    const spelling = text.slice(at, end);
    if (kind === "sign" && CLOSERS[spelling] !== undefined) {
      const mate = open.at(-1);
      if (mate !== undefined && list[mate]!.text === CLOSERS[spelling]) {
        open.pop();
        partner.set(mate, list.length).set(list.length, mate);
      }
    }
    list.push({ kind, text: spelling, start: at, end, parent: open.at(-1) ?? -1 });
    if (kind === "sign" && "([{".includes(spelling)) open.push(list.length - 1);
    at = end;
  }
  return { list, partner };
}

/** White space and comments, which nest. */
function skipBlank(text: string, start: number): number {
  const blank = /\s*/y;
  blank.lastIndex = start;
  let at = start + (blank.exec(text)?.[0].length ?? 0);
  if (text.startsWith("//", at)) {
    const end = text.indexOf("\n", at);
    return end < 0 ? text.length : end;
  }
  if (!text.startsWith("/*", at)) return at;
  const edge = /\/\*|\*\//g;
  edge.lastIndex = at;
  let depth = 0;
  for (let found = edge.exec(text); found !== null; found = edge.exec(text)) {
    depth += found[0] === "/*" ? 1 : -1;
    at = edge.lastIndex;
    if (depth === 0) return at;
  }
  return text.length;
}

function tokenAt(text: string, start: number): { kind: RustToken["kind"]; end: number } {
  const raw = match(/(?:b|c|br|cr)?r(#*)"/y, text, start);
  if (raw !== undefined) {
    const close = `"${/#*(?="$)/.exec(raw)![0]}`;
    const end = text.indexOf(close, start + raw.length);
    return { kind: "string", end: end < 0 ? text.length : end + close.length };
  }
  const plain =
    match(/[bc]?"(?:[^"\\]|\\[^])*(?:"|$)/y, text, start) ?? match(/b?'(?:[^'\\\n]|\\[^\n]+?)'/y, text, start);
  if (plain !== undefined) return { kind: "string", end: start + plain.length };
  const lifetime = match(/'[\p{ID_Start}_][\p{ID_Continue}]*/uy, text, start);
  if (lifetime !== undefined) return { kind: "lifetime", end: start + lifetime.length };
  const word = match(/(?:r#)?[\p{ID_Start}_][\p{ID_Continue}]*/uy, text, start);
  if (word !== undefined) return { kind: "word", end: start + word.length };
  const number = match(/\d[\w]*(?:\.\d\w*)?/y, text, start);
  if (number !== undefined) return { kind: "number", end: start + number.length };
  return { kind: "sign", end: start + (text.startsWith("->", start) || text.startsWith("=>", start) ? 2 : 1) };
}

function match(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

const CLOSERS: Readonly<Record<string, string>> = { ")": "(", "]": "[", "}": "{" };
