/** The line that includes runtime/faultline.h: where it belongs in a C or C++ file, and whether it is still needed. */
import { lastAtOrBelow } from "../base/bisect.js";
import type { TextEdit } from "../base/text-edit.js";
import { CConditions } from "./c-conditions.js";
import { CStructure } from "./c-structure.js";
import { TOKEN } from "./c-tokens.js";
import { lineBreakOf } from "./source-lines.js";

/** What runtime/faultline.h calls its macros of placement. */
const MACRO_NAMES: readonly string[] = ["CODE", "CODE_INLINE", "RODATA", "DATA", "BSS"].map(
  (kind) => `FAULTLINE_${kind}`,
);

const LINE = '#include "faultline.h"';

export type IncludeAnswer =
  | { readonly kind: "edit"; readonly edit: TextEdit }
  /** It is there already, before the token, or what it defines is used already. */
  | { readonly kind: "there" }
  /** Headers of the system would be read before the text says which of their features it wants (_GNU_SOURCE). */
  | { readonly kind: "too-early" };

/** What the preprocessor lines of a text say about the header, read once for all its definitions. */
export class CHeader {
  private readonly conditions: CConditions;
  private readonly includes: readonly number[];
  private readonly features: readonly number[];
  /** A header of the project's own includes it before the first of its macros is used. */
  private readonly firstUse: number;

  constructor(private readonly structure: CStructure) {
    this.conditions = new CConditions(structure);
    const spelled = (pattern: RegExp): readonly number[] =>
      structure.directives.filter((token) => pattern.test(structure.textOf(token).replace(/\\\r?\n/g, " ")));
    this.includes = spelled(/^#\s*include\s*["<](?:[^">]*\/)?faultline\.h[">]/);
    this.features = spelled(FEATURE);
    const uses = MACRO_NAMES.flatMap((name) => structure.occurrences(name).next().value ?? []);
    this.firstUse = Math.min(...uses, Infinity);
  }

  /** @param before the definition's first token: the line must come before it, under the same conditions. */
  edit(before: number): IncludeAnswer {
    // One under another condition may not be read, and one behind the definition comes too late.
    const isThere = this.includes.some((token) => token < before && this.conditions.holdAt(token, before));
    if (isThere || this.firstUse < before) return { kind: "there" };
    const { anchor, edit } = insertion(this.structure, this.conditions, before);
    const tooEarly = this.features.some((token) => token > anchor && token < before);
    return tooEarly ? { kind: "too-early" } : { kind: "edit", edit };
  }
}

/**
 * Takes the line out of a text in which nothing needs it any more, if `includeEdit` put it there; undefined: it stays.
 * @param near offset of what was placed.
 */
export function includeRemoval(text: string, near: number): TextEdit | undefined {
  if (!text.includes(LINE)) return undefined;
  const structure = new CStructure(text);
  const { tokens } = structure;
  const line = structure.directives.find((token) => structure.is(token, LINE));
  if (line === undefined || isNeeded(structure)) return undefined;
  const offset = tokens.starts[line]!;
  const rest = text.slice(tokens.ends[line]);
  // What was put in can be taken out; a line that stands anywhere else is the author's.
  for (const pattern of [/^\r?\n\r?\n/, /^\r?\n/, /^$/]) {
    const found = pattern.exec(rest);
    if (found === null) continue;
    for (const start of new Set([offset, offset - lineBreakBefore(text, offset)])) {
      const edit = { offset: start, length: tokens.ends[line]! + found[0].length - start, text: "" };
      const without = text.slice(0, edit.offset) + text.slice(edit.offset + edit.length);
      const again = new CStructure(without);
      const { edit: put } = insertion(again, new CConditions(again), again.tokenFrom(near - edit.length));
      if (without.slice(0, put.offset) + put.text + without.slice(put.offset) === text) return edit;
    }
  }
  return undefined;
}

/** Something of the header's is named, in preprocessor lines, too. */
function isNeeded({ text, tokens: { kinds, starts, ends, count } }: CStructure): boolean {
  for (const { index } of text.matchAll(/faultline_/gi)) {
    const token = lastAtOrBelow(starts, index, count);
    if (token < 0 || ends[token]! <= index) continue;
    if (kinds[token] === TOKEN.directive || (kinds[token] === TOKEN.identifier && starts[token] === index)) return true;
  }
  return false;
}

function lineBreakBefore(text: string, offset: number): number {
  return text[offset - 1] !== "\n" ? 0 : text[offset - 2] === "\r" ? 2 : 1;
}

/** What a condition's branch, or the whole text, begins with. */
interface Opening {
  /** The "#if"; -1: the text. */
  readonly start: number;
  /** The last line that includes something, also in conditions that are over. */
  include: number | undefined;
  /** Conditions and definitions that must stay the first. */
  precede: number | undefined;
}

/** After the last #include of those the file begins with, else after what must come first in a file. */
function insertion(
  structure: CStructure,
  conditions: CConditions,
  before: number,
): { readonly anchor: number; readonly edit: TextEdit } {
  const { text } = structure;
  const lineBreak = lineBreakOf(text);
  const opening = openingAt(structure, conditions, before);
  const anchor = opening?.include ?? opening?.precede;
  const separate = LINE + lineBreak + lineBreak;
  if (anchor === undefined)
    return { anchor: -1, edit: { offset: afterHeaderComment(text), length: 0, text: separate } };
  const end = text.indexOf("\n", structure.tokens.ends[anchor]);
  if (end < 0) return { anchor, edit: { offset: text.length, length: 0, text: lineBreak + LINE } };
  if (opening?.include !== undefined) return { anchor, edit: { offset: end + 1, length: 0, text: LINE + lineBreak } };
  // A blank line, where there is one, stays between the guard and what it guards.
  const blank = /^\r?\n/.exec(text.slice(end + 1))?.[0].length ?? 0;
  return { anchor, edit: { offset: end + 1 + blank, length: 0, text: separate } };
}

/** Of the preprocessor lines the file begins with those whose conditions hold for the definition, too. */
function openingAt(structure: CStructure, conditions: CConditions, before: number): Opening | undefined {
  const openings: Opening[] = [{ start: -1, include: undefined, precede: undefined }];
  let token = 0;
  for (; token < before; token++) {
    const innermost = openings.at(-1)!;
    if (structure.kind(token) !== TOKEN.directive) {
      // "module;" begins the part of a module that directives may stand in.
      if (!structure.is(token, "module") || !structure.is(token + 1, ";")) break;
      innermost.precede = ++token;
      continue;
    }
    const { name, rest } = structure.directiveParts(token);
    if (name.startsWith("if")) openings.push({ start: token, include: undefined, precede: undefined });
    else if (name.startsWith("el")) innermost.precede = undefined;
    else if (name === "endif" && openings.length > 1) {
      openings.pop();
      if (innermost.include !== undefined) openings.at(-1)!.include = token;
    } else if (name === "include" || (name === "define" && /^FAULTLINE_\w+_SECTION\b/.test(rest)))
      innermost.include = token;
    else if (name === "define" && token === 1 && isGuard(structure)) innermost.precede = token;
    else if ((name === "pragma" && /^once\b/.test(rest)) || (name === "define" && /^_[A-Z_]/.test(rest)))
      innermost.precede = token;
  }
  const holding = openings.filter(({ start, include, precede }) => {
    return start < 0 || conditions.holdAt(include ?? precede ?? start + 1, before);
  });
  return (
    holding.findLast(({ include }) => include !== undefined) ?? holding.findLast(({ precede }) => precede !== undefined)
  );
}

/** "#ifndef X", "#define X" around the whole file. */
function isGuard(structure: CStructure): boolean {
  if (structure.kind(0) !== TOKEN.directive) return false;
  const first = structure.directiveParts(0);
  const name = first.name === "ifndef" ? first.rest : (/^!\s*defined\s*\(?\s*(\w+)/.exec(first.rest)?.[1] ?? "");
  const word = /^\w+/.exec(name)?.[0];
  return word !== undefined && /^\w+/.exec(structure.directiveParts(1).rest)?.[0] === word;
}

/** A comment that a blank line sets off is about the file; one that does not may be about what follows. */
function afterHeaderComment(text: string): number {
  const start = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  const comment = /^(?:\/\*[^]*?\*\/[ \t]*\r?\n|(?:\/\/.*\r?\n)+)(?:[ \t]*\r?\n)+/.exec(text.slice(start));
  return start + (comment?.[0].length ?? 0);
}

/** feature_test_macros(7) */
const FEATURE =
  /^#\s*define\s+_(?:GNU_SOURCE|XOPEN_\w+|POSIX_\w+|DEFAULT_SOURCE|BSD_SOURCE|SVID_SOURCE|ISOC\w+|ATFILE_SOURCE|LARGEFILE\w*|LARGE_FILE\w*|FILE_OFFSET_BITS|TIME_BITS|REENTRANT|FORTIFY_SOURCE)\b/;
