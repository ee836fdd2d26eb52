/** Where in front of a C or C++ declaration an attribute may stand. */
import { PAREN, LESS, BRACKET } from "./c-signs.js";
import { anglesEnd } from "./c-scope.js";
import type { CStructure } from "./c-structure.js";
import { TOKEN } from "./c-tokens.js";
import type { CDeclaration } from "./c-declaration.js";

export interface Front {
  /** The token it goes before. */
  readonly token: number;
  /** It is a template, and no full specialisation of one. */
  readonly template: boolean;
}

/** Behind what the grammar wants first: template<…>, extern "C", [[…]], alignas, and macros on lines of their own. */
export function frontOf(structure: CStructure, { start, declarator }: CDeclaration): Front {
  let template = false;
  let at = start;
  for (let step = 0; step < MOST_STEPS && at < declarator; step++) {
    if (structure.is(at, "template") && structure.kind(structure.next(at)) === LESS) {
      const open = structure.next(at);
      const close = anglesEnd(structure, open);
      if (close < 0) break;
      template ||= structure.next(open) !== close;
      at = structure.next(close);
      // Where a constraint ends only its expression tells: in front of the name is right as well.
      if (structure.is(at, "requires")) return { token: declarator, template };
    } else if (structure.is(at, "export") || structure.is(at, "__extension__")) at = structure.next(at);
    else if (structure.is(at, "extern") && structure.kind(structure.next(at)) === TOKEN.string)
      at = structure.next(structure.next(at));
    else if (structure.kind(at) === BRACKET && structure.kind(structure.next(at)) === BRACKET) at = structure.after(at);
    else if (structure.is(at, "alignas") || structure.is(at, "_Alignas")) at = structure.after(structure.next(at));
    else {
      const behind = behindMacroLine(structure, at, declarator);
      if (behind === undefined) break;
      at = behind;
    }
  }
  // An attribute in one branch of #if would be missing in the other.
  for (let token = declarator - 1; token > at; token--)
    if (structure.kind(token) === TOKEN.directive && structure.next(token) < declarator)
      return { token: structure.next(token), template };
  return { token: Math.min(at, declarator), template };
}

/** "G_BEGIN_DECLS" or "API(2)" ends its line, and a type follows: it may hold an extern "C", or end what was before. */
function behindMacroLine(structure: CStructure, at: number, declarator: number): number | undefined {
  if (structure.kind(at) !== TOKEN.identifier) return undefined;
  const spelling = structure.textOf(at);
  const open = structure.next(at);
  const called = structure.kind(open) === PAREN;
  if (called ? KEYWORD.test(spelling) : !/^[A-Z_][A-Z0-9_]*$/.test(spelling) || spelling.startsWith("FAULTLINE_"))
    return undefined;
  const next = called ? structure.after(open) : open;
  if (next >= declarator || !structure.isWord(next)) return undefined;
  const last = next - 1;
  const gap = structure.text.slice(structure.tokens.ends[last], structure.tokens.starts[next]);
  return gap.includes("\n") || structure.kind(last) === TOKEN.directive ? next : undefined;
}

const KEYWORD = /^(?:__attribute__|__attribute|__declspec|decltype|typeof|__typeof__|_Atomic|explicit|noexcept)$/;
const MOST_STEPS = 64;
