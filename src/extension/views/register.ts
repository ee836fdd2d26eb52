/** The views: the tree of faults, the library of traces, the status bar item, and the commands that belong to them. */
import * as vscode from "vscode";
import { CommandId } from "../ids.js";
import type { Services } from "../services.js";
import { registerExample } from "./example.js";
import { registerExportHtml } from "./export-html.js";
import { registerFaultsView } from "./faults-view.js";
import { registerStatusBar } from "./status-bar.js";
import { registerTracesView } from "./traces-view.js";

export function registerViews(services: Services): vscode.Disposable {
  const { context, log } = services;
  return vscode.Disposable.from(
    registerFaultsView(services),
    registerTracesView(services),
    registerStatusBar(services),
    registerExportHtml(services),
    registerExample(context),
    vscode.commands.registerCommand(CommandId.ShowLog, () => log.show()),
  );
}
