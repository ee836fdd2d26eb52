/** What a function cost, above it: off until asked for, since it moves the code down. */
import * as vscode from "vscode";
import { costText } from "../../core/report/annotations.js";
import { cut } from "../../protocol/memory-map.js";
import { CommandId, SettingId, type MapTarget } from "../ids.js";
import type { AnnotatedDocuments } from "./annotated-documents.js";

export function registerCodeLens(documents: AnnotatedDocuments): vscode.Disposable {
  const changed = new vscode.EventEmitter<void>();
  const isOn = (scope?: vscode.Uri) =>
    vscode.workspace.getConfiguration(undefined, scope).get<boolean>(SettingId.CodeLensEnabled, false);
  return vscode.Disposable.from(
    changed,
    documents.onDidChange(() => {
      if (isOn()) changed.fire();
    }),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration(SettingId.CodeLensEnabled)) changed.fire();
    }),
    vscode.languages.registerCodeLensProvider(
      { scheme: "file" },
      {
        onDidChangeCodeLenses: changed.event,
        provideCodeLenses: (document) => (isOn(document.uri) ? lensesOf(document, documents) : []),
      },
    ),
  );
}

function lensesOf(document: vscode.TextDocument, documents: AnnotatedDocuments): vscode.CodeLens[] {
  const isStale = documents.stalenessOf(document) !== undefined;
  return documents.functionsOf(document).map(({ line, value: row }) => {
    const cost = costText(row, vscode.l10n.t);
    // As the map has it, where it is too long.
    const target: MapTarget = { object: cut(row.name) };
    return new vscode.CodeLens(new vscode.Range(line, 0, line, 0), {
      title: isStale ? `${cost} · ${vscode.l10n.t("stale")}` : cost,
      tooltip: vscode.l10n.t("Show on Memory Map"),
      command: CommandId.RevealOnMap,
      arguments: [target],
    });
  });
}
