/** What is filled in before a linker reads the script: @NAME@ of configuration steps, and the C preprocessor's lines. */
import type { RawProblem } from "./cursor.js";
import { tokensOf, type Script } from "./tree.js";

/** One piece of information for each; they are names or comments to the linker, and opaque to everything else. */
export function placeholders(tree: Script): RawProblem[] {
  return tokensOf(tree).flatMap(({ text, trivia, offset }) => {
    const found: RawProblem[] = [];
    if (/^@\w+@$/.test(text)) found.push(needed(text, offset));
    if (!trivia.includes("#")) return found;
    const start = offset - trivia.length;
    const outside = trivia.replace(/\/\*[^]*?\*\//g, (comment) => " ".repeat(comment.length));
    for (const match of outside.matchAll(DIRECTIVE))
      found.push(needed(match[2]!, start + match.index + match[1]!.length));
    return found;
  });
}

function needed(text: string, offset: number): RawProblem {
  return { code: "needs-preprocessing", severity: "information", offset, length: text.length, values: [text] };
}

/** At the start of a line: elsewhere # begins a comment that is meant as one. */
const DIRECTIVE =
  /(^[ \t]*)(#[ \t]*(?:include[ \t]*["<][^\r\n]*|(?:if|ifdef|ifndef|elif|define|undef)[ \t]+[^\r\n]*|else\b|endif\b))/gm;
