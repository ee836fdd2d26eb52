/** The function whose body is around a token of C or C++ text. */
import { declarationOf, type CDeclaration } from "./c-declaration.js";
import { BRACE, BRACE_END, COLON, COMMA } from "./c-signs.js";
import { scopeOf } from "./c-scope.js";
import type { CStructure } from "./c-structure.js";

/** The outermost: of a lambda's, or a local class's, the function that it is in. */
export function functionAround(structure: CStructure, token: number): CDeclaration | undefined {
  for (let brace = structure.parent[token] ?? -1; brace >= 0; brace = structure.parent[brace]!) {
    if (structure.kind(brace) !== BRACE || scopeOf(structure, brace).kind === "block") continue;
    const declared = functionBefore(structure, brace);
    if (declared !== undefined) return declared;
  }
  return undefined;
}

/** @param brace that opens its body. */
export function functionBefore(structure: CStructure, brace: number): CDeclaration | undefined {
  for (const word of wordsBefore(structure, brace)) {
    const declared = declarationOf(structure, word, "function");
    if (declared?.isDefinition !== true) continue;
    // A constructor's members stand between its name and its body; parameters of old between theirs.
    const before = structure.kind(structure.previous(word));
    if (before === COLON || before === COMMA) continue;
    const { end } = declared;
    if (end === brace || (end < brace && structure.kind(end) !== BRACE)) return declared;
  }
  return undefined;
}

/** From the brace backwards to what ends before it, brackets left out. */
export function* wordsBefore(structure: CStructure, brace: number): Generator<number> {
  let at = structure.previous(brace);
  for (let step = 0; step < MOST_STEPS && at >= 0; step++, at = structure.previous(at)) {
    const kind = structure.kind(at);
    const mate = structure.partner[at]!;
    if (kind === BRACE || (kind === BRACE_END && structure.kind(structure.next(at)) !== COMMA)) return;
    if (mate >= 0 && mate < at) at = mate;
    else if (structure.isWord(at)) yield at;
  }
}

/** Tokens from a body back to the name of its function. */
const MOST_STEPS = 2000;
