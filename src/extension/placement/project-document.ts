/** The faultline.json that a source file belongs to, as it is being edited. */
import { join } from "node:path";
import * as vscode from "vscode";
import { findProject, parseProject, PROJECT_FILE, type Project } from "../../host/project-file.js";

export interface ProjectDocument {
  /** Of faultline.json, which need not be there yet. */
  readonly path: string;
  readonly folder: string;
  /** "" where there is none yet. */
  readonly text: string;
  readonly exists: boolean;
  readonly project: Project;
}

/** @param near a file or folder; the project is beside it or above. undefined: it is in no folder of the workspace. */
export async function projectDocument(near: string): Promise<ProjectDocument | undefined> {
  const found = findProject(near);
  if (found !== undefined) {
    const document = await vscode.workspace.openTextDocument(found.path);
    const text = document.getText();
    const { path, folder } = found;
    return { path, folder, text, exists: true, project: parseProject(text, folder).project };
  }
  const folder = vscode.workspace.getWorkspaceFolder(vscode.Uri.file(near))?.uri.fsPath;
  if (folder === undefined) return undefined;
  const { project } = parseProject("{}", folder);
  return { path: join(folder, PROJECT_FILE), folder, text: "", exists: false, project };
}
