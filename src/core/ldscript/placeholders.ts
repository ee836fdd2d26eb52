/** What is filled in before a linker reads the script: @NAME@ of configuration steps, and the C preprocessor's lines. */
import type { RawProblem } from "./problems.js";
import type { Token } from "./tree.js";

/** One piece of information for each in a token and its trivia: names or comments to the linker, opaque to everything else. */
export function placeholdersIn({ text, trivia, offset }: Token): readonly RawProblem[] {
  const isPlaceholder = text.startsWith("@") && PLACEHOLDER.test(text);
  const hasDirective = trivia.length > 1 && trivia.includes("#");
  if (!isPlaceholder && !hasDirective) return NONE;
  const found = isPlaceholder ? [needed(text, offset)] : [];
  const start = offset - trivia.length;
  const outside = trivia.replace(/\/\*[^]*?\*\//g, (comment) => " ".repeat(comment.length));
  for (const match of outside.matchAll(DIRECTIVE))
    found.push(needed(match[2]!, start + match.index + match[1]!.length));
  return found;
}

const NONE: readonly RawProblem[] = [];
const PLACEHOLDER = /^@\w+@$/;

function needed(text: string, offset: number): RawProblem {
  return { code: "needs-preprocessing", severity: "information", offset, length: text.length, values: [text] };
}

/** At the start of a line: elsewhere # begins a comment that is meant as one. */
const DIRECTIVE =
  /(^[ \t]*)(#[ \t]*(?:include[ \t]*["<][^\r\n]*|(?:if|ifdef|ifndef|elif|define|undef)[ \t]+[^\r\n]*|else\b|endif\b))/gm;
