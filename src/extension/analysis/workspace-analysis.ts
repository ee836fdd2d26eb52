/** The analysis as this workspace needs it: where its projects are, and how its debuggers map sources. */
import { dirname } from "node:path";
import * as vscode from "vscode";
import type { Analysis } from "./analysis.js";
import { launchSources } from "./launch-source-map.js";
import { ThreadAnalysis } from "./thread-analysis.js";

export function analysisOf(context: vscode.ExtensionContext, log: vscode.LogOutputChannel): Analysis {
  return new ThreadAnalysis({
    script: context.asAbsolutePath("dist/analysis.js"),
    cli: context.asAbsolutePath("dist/cli.js"),
    sentences: vscode.l10n.bundle ?? {},
    log: (text) => log.error(text),
    placeOf: (path) => {
      const file = vscode.Uri.file(path);
      const folder = vscode.workspace.getWorkspaceFolder(file) ?? vscode.workspace.workspaceFolders?.[0];
      return {
        here: folder?.uri.fsPath ?? dirname(path),
        otherSources: folder === undefined ? [] : launchSources(launchConfigurations(folder), folder.uri.fsPath),
      };
    },
  });
}

function launchConfigurations(folder: vscode.WorkspaceFolder): unknown {
  return vscode.workspace.getConfiguration("launch", folder.uri).get<unknown>("configurations");
}
