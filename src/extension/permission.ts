/** Tracing, running and locking need Linux, and a trusted workspace: asked in the code, too, not in menus alone. */
import * as vscode from "vscode";

/** What is said, in the reader's language, where it may not be. */
export interface PermissionWords {
  readonly notLinux: string;
  readonly notTrusted: string;
}

export async function mayRun(words: PermissionWords): Promise<boolean> {
  if (process.platform !== "linux") {
    await vscode.window.showErrorMessage(words.notLinux);
    return false;
  }
  if (vscode.workspace.isTrusted) return true;
  const manage = vscode.l10n.t("Manage Workspace Trust");
  if ((await vscode.window.showWarningMessage(words.notTrusted, manage)) === manage) {
    await vscode.commands.executeCommand("workbench.trust.manage");
  }
  return vscode.workspace.isTrusted;
}

/** The folder of the active editor, or the only one, or the one that is picked; `none` is said where there is none. */
export async function folderToRunIn(none: string): Promise<vscode.WorkspaceFolder | undefined> {
  const folders = vscode.workspace.workspaceFolders ?? [];
  const active = vscode.window.activeTextEditor?.document.uri;
  const near = active === undefined ? undefined : vscode.workspace.getWorkspaceFolder(active);
  if (near !== undefined) return near;
  if (folders.length > 1) return vscode.window.showWorkspaceFolderPick();
  if (folders[0] !== undefined) return folders[0];
  const open = vscode.l10n.t("Open Folder…");
  const answer = await vscode.window.showInformationMessage(none, open);
  if (answer === open) await vscode.commands.executeCommand("vscode.openFolder");
  return undefined;
}
