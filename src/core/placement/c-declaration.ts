/** The declaration that an identifier of C or C++ text is declared by: where it begins, what its declarator ends with. */
import { anglesEnd, anglesStart, opensType, scopeOf, type CScope } from "./c-scope.js";
import { BRACE, BRACE_END, BRACKET, BRACKET_END, PAREN, PAREN_END, type CStructure } from "./c-structure.js";
import { TOKEN } from "./c-tokens.js";

/** Tokens by their index. */
export interface CDeclaration {
  /** The identifier. */
  readonly name: number;
  /** The first specifier; of a template, "template". */
  readonly start: number;
  /** Where the declarator begins: at a "*", a parenthesis, or the qualified name. */
  readonly declarator: number;
  /** What ends the declarator and its attributes: "=", "{", "(", ",", ";", ":". */
  readonly end: number;
  readonly isFunction: boolean;
  /** With a body or an initial value, or as variables are defined without one. */
  readonly isDefinition: boolean;
  /** It shares its specifiers with others: "int a, b;". */
  readonly several: boolean;
  /** Words outside of brackets from its start to its end, its own name left out. */
  readonly words: ReadonlySet<string>;
  /** What "S::T<int>::" before the name says: ["S", "T"]. */
  readonly qualifiers: readonly string[];
  readonly scope: CScope;
  /** Of a function: how many; undefined where it cannot be counted. */
  readonly parameters: number | undefined;
}

/** undefined: the identifier is only used there. */
export function declarationOf(
  structure: CStructure,
  name: number,
  wanted: "function" | "variable",
): CDeclaration | undefined {
  const { first, qualifiers } = qualifiedName(structure, name);
  const declarator = declaratorAround(structure, name, first);
  if (declarator === undefined) return undefined;
  const parent = structure.parent[declarator.first]!;
  if (parent >= 0 && structure.kind(parent) !== BRACE) return undefined;
  const start = declarationStart(structure, declarator.first);
  if (start === undefined) return undefined;
  const commas = new CommaScan(structure, start, declarator.first);
  const end = wanted === "function" ? functionEnd(structure, declarator.next) : variableEnd(structure, declarator);
  if (end === undefined) return undefined;
  const words = wordsBetween(structure, start, end.token, name);
  if ([...words].some((word) => STATEMENT.has(word))) return undefined;
  const scope = scopeOf(structure, declarator.first);
  const isFunction = declarator.isFunction && wanted === "function";
  if (wanted === "function" && !declarator.isFunction) return undefined;
  if (
    wanted === "variable" &&
    (start === declarator.first || scope.kind === "enum" || structure.kind(end.token) === COLON)
  )
    return undefined;
  // Only constructors, and main of old, have no specifiers.
  if (wanted === "function" && start === declarator.first && !end.body) return undefined;
  const list = structure.next(declarator.lastName);
  return {
    name,
    start,
    declarator: commas.first ?? declarator.first,
    end: end.token,
    isFunction,
    isDefinition: isFunction ? end.body : definesVariable(structure, end.token, words, scope, qualifiers),
    several: commas.first !== undefined || (!isFunction && isFollowed(structure, end.token)),
    words,
    qualifiers,
    scope,
    parameters: isFunction ? countParameters(structure, list) : undefined,
  };
}

function definesVariable(
  structure: CStructure,
  end: number,
  words: ReadonlySet<string>,
  scope: CScope,
  qualifiers: readonly string[],
): boolean {
  const hasValue = structure.kind(end) === EQUALS || structure.kind(end) === BRACE || structure.kind(end) === PAREN;
  if (words.has("extern") && !hasValue) return false;
  if (scope.kind !== "class" || qualifiers.length > 0) return true;
  return words.has("static") && (words.has("inline") || words.has("constexpr") || words.has("constinit"));
}

/** The qualified name that ends here: "S::T<int>::name", "~S". */
function qualifiedName(structure: CStructure, name: number): { first: number; qualifiers: string[] } {
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
    if (!structure.isWord(word) || STATEMENT.has(structure.textOf(word))) break;
    qualifiers.unshift(structure.textOf(word));
    first = word;
  }
  return { first, qualifiers };
}

interface Declarator {
  /** With the parentheses, "*" and "&" around and before the name. */
  readonly first: number;
  /** What follows the name itself, and the parentheses around it. */
  readonly next: number;
  readonly lastName: number;
  readonly isFunction: boolean;
  readonly inParentheses: boolean;
}

function declaratorAround(structure: CStructure, name: number, qualified: number): Declarator | undefined {
  const lastName = structure.is(name, "operator") ? operatorEnd(structure, name) : name;
  let next = structure.next(lastName);
  if (structure.kind(next) === LESS) {
    // The arguments of a specialisation: "twice<int>(int)".
    const close = anglesEnd(structure, next);
    if (close >= 0) next = structure.next(close);
  }
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
  return { first, next: isFunction && !inParentheses ? own : next, lastName, isFunction: named, inParentheses };
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
    } else if (kind === TOKEN.scope && structure.kind(first) === STAR && structure.isWord(structure.previous(before))) {
      // A pointer to a member: "int S::*field".
      first = structure.previous(before);
    } else return first;
  }
  return first;
}

/** undefined: too far away for a declaration. */
function declarationStart(structure: CStructure, from: number): number | undefined {
  let start = from;
  for (let step = 0; step < MOST_STEPS; step++) {
    const before = structure.previous(start);
    if (before < 0) return start;
    const kind = structure.kind(before);
    if (kind === SEMICOLON || kind === BRACE || kind === PAREN || kind === BRACKET) return start;
    if (kind === BRACE_END) {
      const open = structure.partner[before]!;
      // The value of the declarator before, or the type that is defined here.
      if (open < 0 || !(structure.kind(start) === COMMA || opensType(structure, open))) return start;
      start = open;
    } else if (kind === PAREN_END || kind === BRACKET_END) {
      const open = structure.partner[before]!;
      if (open < 0) return start;
      start = open;
    } else if (kind === COLON && isLabel(structure, before)) return start;
    else start = before;
  }
  return undefined;
}

/** "public:", "case 1:", "default:", "label:"; not "a ? b : c", nor the bases of a class. */
function isLabel(structure: CStructure, colon: number): boolean {
  let at = structure.previous(colon);
  for (let step = 0; step < 16; step++, at = structure.previous(at)) {
    const kind = structure.kind(at);
    if (at < 0 || kind === SEMICOLON || kind === BRACE || kind === BRACE_END) return true;
    if (kind === QUESTION || kind === EQUALS) return false;
    if (kind === PAREN_END && structure.partner[at]! >= 0) at = structure.partner[at]!;
    const word = structure.textOf(at);
    if (/^(?:case|public|private|protected|default)$/.test(word)) return true;
    if (/^(?:class|struct|union|enum)$/.test(word)) return false;
  }
  return false;
}

/** Commas outside of brackets and template arguments, before a declarator: others are declared by the same specifiers. */
class CommaScan {
  /** Where the first declarator of all begins; undefined: there is one alone, or none before. */
  readonly first: number | undefined;

  constructor(structure: CStructure, start: number, declarator: number) {
    let found = false;
    let at = start;
    let firstEnd: number | undefined;
    while (at < declarator) {
      const kind = structure.kind(at);
      if (kind === COMMA) found = true;
      if ((kind === COMMA || kind === EQUALS) && firstEnd === undefined) firstEnd = at;
      const close = kind === LESS ? anglesEnd(structure, at) : -1;
      at = close >= 0 && close < declarator ? structure.next(close) : structure.after(at);
    }
    this.first = found ? firstEnd : undefined;
  }
}

/** Whether another declarator comes after this one's value. */
function isFollowed(structure: CStructure, end: number): boolean {
  let at = end;
  for (let step = 0; step < MOST_VALUE_STEPS && at < structure.tokens.count; step++) {
    const kind = structure.kind(at);
    if (kind === COMMA) return true;
    if (kind === SEMICOLON || kind === BRACE_END || kind === PAREN_END) return false;
    at = structure.after(at);
  }
  return true;
}

interface End {
  readonly token: number;
  readonly body: boolean;
}

/** @param from the parameters. */
function functionEnd(structure: CStructure, from: number): End | undefined {
  if (structure.kind(from) !== PAREN || structure.partner[from]! < 0) return undefined;
  let at = structure.after(from);
  const old = isIdentifierList(structure, from);
  for (let step = 0; step < MOST_STEPS && at < structure.tokens.count; step++) {
    const kind = structure.kind(at);
    if (kind === BRACE) return { token: at, body: true };
    if (kind === SEMICOLON && !(old && isDeclarationOfParameter(structure, at, from)))
      return { token: at, body: false };
    if (kind === COMMA && !old) return { token: at, body: false };
    if (kind === EQUALS) return { token: at, body: structure.is(structure.next(at), "default") };
    if (kind === COLON || structure.is(at, "try")) return { token: at, body: true };
    if (kind === BRACE_END || kind === PAREN_END) return undefined;
    at = structure.after(at);
  }
  return undefined;
}

/** K&R: "f(a, b) int a; char b; {": the parameters' types stand between. */
function isIdentifierList(structure: CStructure, open: number): boolean {
  const close = structure.partner[open]!;
  let at = structure.next(open);
  if (at === close) return false;
  for (let step = 0; step < MOST_STEPS && at < close; step++) {
    if (!structure.isWord(at)) return false;
    at = structure.next(at);
    if (at < close && structure.kind(at) !== COMMA) return false;
    at = structure.next(at);
  }
  return structure.isWord(structure.after(open));
}

/** Whether what ends at this semicolon, or follows it, is still before a body. */
function isDeclarationOfParameter(structure: CStructure, semicolon: number, open: number): boolean {
  const next = structure.next(semicolon);
  if (structure.kind(next) === BRACE) return true;
  const words = new Set<string>();
  for (let at = structure.next(open); at < structure.partner[open]!; at = structure.next(at))
    words.add(structure.textOf(at));
  for (let at = structure.next(semicolon), step = 0; step < MOST_STEPS; step++, at = structure.next(at)) {
    const kind = structure.kind(at);
    if (kind === SEMICOLON) return words.has(structure.textOf(structure.previous(at)));
    if (kind === 0 || kind === BRACE || kind === PAREN) return false;
  }
  return false;
}

/** Passes over dimensions, parameters of a pointer, names in assembler and attributes. */
function variableEnd(structure: CStructure, { next, inParentheses }: Declarator): End | undefined {
  let at = next;
  for (let step = 0; step < MOST_STEPS && at < structure.tokens.count; step++) {
    const kind = structure.kind(at);
    if (kind === BRACKET || (kind === PAREN && inParentheses && structure.previous(at) === structure.previous(next)))
      at = structure.after(at);
    else if (kind === TOKEN.identifier && structure.kind(structure.next(at)) === PAREN)
      at = structure.after(structure.next(at));
    else if (kind === TOKEN.identifier) at = structure.next(at);
    else if (
      kind === EQUALS ||
      kind === BRACE ||
      kind === PAREN ||
      kind === COMMA ||
      kind === SEMICOLON ||
      kind === COLON
    )
      return { token: at, body: kind !== COMMA && kind !== SEMICOLON };
    else return undefined;
  }
  return undefined;
}

function wordsBetween(structure: CStructure, start: number, end: number, name: number): Set<string> {
  const words = new Set<string>();
  for (let at = start; at < end;) {
    if (structure.isWord(at) && at !== name) words.add(structure.textOf(at));
    const close = structure.kind(at) === LESS ? anglesEnd(structure, at) : -1;
    at = close >= 0 && close < end ? structure.next(close) : structure.after(at);
  }
  return words;
}

function countParameters(structure: CStructure, open: number): number | undefined {
  let from = open;
  if (structure.kind(from) === LESS) from = structure.next(anglesEnd(structure, from));
  if (structure.kind(from) !== PAREN) return undefined;
  const close = structure.partner[from]!;
  let at = structure.next(from);
  if (at === close || (structure.is(at, "void") && structure.next(at) === close)) return 0;
  let count = 1;
  for (let step = 0; step < MOST_STEPS && at < close; step++) {
    if (structure.kind(at) === COMMA) count++;
    const angle = structure.kind(at) === LESS ? anglesEnd(structure, at) : -1;
    at = angle >= 0 && angle < close ? structure.next(angle) : structure.after(at);
  }
  return count;
}

/** Words that begin or are in statements, never in what declares a function or variable. */
const STATEMENT: ReadonlySet<string> = new Set(
  "return goto else case throw new delete sizeof if while for do switch using typedef namespace break continue co_return co_yield co_await".split(
    " ",
  ),
);
const BUILT_IN: ReadonlySet<string> = new Set(
  "void char short int long float double signed unsigned bool _Bool const volatile".split(" "),
);
const AMPERSAND = 38;
const STAR = 42;
const COMMA = 44;
const COLON = 58;
const SEMICOLON = 59;
const LESS = 60;
const EQUALS = 61;
const GREATER = 62;
const QUESTION = 63;
const CARET = 94;
const MOST_NESTED = 64;
/** Tokens of one declaration, a group counting as one. */
const MOST_STEPS = 2000;
/** Tokens of a value without brackets. */
const MOST_VALUE_STEPS = 100_000;
