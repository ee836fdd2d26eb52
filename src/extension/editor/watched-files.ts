/** Tells when programs are built again. */
import { basename, dirname } from "node:path";
import * as vscode from "vscode";

/** Calls `onChange` once for each burst of writes to any of the files. Those beyond a limit are not watched. */
export function watchFiles(files: readonly string[], onChange: () => void): vscode.Disposable {
  let timer: NodeJS.Timeout | undefined;
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(onChange, QUIET_MS);
  };
  const watchers = files.slice(0, MOST_WATCHED).map((file) => {
    const folder = vscode.Uri.file(dirname(file));
    const watcher = vscode.workspace.createFileSystemWatcher(
      new vscode.RelativePattern(folder, literalGlob(basename(file))),
      false,
      false,
      true,
    );
    watcher.onDidCreate(later);
    watcher.onDidChange(later);
    return watcher;
  });
  return vscode.Disposable.from(...watchers, { dispose: () => clearTimeout(timer) });
}

/** Names of programs may hold characters that a pattern gives a meaning. */
function literalGlob(name: string): string {
  return name.replace(/[[\]{}*?]/g, "[$&]");
}

/** A linker writes a program in many pieces. */
const QUIET_MS = 200;
/** A program and its libraries; the rest is looked at when the window is focused. */
const MOST_WATCHED = 32;
