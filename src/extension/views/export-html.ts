/** "Export as HTML…": the page that `faultline report --html` writes, of the trace that is shown or any other. */
import { homedir } from "node:os";
import { basename } from "node:path";
import * as vscode from "vscode";
import { messageText } from "../../core/report/message-text.js";
import { CommandId } from "../ids.js";
import type { Services } from "../services.js";
import { tracePathOf } from "./trace-argument.js";

export function registerExportHtml({ traces, analysis, log }: Services): vscode.Disposable {
  return vscode.commands.registerCommand(CommandId.ExportHtml, async (argument: unknown) => {
    const path = tracePathOf(argument) ?? traces.current?.path;
    if (path === undefined) return;
    const folder = vscode.workspace.getWorkspaceFolder(vscode.Uri.file(path)) ?? vscode.workspace.workspaceFolders?.[0];
    const target = await vscode.window.showSaveDialog({
      defaultUri: vscode.Uri.joinPath(folder?.uri ?? vscode.Uri.file(homedir()), `${basename(path)}.html`),
      filters: { HTML: ["html"] },
      title: vscode.l10n.t("Export as HTML"),
    });
    if (target === undefined) return;
    try {
      if (!(await writePage(path, target))) return;
    } catch (error) {
      log.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
      void vscode.window.showErrorMessage(messageText(error instanceof Error ? error.message : String(error)));
      return;
    }
    const open = vscode.l10n.t("Open in Browser");
    const message = vscode.l10n.t("The page is in {0}.", target.fsPath);
    if ((await vscode.window.showInformationMessage(messageText(message), open)) === open)
      await vscode.env.openExternal(target);
  });

  /** False when the person thought better of it. */
  function writePage(path: string, target: vscode.Uri): Thenable<boolean> {
    const options = {
      location: vscode.ProgressLocation.Notification,
      title: vscode.l10n.t("Making the HTML page"),
      cancellable: true,
    };
    return vscode.window.withProgress(options, async (_, token) => {
      const abort = new AbortController();
      const listening = token.onCancellationRequested(() => abort.abort());
      try {
        const page = await analysis.html(path, abort.signal);
        if (token.isCancellationRequested) return false;
        await vscode.workspace.fs.writeFile(target, new TextEncoder().encode(page));
        return true;
      } catch (error) {
        if (token.isCancellationRequested) return false;
        throw error;
      } finally {
        listening.dispose();
      }
    });
  }
}
