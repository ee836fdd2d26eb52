/** What the braces around a token of C or C++ text are: a namespace, a class, a function's body. */
import { PAREN, PAREN_END, COLON, SEMICOLON, LESS, EQUALS, GREATER, BRACE, BRACE_END } from "./c-signs.js";
import type { CStructure } from "./c-structure.js";
import { TOKEN } from "./c-tokens.js";

export interface CScope {
  readonly kind: "file" | "class" | "enum" | "block";
  /** Of the namespaces and classes, outermost first. */
  readonly path: readonly string[];
  /** Of the classes alone. */
  readonly classes: readonly string[];
  /** In a namespace without a name, or a class in one. */
  readonly anonymous: boolean;
  /** A member of a template. */
  readonly template: boolean;
}

/** @param token of which the surroundings are asked; its innermost bracket must be a brace, or none. */
export function scopeOf(structure: CStructure, token: number): CScope {
  let kind: CScope["kind"] = "file";
  const path: string[] = [];
  const classes: string[] = [];
  let anonymous = false;
  let template = false;
  let brace = structure.parent[token] ?? -1;
  for (let depth = 0; brace >= 0 && depth < MOST_NESTED; depth++, brace = structure.parent[brace]!) {
    const head = headOf(structure, brace);
    if (head.kind === "block" || head.kind === "enum") {
      return { kind: kind === "file" ? head.kind : kind, path, classes, anonymous, template };
    }
    if (head.kind === "class") {
      if (kind === "file") kind = "class";
      classes.unshift(head.name);
    }
    if (head.kind === "namespace" && head.name === "") anonymous = true;
    if (head.name !== "") path.unshift(...head.name.split("::"));
    template ||= head.template;
  }
  return { kind, path, classes, anonymous, template };
}

/** Whether the brace opens what a type consists of: a declarator may follow its end. */
export function opensType(structure: CStructure, brace: number): boolean {
  const { kind } = headOf(structure, brace);
  return kind === "class" || kind === "enum";
}

/** Where template arguments that open here close; -1: this "<" is a comparison. */
export function anglesEnd(structure: CStructure, open: number): number {
  let depth = 0;
  let at = open;
  for (let step = 0; step < MOST_STEPS && at < structure.tokens.count; step++) {
    const kind = structure.kind(at);
    if (kind === LESS) depth++;
    else if (kind === GREATER && --depth === 0) return at;
    else if (kind === SEMICOLON || kind === BRACE_END || kind === PAREN_END) return -1;
    at = kind === PAREN || kind === BRACE ? structure.after(at) : structure.next(at);
  }
  return -1;
}

/** Where template arguments open that close here; -1: nowhere near. */
export function anglesStart(structure: CStructure, close: number): number {
  let depth = 0;
  let at = close;
  for (let step = 0; step < MOST_STEPS && at >= 0; step++) {
    const kind = structure.kind(at);
    if (kind === GREATER) depth++;
    else if (kind === LESS && --depth === 0) return at;
    else if (kind === SEMICOLON || kind === BRACE || kind === PAREN) return -1;
    const mate = structure.partner[at]!;
    at = structure.previous(mate >= 0 && mate < at ? mate : at);
  }
  return -1;
}

interface Head {
  readonly kind: "namespace" | "linkage" | "class" | "enum" | "block";
  readonly name: string;
  readonly template: boolean;
}

/** What stands before a brace. */
function headOf(structure: CStructure, brace: number): Head {
  const before = structure.previous(brace);
  if (structure.kind(before) === TOKEN.string && structure.is(structure.previous(before), "extern"))
    return { kind: "linkage", name: "", template: false };
  const words: string[] = [];
  let called = false;
  let at = before;
  for (let step = 0; step < MOST_STEPS && at >= 0; step++) {
    const kind = structure.kind(at);
    if (kind === SEMICOLON || kind === BRACE || kind === BRACE_END || kind === PAREN || kind === EQUALS) return BLOCK;
    if (kind === PAREN_END) {
      const open = structure.partner[at]!;
      if (open < 0) return BLOCK;
      const word = structure.textOf(structure.previous(open));
      called ||= !ATTRIBUTE.test(word);
      at = structure.previous(open);
      if (ATTRIBUTE.test(word)) at = structure.previous(at);
      continue;
    }
    if (kind === TOKEN.identifier) {
      const word = structure.textOf(at);
      if (word === "namespace") return { kind: "namespace", name: words.reverse().join("::"), template: false };
      if (/^(?:class|struct|union|enum)$/.test(word)) {
        if (called) return BLOCK;
        const isEnum = word === "enum" || structure.is(structure.previous(at), "enum");
        return { kind: isEnum ? "enum" : "class", name: words.at(-1) ?? "", template: isTemplate(structure, at) };
      }
      if (word !== "final") words.push(word);
    } else if (kind === COLON) {
      // What follows is the list of base classes, or the type of an enumeration.
      words.length = 0;
    } else if (kind === GREATER) {
      const open = anglesStart(structure, at);
      if (open >= 0) at = open;
    }
    at = structure.previous(at);
  }
  return BLOCK;
}

/** @param key the word "class". Everything of a template is one, but not a full specialisation. */
function isTemplate(structure: CStructure, key: number): boolean {
  const before = structure.previous(key);
  if (structure.kind(before) !== GREATER) return false;
  const open = anglesStart(structure, before);
  return open >= 0 && structure.is(structure.previous(open), "template") && structure.next(open) !== before;
}

const BLOCK: Head = { kind: "block", name: "", template: false };
const ATTRIBUTE = /^(?:__attribute__|__attribute|alignas|_Alignas|__declspec|decltype|[A-Z][A-Z0-9_]*)$/;
/** Classes in classes in namespaces. */
const MOST_NESTED = 64;
/** Tokens of the head of a class or of template arguments. */
const MOST_STEPS = 500;
