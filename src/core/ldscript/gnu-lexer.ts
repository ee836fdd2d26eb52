/** GNU ld's lexer: what a word is depends on the mode the parser is in. Longest match first, as flex does (ld, ldlex.l). */
import { isKnown, type Dialect } from "./dialect.js";
import { isGnuKeyword, KEYWORD_START, LONGEST_KEYWORD } from "./gnu-keywords.js";
import type { LexicalProblem, Lexed } from "./lexed.js";

export type GnuMode = "script" | "expression" | "wildcard" | "files" | "version-start" | "version" | "version-node";

/** The token at `offset` with what is skipped before it. Never fails: what no rule takes is skipped, and told. */
export function lexGnu(text: string, offset: number, mode: GnuMode, dialect: Dialect): Lexed {
  let problems = NO_PROBLEMS;
  let at = offset;
  for (;;) {
    at = behindSpaces(text, at);
    if (at >= text.length) return { symbol: "END", start: at, end: at, problems };
    const comment = behindComment(text, at, mode);
    if (comment === UNCLOSED) {
      problems = [...problems, { code: "unclosed-comment", offset: at, fatal: true }];
      at = text.length;
    } else if (comment > at) at = comment;
    else {
      const found = tokenAt(text, at, mode, dialect);
      if (found !== undefined) return { symbol: found.symbol, start: at, end: found.end, problems };
      problems = [...problems, { code: "invalid-character", offset: at, fatal: mode === "files" ? undefined : false }];
      at += 1;
    }
  }
}

type Found = { readonly symbol: string; readonly end: number };

const NO_PROBLEMS: readonly LexicalProblem[] = [];
const UNCLOSED = -1;

function behindSpaces(text: string, offset: number): number {
  let at = offset;
  for (let code = text.charCodeAt(at); code === 32 || code === 10 || code === 9 || code === 13;)
    code = text.charCodeAt(++at);
  return at;
}

/** Past one comment; `at` where there is none, UNCLOSED where it does not end. */
function behindComment(text: string, at: number, mode: GnuMode): number {
  const character = text[at];
  if (character === "#" && mode !== "files") return matchEnd(TO_LINE_END, text, at);
  if (character !== "/" || text[at + 1] !== "*") return at;
  const end = text.indexOf("*/", at + 2);
  return end >= 0 ? end + 2 : UNCLOSED;
}

function tokenAt(text: string, at: number, mode: GnuMode, dialect: Dialect): Found | undefined {
  if (mode === "version-start" || mode === "version" || mode === "version-node") return versionToken(text, at, mode);
  const first = text[at]!;
  if (first === '"') {
    const end = text.indexOf('"', at + 1);
    return end < 0 ? undefined : { symbol: "STRING", end: end + 1 };
  }
  if (first === "@") {
    const placeholder = matchEnd(PLACEHOLDER, text, at);
    if (placeholder > at) return { symbol: "NAME", end: placeholder };
  }
  // Longer than the operator that it begins with.
  if (mode === "expression" && text.startsWith("/DISCARD/", at)) return { symbol: "NAME", end: at + 9 };
  const { name, number, numberStart, operators } = RULES[mode];
  let numberEnd = at;
  if (numberStart.includes(first)) for (const form of number) numberEnd = Math.max(numberEnd, matchEnd(form, text, at));
  const nameEnd = matchEnd(name, text, at);
  if (mode === "files") {
    const library = matchEnd(LIBRARY, text, at);
    if (library > at) return { symbol: "LNAME", end: library };
  }
  const operator = OPERATOR_START.includes(first) ? operatorAt(text, at, operators, dialect) : undefined;
  const operatorEnd = at + (operator?.length ?? 0);
  if (operator !== undefined && operatorEnd >= nameEnd && operatorEnd >= numberEnd)
    return { symbol: operator, end: operatorEnd };
  if (numberEnd > at && numberEnd >= nameEnd) return { symbol: "INT", end: numberEnd };
  if (nameEnd === at) return undefined;
  const isWord = KEYWORD_START.includes(first) && nameEnd - at <= LONGEST_KEYWORD;
  const keyword = isWord ? isGnuKeyword(text.slice(at, nameEnd), mode, dialect) : undefined;
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
  const first = text[at]!;
  for (const operator of operators)
    if (operator[0] === first && text.startsWith(operator, at) && isKnown(dialect, operator)) return operator;
  return undefined;
}

function matchEnd(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}

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
    numberStart: "$0123456789",
    operators: [...ASSIGNING, ">", ",", "~", "!", "+", "-", "=", "}", "{", ")", "(", ":", ";"],
  },
  expression: {
    name: /[a-zA-Z_.\\$][\w/.\\$~]*/y,
    number: [/(?:(?:\$|0[xX])[0-9A-Fa-f]+|[0-9]+)[MKmk]?/y, /[0-9A-Fa-f]+[HhXx]/y, /[01]+[Bb]|[0-7]+[Oo]|[0-9]+[Dd]/y],
    numberStart: "$0123456789ABCDEFabcdef",
    operators: [
      ...ASSIGNING,
      ...["||", "==", "!=", ">=", "<=", "<<", ">>", "&&"],
      ...[">", ",", "&", "|", "~", "!", "?", "*", "+", "-", "/", "%", "<", "^", "=", "}", "{", ")", "(", ":", ";"],
    ],
  },
  wildcard: {
    name: /[\w/.\\$~\-+:[\],=?*^!]+/y,
    number: [],
    numberStart: "",
    operators: [...ASSIGNING, "]", "[", "&", "=", "}", "{", ")", "(", ";"],
  },
  files: {
    name: /=?[a-zA-Z_/.\\$~][\w/.\\$~\-+:[\],=]*/y,
    number: [],
    numberStart: "",
    operators: [",", ")", "("],
  },
} as const;
