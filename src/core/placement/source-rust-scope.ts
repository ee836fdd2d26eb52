/** What is around an item of Rust text: impl, trait, function, macro; and what makes the items of a line. */
import type { LineRange } from "./source-lines.js";
import type { RustTokens } from "./source-rust-tokens.js";

export interface Surroundings {
  readonly macro: string | undefined;
  /** In impl<T>, or in a trait: there is a copy for each type. */
  readonly generic: boolean;
  /** In extern "C" { … }. */
  readonly foreign: boolean;
}

export function surroundings(tokens: RustTokens, start: number): Surroundings {
  const { list } = tokens;
  let generic = false;
  let foreign = false;
  for (let open = list[start]!.parent; open >= 0; open = list[open]!.parent) {
    if (list[open - 1]?.text === "!") return { macro: list[open - 2]?.text ?? "", generic, foreign };
    if (list[open - 1]?.kind === "word" && list[open - 2]?.text === "!" && list[open - 3]?.text === "macro_rules")
      return { macro: list[open - 1]!.text, generic, foreign };
    if (list[open - 1]?.kind === "string" && list[open - 2]?.text === "extern") foreign = true;
    const head = headWord(tokens, open);
    generic ||=
      head !== undefined &&
      (list[head]!.text === "trait" || isGeneric(tokens, list[head]!.text === "fn" ? head + 2 : head + 1));
    // An item in a function does not have the function's parameters.
    if (head !== undefined && list[head]!.text === "fn") return { macro: undefined, generic: false, foreign };
  }
  return { macro: undefined, generic, foreign };
}

/** The "impl", "trait" or "fn" whose braces these are. */
export function headWord({ list, partner }: RustTokens, open: number): number | undefined {
  for (let at = open - 1, step = 0; at >= 0 && step < MOST_HEAD; step++, at--) {
    const { text } = list[at]!;
    if (text === ";" || text === "{" || text === "}") return undefined;
    if ((text === ")" || text === "]") && partner.has(at)) at = partner.get(at)!;
    else if (/^(?:trait|fn)$/.test(text) || (text === "impl" && !/^(?:->|:|<|,|&|\()$/.test(list[at - 1]?.text ?? "")))
      return at;
  }
  return undefined;
}

/** Lifetimes make no copies; types and values do, and "impl Trait" is a type. */
export function isGeneric({ list, partner }: RustTokens, at: number): boolean {
  let next = at;
  if (list[at]?.text === "<") {
    let depth = 0;
    for (; next < list.length; next++) {
      const { kind, text } = list[next]!;
      if (text === "<") depth++;
      else if (text === ">" && --depth === 0) break;
      else if (kind === "word" && depth === 1 && (list[next - 1]!.text === "<" || list[next - 1]!.text === ","))
        return true;
    }
    next++;
  }
  if (list[next]?.text !== "(") return false;
  const close = partner.get(next) ?? next;
  return list.slice(next, close).some(({ text }) => text === "impl");
}

export function hasBody({ list, partner }: RustTokens, name: number): boolean {
  for (let at = name; at < list.length; at++) {
    const { text } = list[at]!;
    if (text === "{") return true;
    if (text === ";" || text === "}") return false;
    if ((text === "(" || text === "[") && partner.has(at)) at = partner.get(at)!;
  }
  return false;
}

/** "derive", or the macro whose body or call the line is in, or that is called in it; undefined: a person wrote it. */
export function madeAt({ list }: RustTokens, { start, end }: LineRange): string | undefined {
  const inLine = list.flatMap((token, index) => (token.end > start && token.start < end ? [index] : []));
  for (const token of inLine) {
    for (let open = list[token]!.parent; open >= 0; open = list[open]!.parent) {
      if (list[open - 1]?.text === "derive") return "derive";
      const defined = list[open - 3]?.text === "macro_rules" && list[open - 2]?.text === "!";
      if (defined) return list[open - 1]!.text;
      if (list[open - 1]?.text === "!" && list[open - 2]?.kind === "word") return list[open - 2]!.text;
    }
  }
  const called = inLine.find((token) => list[token]!.kind === "word" && list[token + 1]?.text === "!");
  if (called === undefined) return undefined;
  return list[called]!.text === "macro_rules" ? list[called + 2]?.text : list[called]!.text;
}

/** Tokens between "impl" and its brace. */
const MOST_HEAD = 2000;
