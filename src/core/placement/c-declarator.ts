/** The declarator around a name of C or C++ text: its qualifiers, pointers and parentheses. */
import { AMPERSAND, PAREN, STAR, LESS, GREATER, BRACKET, CARET } from "./c-signs.js";
import { anglesEnd, anglesStart } from "./c-scope.js";
import type { CStructure } from "./c-structure.js";
import { TOKEN } from "./c-tokens.js";

/** The qualified name that ends here: "S::T<int>::name", "~S". */
export function qualifiedName(structure: CStructure, name: number): { first: number; qualifiers: string[] } {
  let first = structure.is(structure.previous(name), "~") ? structure.previous(name) : name;
  const qualifiers: string[] = [];
  for (let depth = 0; depth < MOST_NESTED && structure.kind(structure.previous(first)) === TOKEN.scope; depth++) {
    const scope = structure.previous(first);
    let word = structure.previous(scope);
    if (structure.kind(word) === GREATER) {
      const open = anglesStart(structure, word);
      if (open < 0) break;
      word = structure.previous(open);
    }
    first = scope;
    if (!structure.isWord(word) || /^(?:return|case|else|throw)$/.test(structure.textOf(word))) break;
    qualifiers.unshift(structure.textOf(word));
    first = word;
  }
  return { first, qualifiers };
}

export interface CDeclarator {
  /** With the parentheses, "*" and "&" around and before the name. */
  readonly first: number;
  /** What follows the name itself, and the parentheses around it. */
  readonly next: number;
  readonly lastName: number;
  /** What follows the name, its template arguments and attributes: parameters, where it is a function. */
  readonly own: number;
  readonly isFunction: boolean;
  readonly inParentheses: boolean;
}

/** undefined: no declarator is around the name, as where it is an argument. @param qualified where its qualified name begins. */
export function declaratorAround(structure: CStructure, name: number, qualified: number): CDeclarator | undefined {
  const lastName = structure.is(name, "operator") ? operatorEnd(structure, name) : name;
  let next = structure.next(lastName);
  if (structure.kind(next) === LESS) {
    // The arguments of a specialisation: "twice<int>(int)".
    const close = anglesEnd(structure, next);
    if (close >= 0) next = structure.next(close);
  }
  for (; isAttribute(structure, next); next = structure.after(next));
  const own = next;
  const isFunction = structure.kind(own) === PAREN;
  let first = withPointers(structure, qualified);
  let inParentheses = false;
  for (let depth = 0; depth < MOST_NESTED; depth++) {
    const open = structure.parent[first]!;
    if (open < 0 || structure.kind(open) !== PAREN) break;
    if (structure.previous(first) !== open) return undefined;
    const plain = first === qualified;
    const after = structure.after(structure.partner[open]! < 0 ? open : structure.partner[open]!);
    const goesOn = structure.kind(after) === PAREN || structure.kind(after) === BRACKET;
    // "(name)" alone is an argument; "TYPE(name)(…)" may be a macro's call.
    if (structure.partner[open]! < 0 || (plain && !(goesOn && isTypeBefore(structure, open)))) return undefined;
    next = after;
    inParentheses = true;
    first = withPointers(structure, open);
  }
  // Of "(f)(int)" the parameters follow the parenthesis, of "(*f)(int)" they are its pointer's.
  const named =
    isFunction ||
    (inParentheses && structure.previous(qualified) === structure.parent[qualified] && structure.kind(next) === PAREN);
  return { first, next: isFunction && !inParentheses ? own : next, lastName, own, isFunction: named, inParentheses };
}

/** "[[…]]" */
function isAttribute(structure: CStructure, at: number): boolean {
  return structure.kind(at) === BRACKET && structure.kind(structure.next(at)) === BRACKET;
}

function isTypeBefore(structure: CStructure, open: number): boolean {
  const before = structure.previous(open);
  return structure.kind(before) === STAR || BUILT_IN.has(structure.textOf(before));
}

/** "operator==", "operator()", "operator new[]": where it ends. */
function operatorEnd(structure: CStructure, name: number): number {
  let at = structure.next(name);
  if (structure.kind(at) === PAREN && structure.kind(structure.after(at)) === PAREN) return structure.partner[at]!;
  for (let step = 0; step < 16 && structure.kind(at) !== PAREN && at < structure.tokens.count; step++)
    at = structure.next(at);
  return structure.previous(at);
}

/** Pointers, references and their qualifiers belong to the declarator. */
function withPointers(structure: CStructure, from: number): number {
  let first = from;
  for (let step = 0; step < MOST_NESTED; step++) {
    const before = structure.previous(first);
    const kind = structure.kind(before);
    if (kind === STAR || kind === AMPERSAND || kind === CARET) first = before;
    else if (
      kind === TOKEN.identifier &&
      /^(?:const|volatile|restrict|__restrict|__restrict__)$/.test(structure.textOf(before))
    ) {
      const pointer = structure.kind(structure.previous(before));
      if (pointer !== STAR && pointer !== AMPERSAND) return first;
      first = before;
    } else if (kind === TOKEN.scope && structure.kind(first) === STAR) {
      // A pointer to a member: "int S::*field".
      first = qualifiedName(structure, first).first;
    } else return first;
  }
  return first;
}

const BUILT_IN: ReadonlySet<string> = new Set(
  "void char short int long float double signed unsigned bool _Bool const volatile".split(" "),
);
const MOST_NESTED = 64;
