/** The text of edits: extents, lines, indentation and line ends as the script around them has them. */
import type { TextEdit } from "../base/text-edit.js";
import type { SectionKind } from "../placement/locked-sections.js";
import { extentOf } from "./extent.js";
import { startOf, type OutputSection } from "./tree.js";

/** `next`, an insertion into what `earlier` insertions made, joins them in the coordinates of the original. */
export function withInsertion(earlier: readonly TextEdit[], next: TextEdit): TextEdit[] {
  let shift = 0;
  for (const [index, { offset, text }] of earlier.entries()) {
    const start = offset + shift;
    if (next.offset < start) return earlier.toSpliced(index, 0, { ...next, offset: next.offset - shift });
    const within = next.offset - start;
    if (within <= text.length)
      return earlier.with(index, { offset, length: 0, text: text.slice(0, within) + next.text + text.slice(within) });
    shift += text.length;
  }
  return [...earlier, { ...next, offset: next.offset - shift }];
}

/** Spaces before `offset` back to its line's start; undefined where something else stands there. */
export function indentationAt(text: string, offset: number): string | undefined {
  const before = text.slice(lineStart(text, offset), offset);
  return /^[ \t]*$/.test(before) ? before : undefined;
}

export function lineStart(text: string, offset: number): number {
  return text.lastIndexOf("\n", offset - 1) + 1;
}

/** Behind the line's end, where after `offset` only spaces and comments that end in the line come; else undefined. */
export function restOfLine(text: string, offset: number): number | undefined {
  REST.lastIndex = offset;
  return REST.test(text) ? REST.lastIndex : undefined;
}

const REST = /[ \t]*(?:\/\*(?:[^*\n]|\*(?!\/))*\*\/[ \t]*|#[^\n]*)*(?:\r?\n|$)/y;

/** What the line of `offset` ends in, or the lines before it where it is the last one. */
export function lineEndAt(text: string, offset: number): string {
  const end = text.indexOf("\n", offset);
  const at = end < 0 ? text.lastIndexOf("\n") : end;
  return at > 0 && text[at - 1] === "\r" ? "\r\n" : "\n";
}

/** Where lines that go before what stands at `offset` belong: above the comments that stand directly over it. */
export function aboveComments(text: string, offset: number, earliest: number): number {
  let at = lineStart(text, offset);
  while (at > earliest) {
    const above = lineStart(text, at - 1);
    const line = text.slice(above, at).trim();
    const opening = line.endsWith("*/") ? text.lastIndexOf("/*", at) : line.startsWith("#") ? above : -1;
    const start = lineStart(text, opening);
    // Something else may stand before the comment, or between two of them.
    const isAlone = opening >= earliest && !/\S/.test(text.slice(start, opening));
    const isOne = line.startsWith("#") || text.indexOf("*/", opening) >= above;
    if (!isAlone || !isOne || start < earliest) return at;
    at = start;
  }
  return at;
}

/** How a new output section is written: like the one it stands beside. */
export interface SectionStyle {
  readonly indentation: string;
  /** Of the statements in the braces. */
  readonly inner: string;
  readonly lineEnd: string;
  readonly braceOnOwnLine: boolean;
  /** All on one line. */
  readonly inline: boolean;
}

/** Measured from an output section of the script, or two spaces where there is none. */
export function styleLike(text: string, model: OutputSection | undefined, at: number): SectionStyle {
  const lineEnd = lineEndAt(text, at);
  const indentation = model === undefined ? undefined : indentationAt(text, extentOf(model).start);
  if (model === undefined || indentation === undefined)
    return { indentation: "  ", inner: "    ", lineEnd, braceOnOwnLine: false, inline: false };
  const brace = model.opening;
  const body = model.children.find((child) => child.kind !== "token" && (startOf(child) ?? 0) > (brace?.offset ?? 0));
  const inner = body === undefined ? undefined : indentationAt(text, extentOf(body).start);
  const unit = indentation.includes("\t") ? "\t" : "  ";
  return {
    indentation,
    inner: inner ?? indentation + unit,
    lineEnd,
    braceOnOwnLine: brace !== undefined && indentationAt(text, brace.offset) !== undefined,
    inline: false,
  };
}

export interface NewSection {
  readonly name: string;
  readonly kind: SectionKind;
  readonly statements: readonly string[];
  /** AT(…) before the brace, with a space before it. */
  readonly loadAddress: string;
  /** `>region AT>region :segment` behind the brace, with a space before it. */
  readonly suffix: string;
}

/** Whole pages with bounds inside the braces: lld's INSERT moves output sections only. Begins and ends with no space. */
export function newSection({ name, kind, statements, loadAddress, suffix }: NewSection, style: SectionStyle): string {
  const plain = name.replace(/^\./, "");
  const lines = [
    `__start_${plain} = .;`,
    `*(${name})`,
    ...statements,
    ". = ALIGN(CONSTANT(COMMONPAGESIZE));",
    `__stop_${plain} = .;`,
  ];
  const type = kind === "bss" ? " (NOLOAD)" : "";
  const header = `${name}${type} :${loadAddress} ALIGN(CONSTANT(COMMONPAGESIZE))`;
  if (style.inline) return `${header} { ${lines.join(" ")} }${suffix}`;
  const newLine = style.lineEnd + style.indentation;
  const body = lines.map((line) => style.lineEnd + style.inner + line).join("");
  return `${header}${style.braceOnOwnLine ? newLine : " "}{${body}${newLine}}${suffix}`;
}

/** The symbols that newSection defines. */
export function boundsOf(name: string): readonly string[] {
  const plain = name.replace(/^\./, "");
  return [`__start_${plain}`, `__stop_${plain}`];
}
