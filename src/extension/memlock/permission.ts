/** Running and locking need Linux, and a trusted workspace: asked in the code, too, not in menus alone. */
import * as vscode from "vscode";

export async function mayRun(): Promise<boolean> {
  if (process.platform !== "linux") {
    await vscode.window.showErrorMessage(
      vscode.l10n.t("Memory can be locked on Linux only: open the folder in WSL, in a container or over SSH."),
    );
    return false;
  }
  if (vscode.workspace.isTrusted) return true;
  const manage = vscode.l10n.t("Manage Workspace Trust");
  const sentence = vscode.l10n.t("This runs programs or changes running ones: trust the workspace first.");
  if ((await vscode.window.showWarningMessage(sentence, manage)) === manage) {
    await vscode.commands.executeCommand("workbench.trust.manage");
  }
  return vscode.workspace.isTrusted;
}

/** The folder of the active editor, or the only one, or the one that is picked. */
export async function folderToRunIn(): Promise<vscode.WorkspaceFolder | undefined> {
  const folders = vscode.workspace.workspaceFolders ?? [];
  const active = vscode.window.activeTextEditor?.document.uri;
  const near = active === undefined ? undefined : vscode.workspace.getWorkspaceFolder(active);
  if (near !== undefined) return near;
  if (folders.length > 1) return vscode.window.showWorkspaceFolderPick();
  if (folders[0] !== undefined) return folders[0];
  const open = vscode.l10n.t("Open Folder…");
  const sentence = vscode.l10n.t("Open the folder of the program first.");
  const answer = await vscode.window.showInformationMessage(sentence, open);
  if (answer === open) await vscode.commands.executeCommand("vscode.openFolder");
  return undefined;
}
