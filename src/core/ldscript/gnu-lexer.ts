/** GNU ld's lexer: what a word is depends on the mode the parser is in. Longest match first, as flex does (ld, ldlex.l). */
import { isKnown, type Dialect } from "./dialect.js";
import { isGnuKeyword } from "./gnu-keywords.js";
import type { LexicalProblem, Lexed } from "./lexed.js";

export type GnuMode = "script" | "expression" | "wildcard" | "files" | "version-start" | "version" | "version-node";

/** The token at `offset` with what is skipped before it. Never fails: what no rule takes is skipped, and told. */
export function lexGnu(text: string, offset: number, mode: GnuMode, dialect: Dialect): Lexed {
  const problems: LexicalProblem[] = [];
  let at = offset;
  for (;;) {
    const next = skipped(text, at, mode, problems);
    if (next !== at) {
      at = next;
      continue;
    }
    if (at >= text.length) return { symbol: "END", start: at, end: at, problems };
    const found = tokenAt(text, at, mode, dialect);
    if (found !== undefined) return { ...found, start: at, problems };
    problems.push({ code: "invalid-character", offset: at, fatal: mode === "files" ? undefined : false });
    at += 1;
  }
}

type Found = { readonly symbol: string; readonly end: number };

/** Past one run of spaces or one comment; `at` where there is none. */
function skipped(text: string, at: number, mode: GnuMode, problems: LexicalProblem[]): number {
  const spaces = matchEnd(SPACES, text, at);
  if (spaces > at) return spaces;
  const character = text[at];
  if (character === "#" && mode !== "files") return matchEnd(TO_LINE_END, text, at);
  if (character !== "/" || text[at + 1] !== "*") return at;
  const end = text.indexOf("*/", at + 2);
  if (end >= 0) return end + 2;
  problems.push({ code: "unclosed-comment", offset: at, fatal: true });
  return text.length;
}

function tokenAt(text: string, at: number, mode: GnuMode, dialect: Dialect): Found | undefined {
  if (mode.startsWith("version")) return versionToken(text, at, mode);
  if (text[at] === '"') {
    const end = text.indexOf('"', at + 1);
    return end < 0 ? undefined : { symbol: "STRING", end: end + 1 };
  }
  const placeholder = matchEnd(PLACEHOLDER, text, at);
  if (placeholder > at) return { symbol: "NAME", end: placeholder };
  const { name, number, operators } = RULES[mode as "script" | "expression" | "wildcard" | "files"];
  const numberEnd = Math.max(at, ...number.map((form) => matchEnd(form, text, at)));
  const nameEnd = matchEnd(name, text, at);
  if (mode === "files") {
    const library = matchEnd(LIBRARY, text, at);
    if (library > at) return { symbol: "LNAME", end: library };
  }
  const operator = operatorAt(text, at, operators, dialect);
  const operatorEnd = at + (operator?.length ?? 0);
  if (operator !== undefined && operatorEnd >= nameEnd && operatorEnd >= numberEnd)
    return { symbol: operator, end: operatorEnd };
  if (mode === "expression" && text.startsWith("/DISCARD/", at)) return { symbol: "NAME", end: at + 9 };
  if (numberEnd > at && numberEnd >= nameEnd) return { symbol: "INT", end: numberEnd };
  if (nameEnd === at) return undefined;
  const word = text.slice(at, nameEnd);
  const keyword = isGnuKeyword(word, mode, dialect);
  return { symbol: keyword ?? "NAME", end: nameEnd };
}

function versionToken(text: string, at: number, mode: GnuMode): Found | undefined {
  const character = text[at]!;
  if (character === "{") return { symbol: "{", end: at + 1 };
  if (mode === "version-start") return undefined;
  if ("};:,".includes(character)) return { symbol: character, end: at + 1 };
  if (mode === "version") {
    const end = matchEnd(VERSION_TAG, text, at);
    return end > at ? { symbol: "TAG", end } : undefined;
  }
  if (character === '"') {
    const end = text.indexOf('"', at + 1);
    return end < 0 ? undefined : { symbol: "STRING", end: end + 1 };
  }
  const end = matchEnd(VERSION_NAME, text, at);
  if (end === at) return undefined;
  const word = text.slice(at, end);
  return { symbol: ["global", "local", "extern"].includes(word) ? word : "IDENTIFIER", end };
}

function operatorAt(text: string, at: number, operators: readonly string[], dialect: Dialect): string | undefined {
  const character = text[at]!;
  if (!OPERATOR_START.includes(character)) return undefined;
  return operators.find(
    (operator) => operator.startsWith(character) && text.startsWith(operator, at) && isKnown(dialect, operator),
  );
}

function matchEnd(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}

const SPACES = /[ \t\r\n]+/y;
const TO_LINE_END = /[^\n]*/y;
/** What a build's configuration step puts in: @LENGTH@. */
const PLACEHOLDER = /@\w+@/y;
const LIBRARY = /-l[\w/.\\$~\-+:[\],=]+/y;
const VERSION_TAG = /[.$_a-zA-Z][._a-zA-Z0-9]*/y;
const VERSION_NAME = /[*?.$_a-zA-Z[\]\-!^\\](?:[*?.$_a-zA-Z0-9[\]\-!^\\]|::)*/y;

const OPERATOR_START = "<>+-*/&|^=!,~?%}{)(:;][";
const ASSIGNING = ["<<=", ">>=", "+=", "-=", "*=", "/=", "&=", "|=", "^="];

/** Operators longest first; a name's first character differs from the rest but in wildcards. */
const RULES = {
  script: {
    name: /[a-zA-Z_/.\\$~][\w/.\\$~\-+:[\],=]*/y,
    number: [/(?:(?:\$|0[xX])[0-9A-Fa-f]+|[0-9]+)[MKmk]?/y],
    operators: [...ASSIGNING, ">", ",", "~", "!", "+", "-", "=", "}", "{", ")", "(", ":", ";"],
  },
  expression: {
    name: /[a-zA-Z_.\\$][\w/.\\$~]*/y,
    number: [/(?:(?:\$|0[xX])[0-9A-Fa-f]+|[0-9]+)[MKmk]?/y, /[0-9A-Fa-f]+[HhXx]/y, /[01]+[Bb]|[0-7]+[Oo]|[0-9]+[Dd]/y],
    operators: [
      ...ASSIGNING,
      ...["||", "==", "!=", ">=", "<=", "<<", ">>", "&&"],
      ...[">", ",", "&", "|", "~", "!", "?", "*", "+", "-", "/", "%", "<", "^", "=", "}", "{", ")", "(", ":", ";"],
    ],
  },
  wildcard: {
    name: /[\w/.\\$~\-+:[\],=?*^!]+/y,
    number: [],
    operators: [...ASSIGNING, "]", "[", "&", "=", "}", "{", ")", "(", ";"],
  },
  files: {
    name: /=?[a-zA-Z_/.\\$~][\w/.\\$~\-+:[\],=]*/y,
    number: [],
    operators: [",", ")", "("],
  },
} as const;
