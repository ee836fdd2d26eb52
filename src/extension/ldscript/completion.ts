/** Completion in scripts. */
import * as vscode from "vscode";
import { completionsAt, type Completion } from "../../core/ldscript/language/completion.js";
import { type ScriptDocuments } from "./script-documents.js";
import { SCRIPTS } from "./selector.js";

export function registerCompletion(scripts: ScriptDocuments): vscode.Disposable {
  return vscode.languages.registerCompletionItemProvider(
    SCRIPTS,
    {
      provideCompletionItems(document, position) {
        const script = scripts.of(document);
        if (script === undefined) return [];
        const { text, tree } = script.opened;
        return completionsAt(tree, text, document.offsetAt(position), vscode.l10n.t).map(itemOf);
      },
    },
    "(",
    ">",
    ":",
  );
}

function itemOf(completion: Completion): vscode.CompletionItem {
  if (completion.kind !== "command") return new vscode.CompletionItem(completion.word, KINDS[completion.kind]);
  const { help } = completion;
  const isFunction = help.where[0] === "expression";
  const item = new vscode.CompletionItem(
    help.word,
    isFunction ? vscode.CompletionItemKind.Function : vscode.CompletionItemKind.Keyword,
  );
  item.detail = help.syntax;
  item.documentation = help.sentence;
  item.insertText = snippetOf(help.syntax);
  return item;
}

/** What is to be filled in becomes a place the Tab key goes to. */
function snippetOf(syntax: string): vscode.SnippetString {
  const escaped = syntax.replace(/[\\$}]/g, "\\$&");
  let place = 0;
  return new vscode.SnippetString(escaped.replace(/‹([^›]*)›/g, (_, words: string) => `\${${++place}:${words}}`));
}

const KINDS = {
  symbol: vscode.CompletionItemKind.Variable,
  region: vscode.CompletionItemKind.EnumMember,
  "output-section": vscode.CompletionItemKind.Class,
  segment: vscode.CompletionItemKind.Struct,
  class: vscode.CompletionItemKind.Class,
  file: vscode.CompletionItemKind.File,
} as const;
