/** Quick fixes of a script's problems. */
import * as vscode from "vscode";
import { fixOf, type FixKind } from "../../core/ldscript/fixes.js";
import { rangeOf, type ScriptDocuments } from "./script-documents.js";
import { SCRIPTS } from "./selector.js";

export function registerFixes(scripts: ScriptDocuments): vscode.Disposable {
  return vscode.languages.registerCodeActionsProvider(
    SCRIPTS,
    {
      provideCodeActions(document, range, { diagnostics }) {
        const script = scripts.of(document);
        if (script === undefined) return [];
        return diagnostics.flatMap((diagnostic) => {
          const problem = script
            .problems()
            .find(
              ({ code, offset, length }) =>
                code === diagnostic.code && rangeOf(document, offset, offset + length).isEqual(diagnostic.range),
            );
          const fix =
            problem === undefined || diagnostic.range.intersection(range) === undefined
              ? undefined
              : fixOf(problem, script.opened, script.surroundings, script.facts);
          if (fix === undefined) return [];
          const action = new vscode.CodeAction(titleOf(fix.kind), vscode.CodeActionKind.QuickFix);
          action.edit = new vscode.WorkspaceEdit();
          for (const { offset, length, text } of fix.edits)
            action.edit.replace(document.uri, rangeOf(document, offset, offset + length), text);
          action.diagnostics = [diagnostic];
          action.isPreferred = true;
          return [action];
        });
      },
    },
    { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix] },
  );
}

function titleOf(kind: FixKind): string {
  switch (kind) {
    case "separate":
      return vscode.l10n.t("Separate What Is Glued to the Name");
    case "keep":
      return vscode.l10n.t("Keep It with KEEP(…)");
    case "move":
      return vscode.l10n.t("Move the Output Section Above What Takes Its Sections");
    case "remove":
      return vscode.l10n.t("Take the Character Out");
    case "any-folder":
      return vscode.l10n.t("Match the File in Any Folder");
  }
}
