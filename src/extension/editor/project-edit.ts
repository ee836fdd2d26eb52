/** Writes a source mapping into faultline.json as the smallest change of its text: everything else stays as people wrote it. */

export interface TextEdit {
  /** Characters from the start of the text. */
  readonly offset: number;
  /** Characters that are replaced. */
  readonly length: number;
  readonly text: string;
}

/** Undefined where the text is not a JSON object: that must be put right by a person first. */
export function sourceMapEdit(text: string, from: string, to: string): TextEdit | undefined {
  const entry = `${JSON.stringify(from)}: ${JSON.stringify(to)}`;
  if (text.trim() === "") {
    return { offset: 0, length: text.length, text: `{\n  "sourceMap": {\n    ${entry}\n  }\n}\n` };
  }
  if (!isObjectText(text)) return undefined;
  const root = objectAt(text, skipSpace(text, 0));
  const map = root.members.findLast(({ key }) => key === "sourceMap");
  if (map === undefined) return insertion(text, root, `"sourceMap": `, entry);
  if (text[map.start] !== "{") {
    return { offset: map.start, length: map.end - map.start, text: nested(entry, separatorOf(text, root)) };
  }
  const mappings = objectAt(text, map.start);
  const old = mappings.members.findLast(({ key }) => key === from);
  if (old !== undefined) return { offset: old.start, length: old.end - old.start, text: JSON.stringify(to) };
  if (mappings.members.length > 0) return insertion(text, mappings, "", entry);
  return { offset: map.start, length: map.end - map.start, text: nested(entry, separatorOf(text, root)) };
}

interface JsonObject {
  readonly start: number;
  /** Of its closing brace. */
  readonly close: number;
  readonly members: readonly Member[];
}

interface Member {
  readonly key: string;
  readonly keyStart: number;
  /** Of its value. */
  readonly start: number;
  readonly end: number;
}

/** After the last member, set off as that one is; `name` is the key of an object that is new. */
function insertion(text: string, object: JsonObject, name: string, entry: string): TextEdit {
  const separator = separatorOf(text, object);
  const added = name === "" ? entry : name + nested(entry, separator);
  const last = object.members.at(-1);
  if (last !== undefined) return { offset: last.end, length: 0, text: `,${separator}${added}` };
  const lineEnd = text.includes("\r\n") ? "\r\n" : "\n";
  return {
    offset: object.start + 1,
    length: object.close - object.start - 1,
    text: `${separator}${added}${lineEnd}`,
  };
}

/** The white space before a member: a line break and its indentation, or the space of an object on one line. */
function separatorOf(text: string, { start, members }: JsonObject): string {
  const last = members.at(-1);
  if (last === undefined) return text.includes("\r\n") ? "\r\n  " : "\n  ";
  const before = members.length > 1 ? members.at(-2)!.end : start + 1;
  const space = text.slice(before, last.keyStart).replace(/^\s*,/, "");
  // `{"a":1}` has none before its first member: the one after a comma is free.
  return /\n/.test(space) ? space.slice(space.search(/\r?\n[^\n]*$/)) : " ";
}

function nested(entry: string, separator: string): string {
  if (!separator.includes("\n")) return `{ ${entry} }`;
  const indent = /[^\n]*$/.exec(separator)![0];
  const step = indent.startsWith("\t") ? "\t" : indent.length === 4 ? "    " : "  ";
  return `{${separator}${step}${entry}${separator}}`;
}

function isObjectText(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false; // The caller says so, and opens the file.
  }
}

/** @param start of the opening brace, in text that is valid JSON. */
function objectAt(text: string, start: number): JsonObject {
  const members: Member[] = [];
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

function skipSpace(text: string, at: number): number {
  while (at < text.length && SPACE.includes(text[at]!)) at++;
  return at;
}

const SPACE = " \t\r\n";
