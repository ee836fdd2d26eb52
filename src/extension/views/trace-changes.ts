/** Renaming and deleting traces. Only traces that the library lists can be meant. */
import { basename, dirname } from "node:path";
import * as vscode from "vscode";
import { messageText } from "../../core/report/message-text.js";
import { CommandId } from "../ids.js";
import type { Services } from "../services.js";
import { tracePathOf } from "./trace-argument.js";
import { nameProblem, type TraceEntry } from "./trace-entry.js";

/** @param selected paths of what is selected in the view: what a key press means. */
export function registerTraceChanges(
  { traces, recordings, log }: Services,
  selected: () => readonly string[],
  listed: () => readonly TraceEntry[],
  refresh: () => void,
): vscode.Disposable {
  const meant = (argument: unknown, all: unknown): readonly TraceEntry[] => {
    const wanted = Array.isArray(all) ? all.map(tracePathOf) : [tracePathOf(argument)];
    const paths = argument === undefined ? selected() : wanted;
    return listed().filter(({ path }) => paths.includes(path) && path !== recordings.current?.folder);
  };
  return vscode.Disposable.from(
    vscode.commands.registerCommand(CommandId.RenameTrace, async (argument: unknown) => {
      const [entry] = meant(argument, undefined);
      if (entry !== undefined) await told(() => renameTrace(entry));
    }),
    vscode.commands.registerCommand(CommandId.DeleteTrace, async (argument: unknown, all: unknown) => {
      const entries = meant(argument, all);
      if (entries.length > 0) await told(() => deleteTraces(entries));
    }),
  );

  async function renameTrace({ path, name }: TraceEntry): Promise<void> {
    const folder = dirname(path);
    const taken = listed()
      .filter((other) => dirname(other.path) === folder && other.path !== path)
      .map((other) => basename(other.path));
    const wanted = await vscode.window.showInputBox({
      title: vscode.l10n.t("Rename Trace"),
      value: name,
      ignoreFocusOut: true,
      validateInput: (typed) => nameProblem(typed, taken, vscode.l10n.t),
    });
    if (wanted === undefined || wanted === name || nameProblem(wanted, taken, vscode.l10n.t) !== undefined) return;
    const target = vscode.Uri.joinPath(vscode.Uri.file(folder), wanted);
    await vscode.workspace.fs.rename(vscode.Uri.file(path), target, { overwrite: false });
    if (traces.current?.path === path) await traces.open(target.fsPath);
  }

  async function deleteTraces(entries: readonly TraceEntry[]): Promise<void> {
    const [first] = entries;
    const question =
      entries.length === 1
        ? vscode.l10n.t("Delete the trace {0}?", first!.label)
        : vscode.l10n.t("Delete {0} traces?", entries.length);
    if (!(await confirmed(question, vscode.l10n.t("Move to Trash")))) return;
    for (const { path, label } of entries) {
      if (!(await deleteTrace(path, label))) break;
      if (traces.current?.path === path) traces.clear();
    }
  }

  /** False where it is still there. Not every machine has a trash: then the person is asked once more. */
  async function deleteTrace(path: string, label: string): Promise<boolean> {
    const uri = vscode.Uri.file(path);
    try {
      await vscode.workspace.fs.delete(uri, { recursive: true, useTrash: true });
      return true;
    } catch (error) {
      log.warn(`trash: ${String(error)}`);
    }
    const question = vscode.l10n.t("{0} cannot be moved to the trash here. Delete it for good?", label);
    if (!(await confirmed(question, vscode.l10n.t("Delete Permanently")))) return false;
    await vscode.workspace.fs.delete(uri, { recursive: true, useTrash: false });
    return true;
  }

  async function told(change: () => Promise<void>): Promise<void> {
    try {
      await change();
    } catch (error) {
      log.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
      void vscode.window.showErrorMessage(messageText(error instanceof Error ? error.message : String(error)));
    }
    refresh();
  }
}

async function confirmed(question: string, action: string): Promise<boolean> {
  return (await vscode.window.showWarningMessage(messageText(question), { modal: true }, action)) === action;
}
