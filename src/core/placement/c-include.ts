/** The line that includes runtime/faultline.h: where it belongs in a C or C++ file, and whether it is still needed. */
import { CStructure } from "./c-structure.js";
import { TOKEN } from "./c-tokens.js";
import type { SourceEdit } from "./source-answer.js";
import { lineBreakOf } from "./source-lines.js";

const LINE = '#include "faultline.h"';

/** undefined: it is there already, before the token, or what it defines is used already. */
export function includeEdit(structure: CStructure, before: number): SourceEdit | undefined {
  return hasHeader(structure, before) ? undefined : insertion(structure);
}

/** Takes the line out of a text in which nothing needs it any more, if `includeEdit` put it there; undefined: it stays. */
export function includeRemoval(text: string): SourceEdit | undefined {
  const structure = new CStructure(text);
  const { tokens } = structure;
  let line: number | undefined;
  for (let token = 0; token < tokens.count; token++) {
    const spelling = structure.textOf(token);
    if (structure.kind(token) === TOKEN.directive && spelling === LINE) line ??= token;
    else if (/^(?:#|faultline|FAULTLINE)/.test(spelling) && /faultline_/i.test(spelling)) return undefined;
  }
  if (line === undefined) return undefined;
  const offset = tokens.starts[line]!;
  const rest = text.slice(tokens.ends[line]);
  // What was put in can be taken out; a line that stands anywhere else is the author's.
  for (const pattern of [/^\r?\n\r?\n/, /^\r?\n/, /^$/]) {
    const found = pattern.exec(rest);
    if (found === null) continue;
    for (const start of [offset, offset - lineBreakBefore(text, offset)]) {
      const edit = { offset: start, length: tokens.ends[line]! + found[0].length - start, text: "" };
      const without = text.slice(0, edit.offset) + text.slice(edit.offset + edit.length);
      const again = insertion(new CStructure(without));
      if (without.slice(0, again.offset) + again.text + without.slice(again.offset) === text) return edit;
    }
  }
  return undefined;
}

function lineBreakBefore(text: string, offset: number): number {
  return text[offset - 1] !== "\n" ? 0 : text[offset - 2] === "\r" ? 2 : 1;
}

/** A conditional one may not be read at all, and one behind the definition comes too late. */
function hasHeader(structure: CStructure, before: number): boolean {
  const { tokens } = structure;
  const base = guard(structure) === undefined ? 0 : 1;
  let depth = 0;
  for (let token = 0; token < Math.min(before, tokens.count); token++) {
    if (structure.kind(token) !== TOKEN.directive) {
      // A header of the project's own includes it.
      if (/^FAULTLINE_(?:CODE|RODATA|DATA|BSS)$/.test(structure.textOf(token))) return true;
      continue;
    }
    const { name, rest } = structure.directiveParts(token);
    depth += depthChange(name);
    if (name === "include" && depth <= base && /^["<](?:[^">]*\/)?faultline\.h[">]/.test(rest)) return true;
  }
  return false;
}

/** After the last #include of those the file begins with, else after what must come first in a file. */
function insertion(structure: CStructure): SourceEdit {
  const { text, tokens } = structure;
  const lineBreak = lineBreakOf(text);
  const opening = guard(structure);
  const base = opening === undefined ? 0 : 1;
  let depth = 0;
  let lastInclude: number | undefined;
  let mustPrecede = opening;
  for (let token = 0; token < tokens.count; token++) {
    if (structure.kind(token) !== TOKEN.directive) {
      // "module;" begins the part of a module that directives may stand in.
      if (structure.is(token, "module") && structure.is(token + 1, ";")) mustPrecede = ++token;
      else break;
      continue;
    }
    const { name, rest } = structure.directiveParts(token);
    depth += depthChange(name);
    if (depth > base || (base === 1 && depth === 0)) continue;
    if (name === "include") lastInclude = token;
    else if (name === "define" && /^FAULTLINE_\w+_SECTION\b/.test(rest)) lastInclude = token;
    else if (lastInclude !== undefined) continue;
    else if ((name === "pragma" && /^once\b/.test(rest)) || (name === "define" && /^_[A-Z_]/.test(rest)))
      mustPrecede = token;
  }
  const anchor = lastInclude ?? mustPrecede;
  if (anchor === undefined) return { offset: afterHeaderComment(text), length: 0, text: LINE + lineBreak + lineBreak };
  const end = text.indexOf("\n", tokens.ends[anchor]);
  if (end < 0) return { offset: text.length, length: 0, text: lineBreak + LINE };
  if (lastInclude !== undefined) return { offset: end + 1, length: 0, text: LINE + lineBreak };
  // A blank line, where there is one, stays between the guard and what it guards.
  const blank = /^\r?\n/.exec(text.slice(end + 1))?.[0].length ?? 0;
  return { offset: end + 1 + blank, length: 0, text: LINE + lineBreak + lineBreak };
}

/** The #define of "#ifndef X", "#define X" around the whole file. */
function guard(structure: CStructure): number | undefined {
  if (structure.kind(0) !== TOKEN.directive || structure.kind(1) !== TOKEN.directive) return undefined;
  const first = structure.directiveParts(0);
  const second = structure.directiveParts(1);
  const name = first.name === "ifndef" ? first.rest : (/^!\s*defined\s*\(?\s*(\w+)/.exec(first.rest)?.[1] ?? "");
  const word = /^\w+/.exec(name)?.[0];
  return word !== undefined && second.name === "define" && /^\w+/.exec(second.rest)?.[0] === word ? 1 : undefined;
}

function depthChange(name: string): number {
  return /^if/.test(name) ? 1 : name === "endif" ? -1 : 0;
}

/** A comment that a blank line sets off is about the file; one that does not may be about what follows. */
function afterHeaderComment(text: string): number {
  const start = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  const comment = /^(?:\/\*[^]*?\*\/[ \t]*\r?\n|(?:\/\/.*\r?\n)+)(?:[ \t]*\r?\n)+/.exec(text.slice(start));
  return start + (comment?.[0].length ?? 0);
}
