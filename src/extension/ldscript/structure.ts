/** Outline and folding of a script. */
import * as vscode from "vscode";
import { foldsOf } from "../../core/ldscript/language/folding.js";
import { outlineOf, type OutlineItem, type OutlineKind } from "../../core/ldscript/language/outline.js";
import { printable } from "../../core/report/printable.js";
import { rangeOf, type ScriptDocuments } from "./script-documents.js";
import { SCRIPTS } from "./selector.js";

export function registerStructure(scripts: ScriptDocuments): vscode.Disposable {
  return vscode.Disposable.from(
    vscode.languages.registerDocumentSymbolProvider(SCRIPTS, {
      provideDocumentSymbols(document) {
        const script = scripts.of(document);
        return script === undefined ? [] : outlineOf(script.opened.tree).map((item) => symbolOf(document, item));
      },
    }),
    vscode.languages.registerFoldingRangeProvider(SCRIPTS, {
      provideFoldingRanges(document) {
        const folds = foldsOf(scripts.of(document)?.opened.tree ?? EMPTY);
        return folds.flatMap(({ start, end, isComment }) => {
          const first = document.positionAt(start).line;
          // The line of the closing brace stays to be seen.
          const last = document.positionAt(end).line - (isComment ? 0 : 1);
          const kind = isComment ? vscode.FoldingRangeKind.Comment : undefined;
          return last > first ? [new vscode.FoldingRange(first, last, kind)] : [];
        });
      },
    }),
  );
}

const EMPTY = { kind: "script", entry: "script", children: [] } as const;

function symbolOf(document: vscode.TextDocument, item: OutlineItem): vscode.DocumentSymbol {
  const { name, detail, kind, span, nameSpan } = item;
  const symbol = new vscode.DocumentSymbol(
    printable(name),
    printable(detail),
    KINDS[kind],
    rangeOf(document, span.start, span.end),
    rangeOf(document, nameSpan.start, nameSpan.end),
  );
  symbol.children = item.children.map((child) => symbolOf(document, child));
  return symbol;
}

const KINDS: Readonly<Record<OutlineKind, vscode.SymbolKind>> = {
  memory: vscode.SymbolKind.Namespace,
  region: vscode.SymbolKind.EnumMember,
  "program-headers": vscode.SymbolKind.Namespace,
  segment: vscode.SymbolKind.Struct,
  sections: vscode.SymbolKind.Namespace,
  "output-section": vscode.SymbolKind.Class,
  overlay: vscode.SymbolKind.Interface,
  symbol: vscode.SymbolKind.Variable,
  version: vscode.SymbolKind.Package,
  command: vscode.SymbolKind.Event,
  include: vscode.SymbolKind.File,
};
