/** Asks for a running process: own ones first, the youngest first, found by name, number or arguments. */
import { userInfo } from "node:os";
import * as vscode from "vscode";
import { labelText } from "../../core/report/label-text.js";
import { shellWords } from "../../core/report/remedies.js";
import { listProcesses, type ProcessItem } from "./process-list.js";

/** undefined: the person took it back. */
export async function pickProcess(): Promise<ProcessItem | undefined> {
  const { uid } = userInfo();
  const processes = listProcesses(uid, [process.pid, process.ppid]);
  const own = processes.filter((one) => one.uid === uid);
  const others = processes.filter((one) => one.uid !== uid);
  const item = await vscode.window.showQuickPick(
    [
      ...section(vscode.l10n.t("Your processes"), own),
      ...section(vscode.l10n.t("Others' processes (elevated only)"), others),
    ],
    {
      title: vscode.l10n.t("A process to trace"),
      placeHolder: vscode.l10n.t("Name, number or arguments"),
      matchOnDescription: true,
      matchOnDetail: true,
    },
  );
  return item?.process;
}

interface Item extends vscode.QuickPickItem {
  readonly process?: ProcessItem;
}

function section(label: string, processes: readonly ProcessItem[]): readonly Item[] {
  if (processes.length === 0) return [];
  return [
    { label, kind: vscode.QuickPickItemKind.Separator },
    ...processes.map((process) => ({
      label: labelText(process.name, LONGEST_NAME),
      description: String(process.pid),
      detail: labelText(shellWords(process.command), LONGEST_COMMAND),
      process,
    })),
  ];
}

const LONGEST_NAME = 60;
const LONGEST_COMMAND = 300;
