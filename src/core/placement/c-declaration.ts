/** The declaration that an identifier of C or C++ text is declared by: where it begins, what its declarator ends with. */
import {
  PAREN,
  PAREN_END,
  COMMA,
  COLON,
  SEMICOLON,
  LESS,
  EQUALS,
  QUESTION,
  BRACKET,
  BRACKET_END,
  BRACE,
  BRACE_END,
} from "./c-signs.js";
import { anglesEnd, opensType, scopeOf, type CScope } from "./c-scope.js";
import type { CStructure } from "./c-structure.js";
import { declaratorAround, qualifiedName } from "./c-declarator.js";
import { functionEnd, variableEnd } from "./c-declarator-end.js";

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
  const { firstEnd, inValue } = declaredBefore(structure, start, declarator.first);
  if (inValue) return undefined;
  const end = wanted === "function" ? functionEnd(structure, declarator.next) : variableEnd(structure, declarator);
  if (end === undefined) return undefined;
  const words = new Set([
    ...wordsBetween(structure, start, firstEnd ?? declarator.first),
    ...wordsBetween(structure, declarator.first, name),
    ...wordsBetween(structure, structure.next(declarator.lastName), end.token),
  ]);
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
  return {
    name,
    start,
    declarator: firstEnd ?? declarator.first,
    end: end.token,
    isFunction,
    isDefinition: isFunction ? end.body : definesVariable(structure, end.token, words, scope, qualifiers),
    several: firstEnd !== undefined || (!isFunction && isFollowed(structure, end.token)),
    words,
    qualifiers,
    scope,
    parameters: isFunction ? countParameters(structure, declarator.own) : undefined,
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

/** What the specifiers of a declarator declare before it: commas and values outside of brackets and template arguments. */
interface Before {
  /** Where the first declarator of all ends; undefined: this is the first. */
  readonly firstEnd: number | undefined;
  /** The name is in a value: "a = &name". */
  readonly inValue: boolean;
}

function declaredBefore(structure: CStructure, start: number, declarator: number): Before {
  let firstEnd: number | undefined;
  let several = false;
  let inValue = false;
  for (const at of outerTokens(structure, start, declarator)) {
    const kind = structure.kind(at);
    if (kind === COMMA) several = true;
    if (kind === COMMA || kind === EQUALS) {
      inValue = kind === EQUALS;
      firstEnd ??= at;
    }
  }
  return { firstEnd: several ? firstEnd : undefined, inValue };
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

function wordsBetween(structure: CStructure, start: number, end: number): Set<string> {
  const words = new Set<string>();
  for (const at of outerTokens(structure, start, end)) if (structure.isWord(at)) words.add(structure.textOf(at));
  return words;
}

function countParameters(structure: CStructure, from: number): number | undefined {
  if (structure.kind(from) !== PAREN) return undefined;
  const close = structure.partner[from]!;
  const first = structure.next(from);
  if (first === close || (structure.is(first, "void") && structure.next(first) === close)) return 0;
  let count = 1;
  for (const at of outerTokens(structure, first, close)) if (structure.kind(at) === COMMA) count++;
  return count;
}

/** The tokens that are in no brackets and no template arguments. */
function* outerTokens(structure: CStructure, start: number, end: number): Generator<number> {
  let comparison = false;
  for (let at = start; at < end;) {
    yield at;
    // Where one "<" is not closed none is likely to be: looking on for each takes its square.
    const close: number = structure.kind(at) === LESS && !comparison ? anglesEnd(structure, at) : -1;
    comparison ||= structure.kind(at) === LESS && close < 0;
    at = close >= 0 && close < end ? structure.next(close) : structure.after(at);
  }
}

/** Words that begin or are in statements, never in what declares a function or variable. */
const STATEMENT: ReadonlySet<string> = new Set(
  "return goto else case throw new delete sizeof if while for do switch using typedef namespace break continue co_return co_yield co_await".split(
    " ",
  ),
);
/** Tokens of one declaration, a group counting as one. */
const MOST_STEPS = 2000;
/** Tokens of a value without brackets. */
const MOST_VALUE_STEPS = 2000;
