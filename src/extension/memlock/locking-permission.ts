/** Whether programs may be run and changed here, in the words of locking. */
import * as vscode from "vscode";
import { mayRun } from "../permission.js";

export function mayLock(): Promise<boolean> {
  return mayRun({
    notLinux: vscode.l10n.t("Memory can be locked on Linux only: open the folder in WSL, in a container or over SSH."),
    notTrusted: vscode.l10n.t("This runs programs or changes running ones: trust the workspace first."),
  });
}
