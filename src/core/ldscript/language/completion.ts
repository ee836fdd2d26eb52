/** What may be written at a place of a script: the commands that fit there, and the names it has. */
import type { Translate } from "../../report/translate.js";
import { extentOf } from "../extent.js";
import type { Node } from "../tree.js";
import { commandHelp, type CommandHelp, type Where } from "./command-help.js";
import { namesOf, type NameKind } from "./names.js";

export type Completion =
  | { readonly kind: "command"; readonly word: string; readonly help: CommandHelp }
  | { readonly kind: NameKind; readonly word: string };

/** @param offset behind what is typed already. */
export function completionsAt(tree: Node, text: string, offset: number, translate: Translate): Completion[] {
  const start = wordStart(text, offset);
  const before = text.slice(0, start).trimEnd();
  if (isInComment(text, start)) return [];
  if (/>$/.test(before) && !/[<>]>$/.test(before) && isBehindBrace(before)) return names(tree, ["region"], start);
  if (/[^:]:$/.test(before) && isBehindBrace(before)) return names(tree, ["segment"], start);
  const call = /\b([A-Z_]+)\s*\(\s*$/.exec(before)?.[1];
  if (call !== undefined && Object.hasOwn(IN_CALL, call)) return names(tree, [IN_CALL[call]!], start);
  const where = placeAt(tree, before, start);
  const commands = commandHelp(translate)
    .filter((entry) => entry.where.includes(where))
    .map((help): Completion => ({ kind: "command", word: help.word, help }));
  return where === "expression" ? [...commands, ...names(tree, ["symbol"], start)] : commands;
}

const IN_CALL: Readonly<Record<string, NameKind>> = {
  ADDR: "output-section",
  SIZEOF: "output-section",
  LOADADDR: "output-section",
  ALIGNOF: "output-section",
  ORIGIN: "region",
  LENGTH: "region",
  DEFINED: "symbol",
  ENTRY: "symbol",
};

function wordStart(text: string, offset: number): number {
  let start = offset;
  while (start > 0 && /[\w./]/.test(text[start - 1]!)) start -= 1;
  return start;
}

function isInComment(text: string, offset: number): boolean {
  return text.lastIndexOf("/*", offset - 1) > text.lastIndexOf("*/", offset - 1);
}

/** On the line of a section's closing brace. */
function isBehindBrace(before: string): boolean {
  return before.slice(before.lastIndexOf("\n") + 1).includes("}");
}

function names(tree: Node, kinds: readonly NameKind[], typed: number): Completion[] {
  const seen = new Map<string, Completion>();
  for (const { kind, name, token } of namesOf(tree))
    if (kinds.includes(kind) && token.offset !== typed) seen.set(`${kind} ${name}`, { kind, word: name });
  return [...seen.values()];
}

/** What kind of thing is being written: by the innermost braces, and by what stands before it on its own line. */
function placeAt(tree: Node, before: string, offset: number): Where {
  const statement = before.slice(Math.max(...[";", "{", "}"].map((end) => before.lastIndexOf(end))) + 1);
  if (/(?:^|[^<>=!])[-+*/&|^<>]?=\s*[^=]*$/.test(statement) && !/==$/.test(statement)) return "expression";
  const holder = innermost(tree, offset);
  if (holder === "output-section") return openParentheses(statement) > 0 ? "input" : "output-section";
  if (holder === "sections" && /:\s*[^{]*$/.test(statement)) return "after-section";
  return holder;
}

function openParentheses(text: string): number {
  return [...text].reduce((depth, one) => depth + (one === "(" ? 1 : one === ")" ? -1 : 0), 0);
}

const HOLDERS: Readonly<Partial<Record<Node["kind"], Where>>> = {
  sections: "sections",
  overlay: "sections",
  "section-group": "sections",
  "output-section": "output-section",
  memory: "memory",
};

function innermost(tree: Node, offset: number): Where {
  let where: Where = "script";
  for (let node: Node | undefined = tree; node !== undefined;) {
    const next: Node | undefined = node.children.find((child): child is Node => {
      if (child.kind === "token" || HOLDERS[child.kind] === undefined) return false;
      const span = bracesOf(child);
      return span !== undefined && span.start < offset && offset <= span.end;
    });
    if (next !== undefined) where = HOLDERS[next.kind] ?? where;
    node = next;
  }
  return where;
}

/** Where the braces have no end yet, they go as far as the node does. */
function bracesOf(node: Node): { start: number; end: number } | undefined {
  const braces = node.children.filter((child) => child.kind === "token" && /^[{}]$/.test(child.text));
  const [opening] = braces;
  const closing = braces.length > 1 ? braces.at(-1) : undefined;
  if (opening === undefined || opening.kind !== "token") return undefined;
  const end = closing !== undefined && closing.kind === "token" ? closing.offset : Number.POSITIVE_INFINITY;
  return { start: opening.offset, end: Math.max(end, extentOf(opening).end) };
}
