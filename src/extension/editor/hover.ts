/** The hover of an annotated line. */
import * as vscode from "vscode";
import type { AnnotatedDocuments } from "./annotated-documents.js";
import { HOVER_COMMANDS, hoverText } from "./hover-text.js";

export function registerHover(documents: AnnotatedDocuments): vscode.Disposable {
  return vscode.languages.registerHoverProvider(
    { scheme: "file" },
    {
      provideHover(document, { line }) {
        const origin = documents.originOf(document);
        const here = documents.annotationsOf(document).find((placed) => placed.line === line);
        if (origin === undefined || here === undefined) return undefined;
        const { path, trace, realPath } = origin;
        const staleness = documents.stalenessOf(document);
        const context = { report: trace.report, path, realPath, staleness, translate: vscode.l10n.t };
        const blocks = hoverText(here.value, context);
        return new vscode.Hover(blocks.map(trusted), document.lineAt(line).range);
      },
    },
  );
}

/** Names from the trace are escaped; should one get through, it can run nothing but what a hover's own links run. */
function trusted(text: string): vscode.MarkdownString {
  const markdown = new vscode.MarkdownString(text);
  markdown.isTrusted = { enabledCommands: HOVER_COMMANDS };
  markdown.supportHtml = false;
  return markdown;
}
