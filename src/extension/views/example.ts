/** "Open the Example": copies it out of the extension, since what is installed is not for building in. */
import { stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import * as vscode from "vscode";
import { messageText } from "../../core/report/message-text.js";
import { CommandId } from "../ids.js";
import { copyExample } from "./example-copy.js";

export function registerExample(context: vscode.ExtensionContext): vscode.Disposable {
  return vscode.commands.registerCommand(CommandId.OpenExample, async () => {
    const chosen = await vscode.window.showOpenDialog({
      canSelectFiles: false,
      canSelectFolders: true,
      defaultUri: vscode.Uri.file(homedir()),
      title: vscode.l10n.t("Where to copy the example to"),
      openLabel: vscode.l10n.t("Copy Here"),
    });
    const parent = chosen?.[0];
    if (parent === undefined) return;
    const target = join(parent.fsPath, EXAMPLE);
    try {
      if (await exists(target)) {
        if (!(await offerExisting(target))) return;
      } else {
        await copyExample(join(context.extensionPath, "examples", EXAMPLE), target);
      }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      void vscode.window.showErrorMessage(messageText(vscode.l10n.t("The example could not be copied: {0}", reason)));
      return;
    }
    const forceNewWindow = vscode.workspace.workspaceFolders !== undefined;
    await vscode.commands.executeCommand("vscode.openFolder", vscode.Uri.file(target), { forceNewWindow });
  });
}

async function offerExisting(target: string): Promise<boolean> {
  const open = vscode.l10n.t("Open It");
  const question = vscode.l10n.t("{0} is there already.", target);
  return (await vscode.window.showInformationMessage(question, { modal: true }, open)) === open;
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

const EXAMPLE = "input-thread";
