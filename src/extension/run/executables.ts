/** The programs of each workspace folder: found on first use, watched from then on, looked at again after builds. */
import * as vscode from "vscode";
import { RECORDER } from "./recorder-terminal.js";
import { ExecutableIndex, type Executable } from "./executable-index.js";

export class Executables implements vscode.Disposable {
  private readonly indexes = new Map<string, ExecutableIndex>();
  private readonly disposables: vscode.Disposable[] = [];

  /** The newest first. */
  in(folder: vscode.WorkspaceFolder): Promise<readonly Executable[]> {
    if (this.disposables.length === 0) this.watch();
    const root = folder.uri.fsPath;
    let index = this.indexes.get(root);
    if (index === undefined) this.indexes.set(root, (index = new ExecutableIndex(root)));
    return index.list();
  }

  dispose(): void {
    vscode.Disposable.from(...this.disposables).dispose();
    this.indexes.clear();
  }

  private watch(): void {
    const watcher = vscode.workspace.createFileSystemWatcher("**/*");
    const refresh = ({ fsPath }: vscode.Uri): void => {
      for (const index of this.indexes.values()) void index.refresh(fsPath);
    };
    this.disposables.push(
      watcher,
      watcher.onDidCreate(refresh),
      watcher.onDidChange(refresh),
      watcher.onDidDelete(refresh),
      // Folders that the editor's watcher leaves out (files.watcherExclude) are where builds go.
      vscode.tasks.onDidEndTaskProcess(({ execution }) => {
        if (execution.task.source !== RECORDER) for (const index of this.indexes.values()) index.forget();
      }),
      vscode.workspace.onDidChangeWorkspaceFolders(({ removed }) => {
        for (const { uri } of removed) this.indexes.delete(uri.fsPath);
      }),
    );
  }
}
