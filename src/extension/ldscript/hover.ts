/** Hovers in scripts: what a command is for, and what the linked program made of an output section. */
import { basename } from "node:path";
import * as vscode from "vscode";
import { specAt } from "../../core/ldscript/search/placed-by.js";
import { helpOf } from "../../core/ldscript/language/command-help.js";
import { nameAt, type ScriptName } from "../../core/ldscript/language/names.js";
import type { OpenedScript } from "../../core/ldscript/opened-script.js";
import { scriptValues } from "../../core/ldscript/script-values.js";
import { textOf, tokensOf, unquoted, type Assignment, type MemoryRegion, type Node } from "../../core/ldscript/tree.js";
import { printable } from "../../core/report/printable.js";
import { bytes, grouped } from "../../core/report/quantities.js";
import { plain } from "../editor/markdown.js";
import { LanguageId } from "../ids.js";
import type { LinkedProgram, LinkedSections } from "./linked-sections.js";
import { rangeOf, type ScriptDocument, type ScriptDocuments } from "./script-documents.js";
import { SCRIPTS } from "./selector.js";
import { takenLines } from "./taken-hover.js";

export function registerScriptHover(scripts: ScriptDocuments, linked: LinkedSections): vscode.Disposable {
  return vscode.languages.registerHoverProvider(SCRIPTS, {
    async provideHover(document, position) {
      const script = scripts.of(document);
      if (script === undefined) return undefined;
      const offset = document.offsetAt(position);
      const name = nameAt(script.names(), offset);
      if (name === undefined) return statementHover(document, script, offset, linked);
      const program =
        name.kind === "output-section" || name.kind === "symbol" ? await linked.of(document, script) : undefined;
      const lines =
        name.kind === "output-section" ? linkedLines(name.name, program) : definitionLines(script, name, program);
      return lines.length === 0 ? undefined : hover(document, name, lines);
    },
  });
}

/** Markdown: how a symbol or region is defined, and what it is worth. */
function definitionLines(script: ScriptDocument, { kind, name }: ScriptName, program: LinkedProgram | undefined) {
  const { opened, facts } = script;
  if (kind === "region") return definitionsOf(opened, isRegion, name).map((node) => codeBlock(textOf(node).trim()));
  if (kind !== "symbol") return [];
  const values = scriptValues(opened, { dialect: facts.dialect, linked: undefined, pageSizes: undefined });
  const lines = definitionsOf(opened, isAssignment, name).flatMap((node) => {
    const value = values.get(node);
    return [codeBlock(textOf(node).trim()), ...(value === undefined ? [] : [plain(`= ${inBoth(value)}`)])];
  });
  const symbol = program?.symbols.find((each) => each.name === name);
  if (program === undefined || symbol === undefined) return lines;
  const where = plain(basename(program.path));
  return [...lines, vscode.l10n.t("0x{0} in {1}", symbol.address.toString(16), where)];
}

/** Those of the script and of what it includes, as far as a person would read. */
function definitionsOf<Found extends Assignment | MemoryRegion>(
  { tree, included }: OpenedScript,
  isWanted: (node: Node) => node is Found,
  name: string,
): Found[] {
  const found: Found[] = [];
  const visit = (node: Node): void => {
    if (isWanted(node) && node.name !== undefined && unquoted(node.name) === name) found.push(node);
    for (const child of node.children) if (child.kind !== "token") visit(child);
  };
  [tree, ...[...included.scripts.values()].map((script) => script.tree)].forEach(visit);
  return found.slice(0, MOST_DEFINITIONS);
}

const isAssignment = (node: Node): node is Assignment => node.kind === "assignment";
const isRegion = (node: Node): node is MemoryRegion => node.kind === "memory-region";

function inBoth(value: bigint): string {
  return value < 10n ? String(value) : `0x${value.toString(16)} (${value.toLocaleString("en")})`;
}

/** As it is written, cut; a fence longer than any in it. */
function codeBlock(text: string): string {
  const shown = printable(text.replace(/\s+/g, " "), MOST_SHOWN);
  const fence = "`".repeat(Math.max(2, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length)) + 1);
  return `${fence}${LanguageId.LinkerScript}\n${shown}\n${fence}`;
}

/** What a command is for, and what the statement around it took. */
async function statementHover(
  document: vscode.TextDocument,
  script: ScriptDocument,
  offset: number,
  linked: LinkedSections,
): Promise<vscode.Hover | undefined> {
  const command = commandHover(document, script, offset);
  const isInputs = specAt(script.opened.tree, offset) !== undefined;
  const took = isInputs ? await linked.taken(document, script, offset) : undefined;
  if (took === undefined) return command;
  const lines = takenLines(took.program, took.taken);
  const taken = hover(document, took.taken, lines);
  return command === undefined ? taken : new vscode.Hover([...command.contents, ...taken.contents], command.range);
}

function commandHover(
  document: vscode.TextDocument,
  { opened }: ScriptDocument,
  offset: number,
): vscode.Hover | undefined {
  const token = tokensOf(opened.tree).find((each) => each.offset <= offset && offset < each.offset + each.text.length);
  // A name that reads like a command is one only where the linker takes it for one.
  const help = token === undefined || token.symbol === "STRING" ? undefined : helpOf(token.text, vscode.l10n.t);
  if (token === undefined || help === undefined) return undefined;
  const place = { offset: token.offset, length: token.text.length };
  return hover(document, place, [`\`${help.syntax}\``, plain(help.sentence, MOST_SHOWN)]);
}

function hover(
  document: vscode.TextDocument,
  { offset, length }: { readonly offset: number; readonly length: number },
  lines: readonly string[],
): vscode.Hover {
  const blocks = lines.map((line) => new vscode.MarkdownString(line));
  return new vscode.Hover(blocks, rangeOf(document, offset, offset + length));
}

/** Markdown: what the program that was linked has under this name. */
function linkedLines(name: string, program: LinkedProgram | undefined): string[] {
  const section = program?.sections.find((each) => each.name === name);
  if (program === undefined) return [];
  const where = plain(basename(program.path));
  if (section === undefined) return [vscode.l10n.t("{0} has no section of this name.", where)];
  const { address, size } = section;
  const pages = Math.ceil((address + size) / program.pageSize) - Math.floor(address / program.pageSize);
  const amount =
    pages === 1
      ? vscode.l10n.t("{0} at 0x{1}, on 1 page", bytes(size), address.toString(16))
      : vscode.l10n.t("{0} at 0x{1}, on {2} pages", bytes(size), address.toString(16), grouped(pages));
  return [`**${plain(name)}** · ${plain(amount)} · ${where}`];
}

const MOST_SHOWN = 400;
const MOST_DEFINITIONS = 5;
