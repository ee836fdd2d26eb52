/** Comments, strings, numbers and keywords of the languages that take page faults, for the eye only. */
import { markup, type Markup } from "./markup.js";

export interface HighlightedLine {
  readonly code: Markup;
  /** The line ends inside a block comment. */
  readonly inComment: boolean;
}

/** `inComment` tells whether the line before ended in a block comment. */
export function highlight(line: string, inComment: boolean): HighlightedLine {
  const text = line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}…` : line;
  const parts: Markup[] = [];
  let rest = text.replaceAll("\t", "    ");
  if (inComment) {
    const end = rest.indexOf("*/");
    if (end < 0) return { code: span("comment", rest), inComment: true };
    parts.push(span("comment", rest.slice(0, end + 2)));
    rest = rest.slice(end + 2);
  }
  let plainFrom = 0;
  for (const { 0: token, index, groups } of rest.matchAll(TOKEN)) {
    const kind = Object.entries(groups ?? {}).find(([, value]) => value !== undefined)?.[0];
    if (kind === "word" && !KEYWORDS.has(token)) continue;
    parts.push(markup`${rest.slice(plainFrom, index)}`);
    plainFrom = index + token.length;
    if (kind === "comment") {
      parts.push(span("comment", token));
      if (token.startsWith("/*") && !token.endsWith("*/")) return { code: joined(parts), inComment: true };
    } else if (kind === "text") parts.push(span("text", token));
    else if (kind === "number") parts.push(span("number", token));
    else parts.push(span("word", token));
  }
  parts.push(markup`${rest.slice(plainFrom)}`);
  return { code: joined(parts), inComment: false };
}

function span(kind: string, text: string): Markup {
  return markup`<span class="hl-${kind}">${text}</span>`;
}

function joined(parts: readonly Markup[]): Markup {
  return markup`${parts}`;
}

const LONGEST_LINE = 1000;
const TOKEN =
  /(?<comment>\/\/.*|\/\*(?:[^*]|\*(?!\/))*(?:\*\/)?)|(?<text>"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)')|(?<directive>^\s*#\s*\w+)|(?<number>\b\d[\w.]*)|(?<word>[A-Za-z_]\w*)/g;
const KEYWORDS = new Set(
  `alignas alignof as asm async auto await bool break case catch char class concept const constexpr continue default delete do
  double dyn else enum explicit extern false final float fn for friend goto if impl in inline int let long loop match mod
  move mut namespace new noexcept nullptr operator override private protected pub public ref register return self short
  signed sizeof static static_cast struct super switch template this throw trait true try type typedef typename union
  unsafe unsigned use using virtual void volatile where while NULL Self`.split(/\s+/),
);
