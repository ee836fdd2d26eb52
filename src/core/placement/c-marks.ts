/** What of a C or C++ declaration says where it is placed: a macro of runtime/faultline.h, or a section attribute. */
import { BRACE, COMMA, EQUALS, PAREN } from "./c-signs.js";
import type { CDeclaration } from "./c-declaration.js";
import type { CStructure } from "./c-structure.js";
import { TOKEN } from "./c-tokens.js";

export interface CMark {
  /** Offsets in the text. */
  readonly start: number;
  readonly end: number;
  /** "FAULTLINE_CODE"; undefined: an attribute. */
  readonly macro: string | undefined;
  /** What the attribute names. */
  readonly section: string | undefined;
  /** It stands for several declarators. */
  readonly shared: boolean;
  /** No placement: the declaration is another name of something else (alias, ifunc, weakref). */
  readonly alias: boolean;
}

/** undefined: nothing does. */
export function placedBy(
  structure: CStructure,
  { start, declarator, end, name, several }: CDeclaration,
): CMark | undefined {
  const own = several ? ownStart(structure, declarator, name) : start;
  for (let at = start; at < end;) {
    const spelling = structure.kind(at) === TOKEN.identifier ? structure.textOf(at) : "";
    // Those between the first declarator and this one are of others, and so are those at that one's end.
    const others = several && ((at >= declarator && at < own) || endsFirst(structure, at, declarator));
    if (!others && MACRO.test(spelling))
      return mark(structure, at, at, { macro: spelling, shared: several && at < declarator });
    if (!others && ATTRIBUTE.test(spelling)) {
      const open = structure.next(at);
      const close = structure.partner[open] ?? -1;
      const content =
        close < 0 ? "" : structure.text.slice(structure.tokens.starts[open], structure.tokens.ends[close]);
      const section = /\b(?:__)?section(?:__)?\s*\(\s*"([^"]*)"/.exec(content)?.[1];
      if (section !== undefined) return mark(structure, at, close, { section, shared: several && at < declarator });
      if (/\b(?:__)?(?:alias|ifunc|weakref)(?:__)?\s*\(/.test(content))
        return mark(structure, at, close, { alias: true });
    }
    at = structure.kind(at) === PAREN || structure.kind(at) === BRACE ? structure.after(at) : structure.next(at);
  }
  return undefined;
}

/** Whether only marks stand from the token to where the first of several declarators ends. */
function endsFirst(structure: CStructure, mark: number, firstEnd: number): boolean {
  const kind = structure.kind(firstEnd);
  if (kind !== EQUALS && kind !== COMMA) return false; // It is the declarator itself: this one is the first.
  let at = mark;
  while (at < firstEnd) {
    const spelling = structure.kind(at) === TOKEN.identifier ? structure.textOf(at) : "";
    if (ATTRIBUTE.test(spelling)) at = structure.after(structure.next(at));
    else if (MACRO.test(spelling)) at = structure.next(at);
    else return false;
  }
  return at === firstEnd;
}

/** After the comma before the name. */
function ownStart(structure: CStructure, declarator: number, name: number): number {
  let at = name;
  while (at > declarator && structure.kind(structure.previous(at)) !== COMMA) at = structure.previous(at);
  return at;
}

function mark(
  structure: CStructure,
  first: number,
  last: number,
  what: Partial<Pick<CMark, "macro" | "section" | "shared" | "alias">>,
): CMark {
  const { starts, ends } = structure.tokens;
  return {
    start: starts[first]!,
    end: ends[last]!,
    macro: what.macro,
    section: what.section,
    shared: what.shared ?? false,
    alias: what.alias ?? false,
  };
}

const MACRO = /^FAULTLINE_(?:CODE|CODE_INLINE|RODATA|DATA|BSS)$/;
const ATTRIBUTE = /^__attribute(?:__)?$/;
