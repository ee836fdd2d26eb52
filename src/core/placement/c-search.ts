/** Finds the definition of a symbol in C or C++ text: at the line the debug information tells, else where it is alone. */
import { BRACE, COMMA, PAREN, SEMICOLON } from "./c-signs.js";
import { declarationOf, type CDeclaration } from "./c-declaration.js";
import type { CStructure } from "./c-structure.js";
import { TOKEN } from "./c-tokens.js";
import type { SourceDefinition, SourceRefusal } from "./source-answer.js";
import type { LineRange } from "./source-lines.js";
import { definedName, type DefinedName } from "./source-names.js";

export type FoundDeclaration =
  { readonly ok: true; readonly declaration: CDeclaration } | { readonly ok: false; readonly refusal: SourceRefusal };

/**
 * @param changed the text is newer than the line: a line that fits may be another definition's.
 * @param prefer those that are meant where there are some: of several definitions the one that is placed.
 */
export function findDeclaration(
  structure: CStructure,
  definition: SourceDefinition,
  changed: boolean,
  prefer: (declaration: CDeclaration) => boolean = () => false,
): FoundDeclaration {
  const wanted = definedName(definition.displayName);
  const range = structure.lines.range(definition.line);
  const isThere = ({ name }: CDeclaration): boolean => {
    const start = structure.tokens.starts[name]!;
    return start >= range.start && start < range.end;
  };
  const all = candidates(structure, wanted, definition.kind === "text" ? "function" : "variable", range);
  const alike = best(all, wanted);
  const fitting = alike.some(prefer) ? alike.filter(prefer) : alike;
  const lasting = fitting.filter((one) => isLasting(one) && one.isDefinition);
  const there = fitting.filter(isThere);
  const sure = there.filter((one) => isLasting(one) && one.isDefinition);
  if (sure.length > 0 && (!changed || lasting.length === 1))
    return { ok: true, declaration: atColumn(structure, sure, definition, range.start) };
  if (lasting.length === 1) return { ok: true, declaration: lasting[0]! };
  if (lasting.length > 1)
    return refusal({ code: "several", lines: lasting.slice(0, MOST_TOLD).map(({ name }) => structure.lineOf(name)) });
  if (!changed && there.length > 0) return { ok: true, declaration: there[0]! };
  const macro = macroOf(structure, wanted.name, range);
  if (macro !== undefined) return refusal({ code: "macro", macro: macro.name, line: structure.lineOf(macro.token) });
  if (fitting.length > 0) return { ok: true, declaration: fitting[0]! };
  if (isClassLine(structure, wanted, range)) return refusal({ code: "compiler-made" });
  return refusal({ code: "changed", line: definition.line });
}

function refusal(what: SourceRefusal): FoundDeclaration {
  return { ok: false, refusal: what };
}

/** A variable of a function's frame has its name by chance. */
function isLasting({ isFunction, scope, words }: CDeclaration): boolean {
  return isFunction || scope.kind !== "block" || words.has("static");
}

function atColumn(
  structure: CStructure,
  found: readonly CDeclaration[],
  { column }: SourceDefinition,
  lineStart: number,
): CDeclaration {
  return found.find(({ name }) => structure.tokens.starts[name]! - lineStart === column - 1) ?? found[0]!;
}

function candidates(
  structure: CStructure,
  { name }: DefinedName,
  wanted: "function" | "variable",
  { start, end }: LineRange,
): CDeclaration[] {
  const { tokens } = structure;
  const isOperator = /^operator\b/.test(name);
  const isDestructor = name.startsWith("~");
  const word = isOperator ? "operator" : isDestructor ? name.slice(1) : name;
  const found: CDeclaration[] = [];
  let looks = 0;
  for (const token of structure.occurrences(word)) {
    const before = structure.previous(token);
    if (!isOperator && structure.is(before, "~") !== isDestructor) continue;
    if (isOperator ? !isSpelled(structure, token, name) : isUse(structure, before, token, wanted)) continue;
    const isThere = tokens.starts[token]! >= start && tokens.starts[token]! < end;
    if (!isThere && (looks += 1) > MOST_CANDIDATES) continue;
    const declaration = declarationOf(structure, token, wanted);
    if (declaration !== undefined) found.push(declaration);
  }
  return found;
}

/** Most uses are seen from the tokens beside them: a member, an operand, a call. */
function isUse(structure: CStructure, before: number, token: number, wanted: "function" | "variable"): boolean {
  const kind = structure.kind(before);
  if (OPERATORS.has(kind) || LITERALS.has(kind)) return true;
  const next = structure.next(token);
  if (wanted === "variable") {
    // A type comes first.
    if (kind === SEMICOLON || kind === BRACE || before < 0) return true;
    const after = structure.kind(next);
    return !(VARIABLE_BEFORE.has(after) || after === TOKEN.identifier);
  }
  if (structure.kind(next) !== PAREN) return false;
  const after = structure.kind(structure.after(next));
  return after === COMMA || OPERATORS.has(after);
}

/** "operator ==" is "operator==". */
function isSpelled(structure: CStructure, token: number, name: string): boolean {
  const plain = name.replace(/\s/g, "");
  let text = "operator";
  for (
    let at = structure.next(token), step = 0;
    step < 16 && text.length < plain.length;
    step++, at = structure.next(at)
  )
    text += structure.textOf(at);
  return text === plain;
}

/** Of overloads and members of other classes those that agree most with the name. */
function best(all: readonly CDeclaration[], { qualifiers, parameters }: DefinedName): readonly CDeclaration[] {
  const score = (one: CDeclaration): number => {
    const path = [...one.scope.path, ...one.qualifiers];
    const own = [...one.scope.classes, ...one.qualifiers].at(-1);
    const nearest = qualifiers.at(-1);
    // A class before the name must be the name's own; namespaces may be hidden by macros.
    const class_ =
      own === undefined ? nearest === undefined || path.length === 0 || path.at(-1) === nearest : own === nearest;
    const count = parameters === undefined || one.parameters === undefined || one.parameters === parameters;
    return (class_ ? 2 : 0) + (count ? 1 : 0);
  };
  const most = Math.max(...all.map(score), 0);
  return all.filter((one) => score(one) === most);
}

/** Members that nobody wrote are told to be where their class is. */
function isClassLine(structure: CStructure, { qualifiers }: DefinedName, { start, end }: LineRange): boolean {
  const { tokens } = structure;
  const name = qualifiers.at(-1);
  if (name === undefined) return false;
  for (let token = structure.tokenFrom(start); token < tokens.count && tokens.starts[token]! < end; token++) {
    if (!structure.is(token, name)) continue;
    if (/^(?:class|struct|union)$/.test(structure.textOf(structure.previous(token)))) return true;
  }
  return false;
}

/** A macro's call on the line that is given the name, or a part of it. */
function macroOf(
  structure: CStructure,
  name: string,
  { start, end }: LineRange,
): { readonly name: string; readonly token: number } | undefined {
  const { tokens } = structure;
  for (let token = structure.tokenFrom(start); token < tokens.count && tokens.starts[token]! < end; token++) {
    if (structure.kind(token) !== TOKEN.identifier) continue;
    const open = structure.next(token);
    if (structure.kind(open) !== PAREN || structure.partner[open]! < 0) continue;
    // "int f(int a) BODY"
    const behind = structure.after(open);
    if (structure.is(token, name) && MACRO.test(structure.textOf(behind)))
      return { name: structure.textOf(behind), token };
    const told = structure.text.slice(tokens.ends[open], tokens.starts[structure.partner[open]!]);
    const parts = told.match(/[A-Za-z_]\w+/g) ?? [];
    const spelling = structure.textOf(token);
    if (parts.some((part) => name.includes(part)) || MACRO.test(spelling)) return { name: spelling, token };
  }
  return undefined;
}

const MACRO = /^[A-Z][A-Z0-9_]+$/;
/** What a declared name neither follows nor precedes. */
const OPERATORS: ReadonlySet<number> = new Set([...".+-/%!?|"].map((sign) => sign.charCodeAt(0)));
const LITERALS: ReadonlySet<number> = new Set([TOKEN.arrow, TOKEN.operator, TOKEN.number, TOKEN.string]);
const VARIABLE_BEFORE: ReadonlySet<number> = new Set([...",;=[{():"].map((sign) => sign.charCodeAt(0)));
/** Places that may declare a name and are looked at besides its line: a name of one letter has many. */
const MOST_CANDIDATES = 1000;
const MOST_TOLD = 10;
