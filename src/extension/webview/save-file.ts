/** Saves what a view exports, where the person says. */
import { homedir } from "node:os";
import * as vscode from "vscode";
import { labelText } from "../../core/report/label-text.js";
import type { ExportFormat } from "../../protocol/memory-map.js";

/** False when the person thought better of it. Rejects with why it could not be written. */
export async function saveFile(name: string, format: ExportFormat, content: Uint8Array): Promise<boolean> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.file(homedir());
  const target = await vscode.window.showSaveDialog({
    defaultUri: vscode.Uri.joinPath(folder, `${name}.${format}`),
    filters: { [FORMAT_NAMES[format]]: [format] },
  });
  if (target === undefined) return false;
  await vscode.workspace.fs.writeFile(target, content);
  vscode.window.setStatusBarMessage(vscode.l10n.t("Saved {0}", labelText(target.fsPath)), SHOWN_MS);
  return true;
}

const FORMAT_NAMES: Readonly<Record<ExportFormat, string>> = { png: "PNG", csv: "CSV", json: "JSON" };
const SHOWN_MS = 5000;
