/** At a function or global of a source: which statement of the linker script places it. */
import { realpath } from "node:fs/promises";
import * as vscode from "vscode";
import { printable } from "../../core/report/printable.js";
import { CommandId } from "../ids.js";
import { LANGUAGES, wantedAt, type PlacementTarget } from "../placement/placement-target.js";

export function registerPlacingAction(): vscode.Disposable {
  const selector = [...LANGUAGES.keys()].map((language) => ({ language, scheme: "file" }));
  return vscode.languages.registerCodeActionsProvider(
    selector,
    {
      async provideCodeActions(document, { start }) {
        const file = await realpath(document.uri.fsPath).catch(() => undefined);
        const wanted = file === undefined ? undefined : wantedAt(document, start, file);
        if (file === undefined || wanted === undefined) return [];
        const target: PlacementTarget = { wanted: [wanted], image: undefined, near: file };
        const title = vscode.l10n.t("Show What Places {0} in the Linker Script", printable(wanted.name, LONGEST_NAME));
        const action = new vscode.CodeAction(title, KIND);
        action.command = { command: CommandId.ShowPlacingStatement, title, arguments: [target] };
        return [action];
      },
    },
    { providedCodeActionKinds: [KIND] },
  );
}

/** It changes nothing: it is listed below what does. */
const KIND = vscode.CodeActionKind.Refactor.append("show");
const LONGEST_NAME = 60;
