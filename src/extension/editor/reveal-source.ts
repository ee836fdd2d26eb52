/** Opens a position that a report names. */
import { basename, normalize } from "node:path";
import * as vscode from "vscode";
import { messageText } from "../../core/report/message-text.js";
import { printable } from "../../core/report/printable.js";
import { CommandId } from "../ids.js";
import type { TraceStore } from "../traces/trace-store.js";
import { realFile } from "./local-files.js";
import { namesFile, sourceTarget } from "./source-target.js";

export function registerRevealSource(traces: TraceStore): vscode.Disposable {
  return vscode.commands.registerCommand(CommandId.RevealSource, async (argument: unknown) => {
    const target = sourceTarget(argument);
    if (target === undefined) return;
    const path = await realFile(target.file);
    if (path === undefined) return offerToLocate(target.file);
    const report = traces.current?.report;
    const isNamed = report !== undefined && namesFile(report, target.file);
    if (!isInWorkspace(path) && !isNamed && !(await confirms(path))) return;
    // A file of the workspace opens under the name it has there, even where that is a link.
    const name = normalize(target.file);
    const open = vscode.Uri.file(isInWorkspace(name) ? name : path);
    const document = await vscode.workspace.openTextDocument(open);
    const { range, firstNonWhitespaceCharacterIndex } = document.lineAt(Math.min(target.line, document.lineCount) - 1);
    const start = new vscode.Position(range.start.line, firstNonWhitespaceCharacterIndex);
    await vscode.window.showTextDocument(document, {
      selection: new vscode.Range(start, start),
      viewColumn: target.column ?? vscode.ViewColumn.Active,
      preserveFocus: target.preserveFocus === true,
    });
  });
}

function isInWorkspace(path: string): boolean {
  return vscode.workspace.getWorkspaceFolder(vscode.Uri.file(path)) !== undefined;
}

/** A map or a binary's layout names more files than the report. */
async function confirms(path: string): Promise<boolean> {
  const open = vscode.l10n.t("Open");
  const message = vscode.l10n.t("{0} is outside this workspace.", printable(path));
  return (await vscode.window.showWarningMessage(messageText(message), open)) === open;
}

async function offerToLocate(file: string): Promise<void> {
  const locate = vscode.l10n.t("Locate…");
  const message = vscode.l10n.t("{0} is not here: the program was built elsewhere.", printable(basename(file)));
  const answer = await vscode.window.showWarningMessage(messageText(message), locate);
  if (answer === locate) await vscode.commands.executeCommand(CommandId.LocateSource, { file });
}
