/** What edits.ts put in, found again: statements of exactly these patterns, and sections that hold nothing else. */
import type { TextEdit } from "../base/text-edit.js";
import type { PlacedSections } from "../placement/section-patterns.js";
import { indentationAt, lineStart, newSection, restOfLine } from "./edit-text.js";
import { extentOf, type Extent } from "./extent.js";
import type { OpenedScript } from "./opened-script.js";
import { outputHeader } from "./edit-anchor.js";
import { isHolder } from "./script-outline.js";
import {
  tokensOf,
  unquoted,
  type Element,
  type InputSpec,
  type Node,
  type OutputSection,
  type SectionPattern,
} from "./tree.js";

/** In the order of the text, disjoint. */
export function deletionsFor(script: OpenedScript, wanted: readonly PlacedSections[]): TextEdit[] {
  let behind = 0;
  return found(script, wanted).map(({ offset, length }) => {
    // Two neighbours may both claim the line's end between them.
    const start = Math.max(offset, behind);
    behind = offset + length;
    return { offset: start, length: behind - start, text: "" };
  });
}

function found({ text, tree }: OpenedScript, wanted: readonly PlacedSections[]): TextEdit[] {
  return blocksOf(tree).flatMap(({ node, whole }) => {
    const names = wanted.filter(({ output }) => isNamed(node, output));
    const gone = specsOf(node).flatMap((spec) => {
      const mine = names.find(({ patterns }) => takesOf(spec, patterns).length > 0);
      return mine === undefined ? [] : [{ spec, kind: mine.kind, taken: takesOf(spec, mine.patterns) }];
    });
    const [first] = gone;
    if (first === undefined) return [];
    const complete = gone.filter(({ spec, taken }) => taken.length === spec.patterns?.length).map(({ spec }) => spec);
    if (complete.length === gone.length && isOurs(node, complete, first.kind)) return [sectionDeletion(text, whole)];
    return gone.flatMap(({ spec, taken }) =>
      complete.includes(spec) ? [statementDeletion(text, spec)] : taken.map((pattern) => patternDeletion(pattern)),
    );
  });
}

interface Block {
  readonly node: OutputSection;
  /** What goes with it: its own SECTIONS with INSERT where that holds nothing else. */
  readonly whole: readonly Element[];
}

function blocksOf(tree: Node): Block[] {
  return tree.children.flatMap((child, index): Block[] => {
    if (child.kind === "output-section") return [{ node: child, whole: [child] }];
    if (!isHolder(child)) return [];
    const inner = blocksOf(child);
    const [only] = inner;
    const insert = tree.children[index + 1];
    const isAlone = child.kind === "sections" && child.children.filter(({ kind }) => kind !== "token").length === 1;
    if (only === undefined || !isAlone || insert?.kind !== "insert") return inner;
    const semicolon = tree.children[index + 2];
    const whole = [child, insert, ...(semicolon?.kind === "token" && semicolon.text === ";" ? [semicolon] : [])];
    return [{ node: only.node, whole }];
  });
}

function isNamed({ name }: OutputSection, output: string): boolean {
  return name !== undefined && (unquoted(name) === output || unquoted(name) === `.${output}`);
}

function specsOf(node: OutputSection): InputSpec[] {
  return node.children.filter((child): child is InputSpec => child.kind === "input-spec");
}

/** Those of the statement's patterns that are among these; none of one for certain files only. */
function takesOf(spec: InputSpec, patterns: readonly string[]): SectionPattern[] {
  const isForAll = spec.file?.pattern?.text === "*" && spec.file.excluded.length === 0 && spec.flags.length === 0;
  if (!isForAll) return [];
  return (spec.patterns ?? []).filter(
    ({ pattern, excluded, sorts }) =>
      pattern !== undefined && excluded.length + sorts.length === 0 && patterns.includes(pattern.text),
  );
}

/** Whether the section without these statements is as newSection makes it: word for word, and without a comment. */
function isOurs(node: OutputSection, without: readonly InputSpec[], kind: PlacedSections["kind"]): boolean {
  const style = { indentation: "", inner: "", lineEnd: "\n", braceOnOwnLine: false, inline: true };
  const name = node.name?.text ?? "";
  const { loadAddress, suffix } = outputHeader(node, name) ?? { loadAddress: "", suffix: "" };
  const ours = newSection({ name, kind, statements: [], loadAddress, suffix }, style);
  const kept = node.children.filter((child) => child.kind !== "input-spec" || !without.includes(child));
  const tokens = kept.flatMap(tokensOf);
  if (tokens.slice(1).some(({ trivia }) => /\S/.test(trivia))) return false;
  const words = (text: string): string => text.replace(/\s+/g, "");
  return words(tokens.map(({ text }) => text).join("")) === words(ours);
}

function sectionDeletion(text: string, whole: readonly Element[]): TextEdit {
  const extent = { start: extentOf(whole[0]!).start, end: extentOf(whole[whole.length - 1]!).end };
  const lines = wholeLines(text, extent);
  if (lines !== undefined) return deletion(lines);
  const { start, end } = extent;
  return deletion({ start, end: text[end] === " " ? end + 1 : end });
}

function statementDeletion(text: string, spec: InputSpec): TextEdit {
  const extent = extentOf(spec);
  const lines = wholeLines(text, extent);
  if (lines !== undefined) return deletion(lines);
  return deletion({ start: text[extent.start - 1] === " " ? extent.start - 1 : extent.start, end: extent.end });
}

function patternDeletion(pattern: SectionPattern): TextEdit {
  const { start, end } = extentOf(pattern);
  const [token] = tokensOf(pattern);
  return deletion({ start: start - (token?.trivia.length ?? 0), end });
}

/** Where nothing else stands on the lines: with the line's end, or the one before it at the end of the file. */
function wholeLines(text: string, { start, end }: Extent): Extent | undefined {
  if (indentationAt(text, start) === undefined) return undefined;
  const rest = restOfLine(text, end);
  if (rest === undefined || /\S/.test(text.slice(end, rest))) return undefined;
  const first = lineStart(text, start);
  if (first === 0 || text.endsWith("\n")) return { start: first, end: rest };
  // The last line has no end, and had none before: the end of the line before goes instead.
  const before = text.startsWith("\r\n", first - 2) ? 2 : 1;
  const own = text.startsWith("\r\n", rest - 2) ? 2 : text[rest - 1] === "\n" ? 1 : 0;
  return { start: first - before, end: rest - own };
}

function deletion({ start, end }: Extent): TextEdit {
  return { offset: start, length: end - start, text: "" };
}
