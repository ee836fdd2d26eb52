/** The status bar item: live while something is recorded; a click stops the recording or opens the map. */
import * as vscode from "vscode";
import type { Services } from "../services.js";
import { statusOf } from "./status.js";

export function registerStatusBar({ traces, recordings }: Services): vscode.Disposable {
  const item = vscode.window.createStatusBarItem("faultline.status", vscode.StatusBarAlignment.Left, PRIORITY);
  item.name = vscode.l10n.t("Faultline: Page Faults");
  const show = () => {
    const canTrace = vscode.workspace.isTrusted && process.platform === "linux";
    const status = statusOf(recordings.current, traces.current?.report, canTrace, vscode.l10n.t);
    item.text = status.text;
    item.tooltip = status.tooltip;
    item.command = status.command;
    item.backgroundColor = status.warning ? new vscode.ThemeColor("statusBarItem.warningBackground") : undefined;
    item.accessibilityInformation = { label: `${withoutIcon(status.text)}. ${status.tooltip}`, role: "button" };
  };
  show();
  item.show();
  return vscode.Disposable.from(
    item,
    traces.onDidChange(show),
    recordings.onDidChange(show),
    vscode.workspace.onDidGrantWorkspaceTrust(show),
  );
}

function withoutIcon(text: string): string {
  return text.replace(/^\$\([\w~-]+\) /, "");
}

/** To the right of the branch and the problems, where debuggers are. */
const PRIORITY = 20;
