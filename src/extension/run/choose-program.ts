/** Asks what to trace: what the project, the launch configurations, the tasks and the builds of a folder offer. */
import { basename, dirname, relative } from "node:path";
import * as vscode from "vscode";
import { findProject } from "../../host/project-file.js";
import { labelText } from "../../core/report/label-text.js";
import { printable } from "../../core/report/printable.js";
import { shellWords } from "../../core/report/remedies.js";
import type { Executable } from "./executable-index.js";
import { launchConfigurations, taskProgram } from "./launch-folder.js";
import type { ProgramChoice } from "./program.js";
import { CMAKE_TARGET, taskName } from "./resolve-choice.js";
import { splitWords } from "../../core/base/shell-words.js";

interface ChoiceItem extends vscode.QuickPickItem {
  readonly choice?: ProgramChoice | "browse";
}

/** undefined: the person took it back. */
export async function chooseProgram(
  folder: vscode.WorkspaceFolder,
  executables: () => Promise<readonly Executable[]>,
): Promise<ProgramChoice | undefined> {
  const item = await pick(folder, executables);
  const choice = item?.choice === "browse" ? await browse(folder) : item?.choice;
  if (choice?.kind !== "file") return choice;
  const args = await askArguments(choice.path);
  return args === undefined ? undefined : { ...choice, args };
}

function pick(
  folder: vscode.WorkspaceFolder,
  executables: () => Promise<readonly Executable[]>,
): Promise<ChoiceItem | undefined> {
  const picker = vscode.window.createQuickPick<ChoiceItem>();
  picker.title = vscode.l10n.t("What to trace in {0}", printable(folder.name));
  picker.placeholder = vscode.l10n.t("Asked once: the choice is remembered for this folder");
  picker.matchOnDescription = true;
  picker.matchOnDetail = true;
  const known = [...projectItems(folder), ...launchItems(folder)];
  let built: readonly ChoiceItem[] = [];
  let tasks: readonly ChoiceItem[] = [];
  const show = (): void => {
    picker.items = [...known, ...built, ...tasks, ...browseItems()];
  };
  show();
  picker.busy = true;
  const finding = [
    Promise.all([cmakeItems(), executables()]).then(([cmake, found]) => {
      built = section(vscode.l10n.t("Programs in this folder"), [...cmake, ...executableItems(folder, found)]);
      show();
    }),
    taskItems(folder).then((items) => {
      tasks = items;
      show();
    }),
  ];
  void Promise.allSettled(finding).then(() => (picker.busy = false));
  picker.show();
  return new Promise((resolve) => {
    picker.onDidAccept(() => {
      resolve(picker.selectedItems[0]);
      picker.hide();
    });
    picker.onDidHide(() => {
      resolve(undefined);
      picker.dispose();
    });
  });
}

function projectItems(folder: vscode.WorkspaceFolder): readonly ChoiceItem[] {
  const project = findProject(folder.uri.fsPath)?.project;
  if (project?.program === undefined) return [];
  const command = shellWords([project.program, ...project.arguments]);
  return section("faultline.json", [
    { label: labelText(basename(project.program)), description: labelText(command), choice: { kind: "project" } },
  ]);
}

function launchItems(folder: vscode.WorkspaceFolder): readonly ChoiceItem[] {
  return section(
    vscode.l10n.t("Launch configurations"),
    launchConfigurations(folder).map(({ name, program, args }) => ({
      label: labelText(name),
      description: labelText(shellWords([program, ...args])),
      choice: { kind: "launch", name },
    })),
  );
}

async function cmakeItems(): Promise<readonly ChoiceItem[]> {
  if (!(await vscode.commands.getCommands(true)).includes(CMAKE_TARGET)) return [];
  return [{ label: vscode.l10n.t("CMake's launch target"), choice: { kind: "cmake" } }];
}

function executableItems(folder: vscode.WorkspaceFolder, found: readonly Executable[]): readonly ChoiceItem[] {
  return found.map(({ path }) => ({
    label: labelText(basename(path)),
    description: labelText(relative(folder.uri.fsPath, dirname(path))),
    choice: { kind: "file", path, args: [] },
  }));
}

/** Builds are not what one wants to trace. */
async function taskItems(folder: vscode.WorkspaceFolder): Promise<readonly ChoiceItem[]> {
  const tasks = await vscode.tasks.fetchTasks();
  const items = tasks
    .filter(({ group }) => group?.id !== vscode.TaskGroup.Build.id && group?.id !== vscode.TaskGroup.Clean.id)
    .flatMap((task) => {
      const program = taskProgram(task, folder);
      if (program === undefined) return [];
      const choice = { kind: "task", name: taskName(task) } as const;
      return [{ label: labelText(task.name), description: labelText(shellWords(program.argv)), choice }];
    });
  return section(vscode.l10n.t("Tasks"), items);
}

function browseItems(): readonly ChoiceItem[] {
  return [
    { label: "", kind: vscode.QuickPickItemKind.Separator },
    { label: vscode.l10n.t("Another Program…"), choice: "browse" },
  ];
}

function section(label: string, items: readonly ChoiceItem[]): readonly ChoiceItem[] {
  return items.length === 0 ? [] : [{ label, kind: vscode.QuickPickItemKind.Separator }, ...items];
}

async function browse(folder: vscode.WorkspaceFolder): Promise<ProgramChoice | undefined> {
  const [file] =
    (await vscode.window.showOpenDialog({
      defaultUri: folder.uri,
      openLabel: vscode.l10n.t("Trace"),
      title: vscode.l10n.t("A program to trace"),
    })) ?? [];
  return file === undefined ? undefined : { kind: "file", path: file.fsPath, args: [] };
}

async function askArguments(path: string): Promise<readonly string[] | undefined> {
  const unclosed = vscode.l10n.t("A quote is not closed.");
  const line = await vscode.window.showInputBox({
    title: vscode.l10n.t("Arguments of {0}", printable(basename(path))),
    placeHolder: vscode.l10n.t("None: just press Enter"),
    prompt: vscode.l10n.t("Quotes work as in a shell; nothing is expanded."),
    validateInput: (text) => (splitWords(text) === undefined ? unclosed : undefined),
  });
  return line === undefined ? undefined : splitWords(line);
}
