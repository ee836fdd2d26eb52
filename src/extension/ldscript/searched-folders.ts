/** Where scripts and build files of this workspace are looked for. */
import * as vscode from "vscode";
import type { SearchedFolders } from "./script-order.js";

/** The folder of the workspace that a file is in: nothing outside of it is read for its sake. */
export function searchedFolders(near: string): SearchedFolders {
  const folder = vscode.workspace.getWorkspaceFolder(vscode.Uri.file(near)) ?? vscode.workspace.workspaceFolders?.[0];
  return { folders: folder === undefined ? [] : [folder.uri.fsPath], mayRun: vscode.workspace.isTrusted };
}
