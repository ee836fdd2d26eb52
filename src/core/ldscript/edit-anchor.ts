/** Where a script takes in a statement or a locked section: before the statement that would shadow it. */
import type { TextEdit } from "../base/text-edit.js";
import type { PlacedSections } from "../placement/section-patterns.js";
import type { EditRefusal } from "./edit-refusal.js";
import { aboveComments, boundsOf, indentationAt, lineEndAt, newSection, restOfLine, styleLike } from "./edit-text.js";
import { extentOf } from "./extent.js";
import type { InputSection } from "./matcher-input.js";
import type { Placement } from "./matcher.js";
import type { OpenedScript } from "./opened-script.js";
import { placeIn } from "./place.js";
import type { Rule } from "./rules.js";
import { isComplete, outputsNamed, pathTo, topSections } from "./script-outline.js";
import { tokensOf, unquoted, type InputSpec, type OutputSection, type Token } from "./tree.js";

export type FoundInsertion =
  | { readonly kind: "insertion"; readonly insertion: TextEdit }
  | { readonly kind: "refused"; readonly refusal: EditRefusal };

/** `placements` are those of the inputs and then of `probes`, in the script as it is. */
export function insertionFor(
  script: OpenedScript,
  item: PlacedSections,
  probes: readonly InputSection[],
  placements: readonly Placement[],
): FoundInsertion {
  const mistake = script.problems.find(({ severity }) => severity === "error");
  if (mistake !== undefined) return refused({ code: "syntax", line: mistake.line });
  const missing = script.included.missing.find(({ entry }) => entry !== "memory");
  if (missing !== undefined)
    return refused({
      code: "included",
      file: missing.name,
      line: placeIn(script.text)(extentOf(missing.by).start).line,
    });
  const isMeant = meaning(item);
  const meant = placements.filter(({ input }) => isMeant(input.name));
  const first = meant
    .map(({ rule }) => rule)
    .filter((rule) => rule !== undefined)
    .sort((a, b) => a.order - b.order)[0];
  const [existing] = outputsNamed(script, item.output);
  if (existing !== undefined) {
    const real = meant.filter(({ input }) => !probes.includes(input));
    const looked = real.length > 0 ? real : meant;
    if (looked.every(({ rule }) => rule?.output.node === existing.node) && first !== undefined)
      return refused({ code: "already-there", section: looked[0]!.input.name, line: lineOf(script, first) });
    if (existing.source !== undefined)
      return refused({ code: "in-included", section: item.output, file: existing.source.path });
    return insertion(statementInto(script.text, existing.node, item, first));
  }
  const taken = symbolTaken(script, item);
  if (taken !== undefined) return refused(taken);
  if (isComplete(script)) return besideShadow(script, item, first, placements);
  const isOfLinker = first !== undefined && first.source === script.included.base;
  return ownBlock(script, item, isOfLinker ? undefined : first);
}

function meaning({ patterns }: PlacedSections): (name: string) => boolean {
  const exact = new Set(patterns.filter((pattern) => !pattern.endsWith("*")));
  const prefixes = patterns.filter((pattern) => pattern.endsWith("*")).map((pattern) => pattern.slice(0, -1));
  return (name) => exact.has(name) || prefixes.some((prefix) => name.startsWith(prefix));
}

/** What was kept whether it is referred to or not stays kept. */
function statement({ patterns }: PlacedSections, kept: boolean): string {
  const list = `*(${patterns.join(" ")})`;
  return kept ? `KEEP(${list})` : list;
}

/** Behind the last statement of the section: before its alignment and its end symbol. */
function statementInto(text: string, node: OutputSection, item: PlacedSections, first: Rule | undefined): TextEdit {
  const specs = node.children.filter((child): child is InputSpec => child.kind === "input-spec");
  const last = specs[specs.length - 1];
  const written = statement(item, first?.spec.keep === true || last?.keep === true);
  const before = last === undefined ? (node.opening ?? node.name)! : last;
  const { start, end } = extentOf(before);
  const line = restOfLine(text, end);
  const indentation = last === undefined ? styleLike(text, node, start).inner : indentationAt(text, start);
  if (line === undefined || indentation === undefined || !text.slice(end, line).includes("\n"))
    return { offset: end, length: 0, text: ` ${written}` };
  return { offset: line, length: 0, text: indentation + written + lineEndAt(text, end) };
}

/** In a script that is the whole of it: before the output section of the statement that takes them now. */
function besideShadow(
  script: OpenedScript,
  item: PlacedSections,
  first: Rule | undefined,
  placements: readonly Placement[],
): FoundInsertion {
  const { text } = script;
  const isDiscarded = first?.output.name === "/DISCARD/";
  const neighbour = first === undefined || isDiscarded ? kindNeighbour(script, item, placements) : first.output.node;
  const path = neighbour === undefined ? undefined : pathTo(script, neighbour);
  const kept = first?.spec.keep === true;
  if (neighbour === undefined || path === undefined) return atEnd(script, item, kept, isDiscarded);
  const header = outputHeader(neighbour, item.output);
  if (header === undefined || (item.kind === "data" && neighbour.loadRegion !== undefined))
    return refused({
      code: "load-address",
      section: neighbour.name?.text ?? "",
      line: placeIn(text)(extentOf(path.statement).start).line,
    });
  const model = path.statement.kind === "output-section" ? path.statement : undefined;
  // Beside a section with an address of its own there is no knowing what lies there: INSERT puts it behind that one.
  if (isFixed(neighbour) || isDiscarded)
    return insertion(insertBlock(script, { ...item, ...header, kept }, unquoted(neighbour.name!)));
  const { start } = extentOf(path.statement);
  const style = styleLike(text, model, start);
  const indentation = indentationAt(text, start);
  const wanted = { name: item.output, kind: item.kind, statements: [statement(item, kept)], ...header };
  if (indentation === undefined)
    return insertion({ offset: start, length: 0, text: `${newSection(wanted, { ...style, inline: true })} ` });
  const section = newSection(wanted, { ...style, indentation });
  const offset = aboveComments(text, start, extentOf(path.holder).start);
  return insertion({ offset, length: 0, text: indentation + section + style.lineEnd });
}

/** Where no statement takes them, and none takes what is like them. */
function atEnd(script: OpenedScript, item: PlacedSections, kept: boolean, isDiscarded: boolean): FoundInsertion {
  const holders = topSections(script).filter((node) => node.kind === "sections" && !node.overwrite);
  const holder = holders[holders.length - 1];
  const closing = holder?.children[holder.children.length - 1];
  if (isDiscarded || holder === undefined || closing?.kind !== "token" || closing.text !== "}")
    return ownBlock(script, item, undefined);
  const { text } = script;
  const model = holder.children.findLast((child) => child.kind === "output-section");
  const style = styleLike(text, model, closing.offset);
  const wanted = { name: item.output, kind: item.kind, statements: [statement(item, kept)], ...NO_HEADER };
  if (indentationAt(text, closing.offset) === undefined)
    return insertion({
      offset: closing.offset,
      length: 0,
      text: `${newSection(wanted, { ...style, inline: true })} `,
    });
  const offset = closing.offset - indentationAt(text, closing.offset)!.length;
  return insertion({
    offset,
    length: 0,
    text: style.indentation + newSection(wanted, style) + style.lineEnd,
  });
}

/** In a script that adds to another one: a SECTIONS with INSERT of its own, first where something would shadow it. */
function ownBlock(script: OpenedScript, item: PlacedSections, first: Rule | undefined): FoundInsertion {
  const { text } = script;
  const wanted = { ...item, ...NO_HEADER, kept: first?.spec.keep === true };
  if (first !== undefined) return insertion(insertBlock(script, wanted, USUAL[item.kind]));
  const lineEnd = lineEndAt(text, text.length);
  const block = insertText(wanted, USUAL[item.kind], lineEnd);
  const ends = text === "" || text.endsWith("\n");
  return insertion({
    offset: text.length,
    length: 0,
    text: text === "" ? block : ends ? block + lineEnd : lineEnd + block,
  });
}

interface Block extends PlacedSections {
  readonly kept: boolean;
  readonly loadAddress: string;
  readonly suffix: string;
}

/** Before everything that takes sections: INSERT moves what stands between it and the one before. */
function insertBlock(script: OpenedScript, block: Block, after: string): TextEdit {
  const [top] = topSections(script);
  const { text } = script;
  const start = top === undefined ? text.length : extentOf(top).start;
  const lineEnd = lineEndAt(text, start);
  const written = insertText(block, after, lineEnd);
  if (indentationAt(text, start) !== "") return { offset: start, length: 0, text: `${written} ` };
  return { offset: aboveComments(text, start, 0), length: 0, text: written + lineEnd };
}

function insertText(block: Block, after: string, lineEnd: string): string {
  const style = { indentation: "  ", inner: "    ", lineEnd, braceOnOwnLine: false, inline: false };
  const { kind, loadAddress, suffix, output: name } = block;
  const section = newSection({ name, kind, statements: [statement(block, block.kept)], loadAddress, suffix }, style);
  return `SECTIONS {${lineEnd}  ${section}${lineEnd}} INSERT AFTER ${after};`;
}

/** The output section for things of the same kind. */
function kindNeighbour(
  script: OpenedScript,
  { kind }: PlacedSections,
  placements: readonly Placement[],
): OutputSection | undefined {
  const usual = placements.find(({ input, rule }) => input.name === USUAL[kind] && rule !== undefined)?.rule;
  if (usual !== undefined && usual.output.name !== "/DISCARD/") return usual.output.node;
  return outputsNamed(script, USUAL[kind])[0]?.node;
}

function isFixed({ address }: OutputSection): boolean {
  if (address === undefined) return false;
  return !tokensOf(address).some(({ text }) => text === "." || text === "ALIGN" || text === "BLOCK");
}

/** What a section beside `node` takes over from it; undefined where AT gives an address that says nothing of its own. */
export function outputHeader(
  { name, opening, children, region, loadRegion, segments }: OutputSection,
  newName: string,
): { readonly loadAddress: string; readonly suffix: string } | undefined {
  const header = children.flatMap(tokensOf).filter(({ offset }) => opening === undefined || offset < opening.offset);
  const at = header.findIndex(({ text }, index) => text === "AT" && index > 1);
  const suffix =
    (region === undefined ? "" : ` >${region.text}`) +
    (loadRegion === undefined ? "" : ` AT>${loadRegion.text}`) +
    segments.map(({ text }) => ` :${text.replace(/^:/, "")}`).join("");
  if (at < 0) return { loadAddress: "", suffix };
  const words = balanced(header.slice(at + 1));
  let own = 0;
  const written = words.map(({ text, trivia }, index) => {
    const isOwn = words[index - 2]?.text === "ADDR" && name !== undefined && text === name.text;
    if (isOwn) own += 1;
    return (index === 0 ? "" : trivia) + (isOwn ? newName : text);
  });
  return own === 0 ? undefined : { loadAddress: ` AT${written.join("")}`, suffix };
}

function balanced(tokens: readonly Token[]): readonly Token[] {
  let depth = 0;
  const end = tokens.findIndex(({ text }) => {
    if (text === "(") depth += 1;
    else if (text === ")") depth -= 1;
    return depth === 0;
  });
  return tokens.slice(0, end + 1);
}

function symbolTaken({ tree, text }: OpenedScript, { output }: PlacedSections): EditRefusal | undefined {
  const bounds = boundsOf(output);
  const tokens = tokensOf(tree);
  const found = tokens.find((token, index) => bounds.includes(unquoted(token)) && tokens[index + 1]?.text === "=");
  if (found === undefined) return undefined;
  return { code: "symbol-taken", symbol: unquoted(found), line: placeIn(text)(found.offset).line };
}

function lineOf({ text }: OpenedScript, { source, offset }: Rule): number {
  return placeIn(source?.text ?? text)(offset).line;
}

function insertion(edit: TextEdit): FoundInsertion {
  return { kind: "insertion", insertion: edit };
}

function refused(refusal: EditRefusal): FoundInsertion {
  return { kind: "refused", refusal };
}

const NO_HEADER = { loadAddress: "", suffix: "" };
const USUAL = { text: ".text", rodata: ".rodata", data: ".data", bss: ".bss" } as const;
