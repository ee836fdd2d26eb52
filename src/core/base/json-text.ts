/** JSON text as people wrote it: where its members are, so that it can be changed without being written anew. */

export interface JsonObjectText {
  readonly start: number;
  /** Of its closing brace. */
  readonly close: number;
  readonly members: readonly JsonMember[];
}

export interface JsonMember {
  readonly key: string;
  readonly keyStart: number;
  /** Of its value. */
  readonly start: number;
  readonly end: number;
}

/** The white space before a member: a line break and its indentation, or the space of an object on one line. */
export function separatorOf(text: string, { start, members }: JsonObjectText): string {
  const last = members.at(-1);
  if (last === undefined) return text.includes("\r\n") ? "\r\n  " : "\n  ";
  const before = members.length > 1 ? members.at(-2)!.end : start + 1;
  const space = text.slice(before, last.keyStart).replace(/^\s*,/, "");
  // `{"a":1}` has none before its first member: the one after a comma is free.
  return /\n/.test(space) ? space.slice(space.search(/\r?\n[^\n]*$/)) : " ";
}

export function isObjectText(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false; // The caller says so, and opens the file.
  }
}

/** @param start of the opening brace, in text that is valid JSON. */
export function objectAt(text: string, start: number): JsonObjectText {
  const members: JsonMember[] = [];
  let at = skipSpace(text, start + 1);
  while (text[at] !== "}") {
    const keyStart = at;
    const keyEnd = stringEnd(text, at);
    const valueStart = skipSpace(text, skipSpace(text, keyEnd) + 1);
    const end = valueEnd(text, valueStart);
    const key: unknown = JSON.parse(text.slice(keyStart, keyEnd));
    members.push({ key: String(key), keyStart, start: valueStart, end });
    at = skipSpace(text, end);
    if (text[at] === ",") at = skipSpace(text, at + 1);
  }
  return { start, close: at, members };
}

function valueEnd(text: string, start: number): number {
  if (text[start] === '"') return stringEnd(text, start);
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const character = text[at]!;
    if (character === '"') at = stringEnd(text, at) - 1;
    else if (character === "{" || character === "[") depth++;
    else if (character === "}" || character === "]") {
      if (depth === 0) return at; // A number or word, ended by what it is in.
      depth--;
      if (depth === 0) return at + 1;
    } else if (depth === 0 && (character === "," || SPACE.includes(character))) return at;
  }
  return text.length;
}

function stringEnd(text: string, start: number): number {
  let at = start + 1;
  while (text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return at + 1;
}

export function skipSpace(text: string, at: number): number {
  while (at < text.length && SPACE.includes(text[at]!)) at++;
  return at;
}

const SPACE = " \t\r\n";

/** Where the elements of a list are. @param start of its opening bracket, in text that is valid JSON. */
export function elementsAt(text: string, start: number): readonly { readonly start: number; readonly end: number }[] {
  const elements: { start: number; end: number }[] = [];
  let at = skipSpace(text, start + 1);
  while (text[at] !== "]") {
    const end = valueEnd(text, at);
    elements.push({ start: at, end });
    at = skipSpace(text, end);
    if (text[at] === ",") at = skipSpace(text, at + 1);
  }
  return elements;
}
