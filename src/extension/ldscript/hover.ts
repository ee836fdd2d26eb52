/** Hovers in scripts: what a command is for, and what the linked program made of an output section. */
import { basename } from "node:path";
import * as vscode from "vscode";
import { helpOf } from "../../core/ldscript/language/command-help.js";
import { nameAt } from "../../core/ldscript/language/names.js";
import { tokensOf } from "../../core/ldscript/tree.js";
import { bytes, grouped } from "../../core/report/quantities.js";
import { plain } from "../editor/markdown.js";
import type { LinkedProgram, LinkedSections } from "./linked-sections.js";
import { rangeOf, SCRIPTS, type ScriptDocument, type ScriptDocuments } from "./script-documents.js";

export function registerScriptHover(scripts: ScriptDocuments, linked: LinkedSections): vscode.Disposable {
  return vscode.languages.registerHoverProvider(SCRIPTS, {
    async provideHover(document, position) {
      const script = scripts.of(document);
      if (script === undefined) return undefined;
      const offset = document.offsetAt(position);
      const name = nameAt(script.names(), offset);
      if (name?.kind === "output-section") {
        const lines = linkedLines(name.name, await linked.of(script));
        return lines.length === 0 ? undefined : hover(document, name, lines);
      }
      return name === undefined ? commandHover(document, script, offset) : undefined;
    },
  });
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
