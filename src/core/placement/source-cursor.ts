/** Which function or global a position of a source text is in: read from the text alone, so that it is known at once. */
import { lastAtOrBelow } from "../base/bisect.js";
import { declarationOf, type CDeclaration } from "./c-declaration.js";
import { functionBefore, wordsBefore } from "./c-enclosing.js";
import { AMPERSAND, BRACE, COLON, COMMA, EQUALS, PAREN, SEMICOLON, STAR } from "./c-signs.js";
import { scopeOf } from "./c-scope.js";
import { CStructure } from "./c-structure.js";
import { TOKEN } from "./c-tokens.js";
import type { SourceLanguage } from "./source-answer.js";
import { SourceLines } from "./source-lines.js";
import { rustTokens, type RustTokens } from "./source-rust-tokens.js";

export interface DefinitionAt {
  /** Without namespace and parameters, as DW_AT_name has it. */
  readonly name: string;
  /** Namespaces, classes and modules around it, outermost first. */
  readonly qualifiers: readonly string[];
  readonly kind: "function" | "variable";
  /** 1-based. */
  readonly line: number;
}

/**
 * The global that is defined at the position, or alone in its line; else the function that is around it. undefined:
 * neither. @param offset UTF-16 units.
 */
export function definitionAt(text: string, language: SourceLanguage, offset: number): DefinitionAt | undefined {
  return language === "rust" ? rustDefinitionAt(text, offset) : cDefinitionAt(new CStructure(text), offset);
}

function cDefinitionAt(structure: CStructure, offset: number): DefinitionAt | undefined {
  const { lines } = structure;
  const line = lines.range(lines.at(offset));
  const inLine = tokensBetween(structure, line.start, line.end);
  const here = inLine.find(
    (token) => structure.tokens.starts[token]! <= offset && offset <= structure.tokens.ends[token]!,
  );
  const at = here === undefined ? undefined : lasting(structure, here);
  if (at !== undefined) return found(structure, at);
  const around = enclosing(structure, here ?? inLine[0] ?? structure.tokenFrom(offset));
  if (around !== undefined) return found(structure, around);
  const all = inLine.flatMap((token) => lasting(structure, token) ?? []);
  // A type in the head of a function may look like a variable.
  const functions = all.filter(({ isFunction }) => isFunction);
  const [only] = functions.length > 0 ? functions : all;
  return only !== undefined && (functions.length || all.length) === 1 ? found(structure, only) : undefined;
}

/** What the identifier defines for as long as the program runs. */
function lasting(structure: CStructure, token: number): CDeclaration | undefined {
  if (structure.kind(token) !== TOKEN.identifier || TYPE_WORD.test(structure.textOf(structure.previous(token))))
    return undefined;
  const declared = declarationOf(structure, token, "function");
  if (declared?.isDefinition === true && declared.scope.kind !== "block") return declared;
  const variable = declarationOf(structure, token, "variable");
  if (variable === undefined || !variable.isDefinition || variable.words.has("typedef")) return undefined;
  if (!hasValue(structure, variable) || isFollowedByName(structure, token)) return undefined;
  // The last of a class's bases stands before a brace, too.
  if (BASE_WORDS.some((word) => variable.words.has(word)) || structure.kind(structure.previous(token)) === COLON)
    return undefined;
  if (variable.scope.kind === "class" && variable.qualifiers.length === 0 && !variable.words.has("static"))
    return undefined;
  return variable.scope.kind !== "block" || variable.words.has("static") ? variable : undefined;
}

/** Values in parentheses look like parameters; but no function is declared static in another one. */
function hasValue(structure: CStructure, { end, scope, words }: CDeclaration): boolean {
  const kind = structure.kind(end);
  return VALUE_SIGNS.has(kind) || (kind === PAREN && scope.kind === "block" && words.has("static"));
}

/** It is a type then, or a part of one. */
function isFollowedByName(structure: CStructure, token: number): boolean {
  const next = structure.next(token);
  if (structure.kind(next) === STAR || structure.kind(next) === AMPERSAND) return true;
  return structure.isWord(next) && !BEHIND_NAME.test(structure.textOf(next));
}

/** What the outermost braces around the token belong to that are no namespace's, class's or language's. */
function enclosing(structure: CStructure, token: number): CDeclaration | undefined {
  for (let brace = structure.parent[token] ?? -1; brace >= 0; brace = structure.parent[brace]!) {
    if (structure.kind(brace) !== BRACE || scopeOf(structure, brace).kind === "block") continue;
    const declared = functionBefore(structure, brace) ?? variableBefore(structure, brace);
    if (declared !== undefined) return declared;
  }
  return undefined;
}

function variableBefore(structure: CStructure, brace: number): CDeclaration | undefined {
  for (const word of wordsBefore(structure, brace)) {
    const declared = lasting(structure, word);
    if (declared?.isFunction === false && (declared.end === brace || structure.next(declared.end) === brace))
      return declared;
  }
  return undefined;
}

function found(structure: CStructure, { name, isFunction, scope, qualifiers }: CDeclaration): DefinitionAt {
  const destructor = structure.is(structure.previous(name), "~") ? "~" : "";
  return {
    name: destructor + nameText(structure, name),
    qualifiers: [...scope.path, ...qualifiers],
    kind: isFunction ? "function" : "variable",
    line: structure.lineOf(name),
  };
}

/** With the sign of an operator. */
function nameText(structure: CStructure, name: number): string {
  if (!structure.is(name, "operator")) return structure.textOf(name);
  let text = "operator";
  let at = structure.next(name);
  for (let step = 0; step < 16 && (step === 0 || structure.textOf(at) !== "("); step++, at = structure.next(at))
    text += structure.textOf(at);
  return text;
}

function tokensBetween({ tokens }: CStructure, start: number, end: number): readonly number[] {
  const { count, starts, ends } = tokens;
  const found: number[] = [];
  const first = Math.max(lastAtOrBelow(starts, start, count), 0);
  for (let token = first; token < count && starts[token]! < end; token++) if (ends[token]! > start) found.push(token);
  return found;
}

function rustDefinitionAt(text: string, offset: number): DefinitionAt | undefined {
  const tokens = rustTokens(text);
  const lines = new SourceLines(text);
  const { start, end } = lines.range(lines.at(offset));
  const items = tokens.list.flatMap((_, index) => rustItem(text, lines, tokens, index) ?? []);
  const own = items.find(({ from, to }) => from <= offset && offset <= to);
  if (own !== undefined) return own.definition;
  const around = items.findLast(({ body }) => body !== undefined && body.start <= offset && offset < body.end);
  if (around !== undefined) return around.definition;
  const inLine = items.filter(({ from }) => from >= start && from < end);
  return inLine.length === 1 ? inLine[0]!.definition : undefined;
}

interface RustItem {
  readonly definition: DefinitionAt;
  /** Of its name. */
  readonly from: number;
  readonly to: number;
  readonly body: { readonly start: number; readonly end: number } | undefined;
}

function rustItem(text: string, lines: SourceLines, tokens: RustTokens, index: number): RustItem | undefined {
  const { list, partner } = tokens;
  const keyword = list[index]!;
  if (keyword.kind !== "word" || (keyword.text !== "fn" && keyword.text !== "static")) return undefined;
  const token = list[index + 1]?.text === "mut" ? list[index + 2] : list[index + 1];
  if (token?.kind !== "word") return undefined;
  const isFunction = keyword.text === "fn";
  const open = isFunction ? bodyOf(tokens, index + 2) : undefined;
  if (isFunction && open === undefined) return undefined;
  const close = open === undefined ? undefined : list[partner.get(open) ?? -1];
  return {
    definition: {
      name: token.text.replace(/^r#/, ""),
      qualifiers: modulesAround(tokens, index),
      kind: isFunction ? "function" : "variable",
      line: lines.at(token.start),
    },
    from: token.start,
    to: token.end,
    body: open === undefined ? undefined : { start: list[open]!.start, end: close?.end ?? text.length },
  };
}

/** The brace that opens the body; undefined: it has none. */
function bodyOf({ list, partner }: RustTokens, from: number): number | undefined {
  for (let at = from, step = 0; at < list.length && step < MOST_STEPS; at++, step++) {
    const { text } = list[at]!;
    if (text === "{") return at;
    if (text === ";" || text === "}") return undefined;
    if (text === "(" || text === "[") at = partner.get(at) ?? at;
  }
  return undefined;
}

function modulesAround({ list }: RustTokens, token: number): readonly string[] {
  const path: string[] = [];
  for (let open = list[token]!.parent; open >= 0; open = list[open]!.parent) {
    if (list[open]!.text === "{" && list[open - 2]?.text === "mod") path.unshift(list[open - 1]!.text);
  }
  return path;
}

/** Tokens from a body back to the name of its function. */
const MOST_STEPS = 2000;
/** What ends the declarator of a variable: in parentheses there may be parameters as well as a value. */
const BASE_WORDS = ["public", "protected", "private", "virtual"];
const VALUE_SIGNS: ReadonlySet<number> = new Set([EQUALS, SEMICOLON, COMMA, BRACE]);
const TYPE_WORD = /^(?:struct|union|class|enum|namespace|typename|goto)$/;
const BEHIND_NAME = /^(?:__attribute__|__attribute|__asm__|asm|alignas|FAULTLINE_[A-Z_]+)$/;
