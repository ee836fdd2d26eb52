/** #[link_section] on a Rust function or static: put on a line of its own before the item, and taken away again. */
import type { TextEdit } from "../base/text-edit.js";
import type { SourceAnswer, SourceDefinition, SourceOptions, SourceRefusal } from "./source-answer.js";
import { lineBreakOf } from "./source-lines.js";
import { definedName } from "./source-names.js";
import { isOwned } from "./source-rust-owner.js";
import { hasBody, isGeneric, madeAt, surroundings } from "./source-rust-scope.js";
import type { RustTokens } from "./source-rust-tokens.js";
import type { SourceText } from "./source-text.js";

export function rustPlacement(source: SourceText, definition: SourceDefinition, options: SourceOptions): SourceAnswer {
  const { text, lines, rust: tokens } = source;
  // A trait's function without a body is only declared.
  const found = findItem(
    source,
    definition,
    options.changed,
    ({ kind, name }) => kind !== "fn" || hasBody(tokens, name),
  );
  if ("code" in found) return { ok: false, refusal: found };
  const line = lines.at(tokens.list[found.name]!.start);
  const refusal = refused(tokens, found, line, options.section);
  if (refusal !== undefined) return { ok: false, refusal };
  const name = `link_section = "${options.section}"`;
  const attributes = [options.unsafeAttributes ? `#[unsafe(${name})]` : `#[${name}]`];
  // A copy that was inlined would not lie in the section.
  if (found.kind === "fn" && !found.attributes.some(({ name: own }) => own === "inline")) attributes.push(NOT_INLINED);
  return { ok: true, edits: [insertion(text, tokens.list[found.start]!.start, attributes)], line };
}

export function rustRemoval(
  source: SourceText,
  definition: SourceDefinition,
  { changed }: Pick<SourceOptions, "changed">,
): SourceAnswer {
  const { text, lines, rust: tokens } = source;
  const isPlaced = ({ attributes }: Item): boolean => attributes.some(({ section }) => section !== undefined);
  const found = findItem(source, definition, changed, isPlaced);
  if ("code" in found) return { ok: false, refusal: found };
  const line = lines.at(tokens.list[found.name]!.start);
  const at = found.attributes.findIndex(({ section }) => section !== undefined);
  const own = found.attributes[at];
  if (own === undefined) return { ok: false, refusal: { code: "not-placed", line } };
  const after = found.attributes[at + 1];
  // It is ours where it follows ours.
  const end = after !== undefined && text.slice(after.start, after.end) === NOT_INLINED ? after.end : own.end;
  const rest = /^[ \t]*(?:\r?\n[ \t]*)?/.exec(text.slice(end))![0].length;
  return { ok: true, edits: [{ offset: own.start, length: end + rest - own.start, text: "" }], line };
}

interface Item {
  readonly kind: "fn" | "static" | "const";
  /** Tokens: the first of the item behind its attributes, and its name. */
  readonly start: number;
  readonly name: number;
  readonly attributes: readonly Attribute[];
  /** Words before the name: "pub", "async", "unsafe". */
  readonly words: readonly string[];
}

interface Attribute {
  readonly name: string;
  /** What link_section names. */
  readonly section: string | undefined;
  /** Offsets in the text. */
  readonly start: number;
  readonly end: number;
}

/** @param prefer those that are meant where there are some: of several items the one that is placed. */
function findItem(
  { text, lines, rust: tokens }: SourceText,
  definition: SourceDefinition,
  changed: boolean,
  prefer: (item: Item) => boolean,
): Item | SourceRefusal {
  const { name } = definedName(definition.displayName);
  const named = itemsNamed(text, tokens, name).filter(({ kind }) => (kind === "fn") === (definition.kind === "text"));
  const preferred = named.some(prefer) ? named.filter(prefer) : named;
  // The line of a function is that of "fn", of its first attribute in some versions.
  const line = lines.range(definition.line);
  const there = preferred.filter(({ attributes, start, name: at }) => {
    const first = attributes[0]?.start ?? tokens.list[start]!.start;
    return first < line.end && tokens.list[at]!.start >= line.start;
  });
  if (there.length > 0 && (!changed || preferred.length === 1)) return there[0]!;
  const made = madeAt(tokens, line);
  if (!changed && made !== undefined) return madeBy(made, definition.line);
  // Other types have functions of the same name.
  const all = preferred.filter(({ start }) => isOwned(tokens, start, definition.displayName));
  if (all.length === 1) return all[0]!;
  if (all.length > 1)
    return {
      code: "several",
      lines: all.slice(0, MOST_TOLD).map((item) => lines.at(tokens.list[item.name]!.start)),
    };
  return made === undefined ? { code: "changed", line: definition.line } : madeBy(made, definition.line);
}

/** @param made as `madeAt` tells it. */
function madeBy(made: string, line: number): SourceRefusal {
  return made === "derive" ? { code: "compiler-made" } : { code: "macro", macro: `${made}!`, line };
}

function itemsNamed(text: string, tokens: RustTokens, wanted: string): Item[] {
  const { list } = tokens;
  const items: Item[] = [];
  for (const [name, token] of list.entries()) {
    if (token.kind !== "word" || token.text.replace(/^r#/, "") !== wanted) continue;
    let keyword = name - 1;
    if (list[keyword]?.text === "mut") keyword--;
    const kind = list[keyword]?.text;
    if (kind !== "fn" && kind !== "static" && kind !== "const") continue;
    const start = itemStart(tokens, keyword);
    const words = list.slice(start, name).map(({ text: word }) => word);
    items.push({ kind, start, name, words, attributes: attributesBefore(text, tokens, start) });
  }
  return items;
}

/** Before "pub(crate) const unsafe extern "C"". */
function itemStart({ list, partner }: RustTokens, keyword: number): number {
  let start = keyword;
  for (;;) {
    const before = list[start - 1];
    if (before === undefined) return start;
    if (before.kind === "string" && list[start - 2]?.text === "extern") start -= 2;
    else if (/^(?:pub|const|async|unsafe|safe|extern|default)$/.test(before.text)) start--;
    else if (before.text === ")" && list[(partner.get(start - 1) ?? 0) - 1]?.text === "pub")
      start = partner.get(start - 1)! - 1;
    else return start;
  }
}

function attributesBefore(text: string, { list, partner }: RustTokens, start: number): Attribute[] {
  const attributes: Attribute[] = [];
  let close = start - 1;
  while (list[close]?.text === "]") {
    const open = partner.get(close);
    if (open === undefined || list[open - 1]?.text !== "#") break;
    const content = text.slice(list[open]!.end, list[close]!.start);
    attributes.unshift({
      name: /^\s*(?:unsafe\s*\(\s*)?(\w+)/.exec(content)?.[1] ?? "",
      section: /^\s*(?:unsafe\s*\(\s*)?link_section\s*=\s*"([^"]*)"/.exec(content)?.[1],
      start: list[open - 1]!.start,
      end: list[close]!.end,
    });
    close = open - 2;
  }
  return attributes;
}

function refused(tokens: RustTokens, item: Item, line: number, section: string): SourceRefusal | undefined {
  const around = surroundings(tokens, item.start);
  if (around.macro === "thread_local" || item.attributes.some(({ name }) => name === "thread_local"))
    return { code: "thread-local" };
  if (around.macro !== undefined) return { code: "macro", macro: `${around.macro}!`, line };
  if (item.kind === "const") return { code: "constant", line };
  const placed = item.attributes.find((attribute) => attribute.section !== undefined);
  if (placed?.section !== undefined)
    return placed.section === section
      ? { code: "already", line }
      : { code: "other-section", section: placed.section, line };
  if (item.kind === "static") return around.foreign ? { code: "declaration-only", line } : undefined;
  if (item.words.includes("async")) return { code: "async", line };
  if (around.generic || isGeneric(tokens, item.name + 1)) return { code: "template", line };
  return around.foreign || !hasBody(tokens, item.name) ? { code: "declaration-only", line } : undefined;
}

/** Lines of their own where the item begins one, else in its line. */
function insertion(text: string, start: number, lines: readonly string[]): TextEdit {
  const lineStart = text.lastIndexOf("\n", start - 1) + 1;
  const indent = text.slice(lineStart, start);
  const separator = /^[ \t]*$/.test(indent) ? `${lineBreakOf(text)}${indent}` : " ";
  return { offset: start, length: 0, text: lines.map((one) => one + separator).join("") };
}

const NOT_INLINED = "#[inline(never)]";
const MOST_TOLD = 10;
