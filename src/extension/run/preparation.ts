/** What is done before a program runs: the task a launch configuration names, or the project's build command. */
import * as vscode from "vscode";
import { messageText } from "../../core/report/message-text.js";
import { runInTerminal, watched } from "./recorder-terminal.js";
import type { Preparation, Program } from "./program.js";

/** False: it failed and the person does not want to go on, or took it back. */
export async function prepare(
  { before, cwd }: Program,
  folder: vscode.WorkspaceFolder,
  signal: AbortSignal,
): Promise<boolean> {
  if (before === undefined) return true;
  // What is built is what is seen.
  await vscode.workspace.saveAll(false);
  const running = await start(before, cwd, folder);
  if (running === undefined) return goOn(vscode.l10n.t("There is no task {0}.", nameOf(before)));
  const terminate = (): void => running.terminate();
  signal.addEventListener("abort", terminate, { once: true });
  const code = await running.ended;
  signal.removeEventListener("abort", terminate);
  if (signal.aborted) return false;
  if (code === 0 || (code === undefined && before.kind === "task")) return true;
  return goOn(vscode.l10n.t("{0} ended with exit code {1}.", nameOf(before), code ?? "?"));
}

async function start(before: Preparation, cwd: string, folder: vscode.WorkspaceFolder) {
  if (before.kind === "command") {
    return runInTerminal({ name: vscode.l10n.t("Build"), argv: before.argv, cwd, environment: {}, scope: folder });
  }
  const tasks = await vscode.tasks.fetchTasks();
  const { name } = before;
  const task =
    name === DEFAULT_BUILD
      ? tasks.find(({ group }) => group?.id === vscode.TaskGroup.Build.id && group.isDefault === true)
      : tasks.find((one) => one.name === name || `${one.source}: ${one.name}` === name);
  if (task === undefined) return undefined;
  const running = await watched(task);
  // A task that watches for changes has no end to wait for.
  return task.isBackground ? { ...running, ended: Promise.resolve(0) } : running;
}

const DEFAULT_BUILD = "${defaultBuildTask}";

function nameOf(before: Preparation): string {
  return before.kind === "task" ? before.name : (before.argv[0] ?? "");
}

async function goOn(sentence: string): Promise<boolean> {
  const trace = vscode.l10n.t("Trace Anyway");
  return (await vscode.window.showErrorMessage(messageText(sentence), { modal: true }, trace)) === trace;
}
