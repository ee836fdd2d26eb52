/** What a workspace folder has in it to run: its launch configurations and tasks, with their variables answered. */
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import * as vscode from "vscode";
import { listOf, objectOf, textOf } from "../../core/base/json-fields.js";
import { parseEnvFile } from "./env-file.js";
import { decodeLaunchConfiguration, programOf, textsOf, type LaunchConfiguration } from "./launch-configuration.js";
import type { Program } from "./program.js";
import { isAnswered, substitute, variablesIn, type VariableContext } from "./variables.js";

/** Those that run a native program. */
export function launchConfigurations(folder: vscode.WorkspaceFolder): readonly LaunchConfiguration[] {
  return listOf(launchSetting(folder, "configurations")).flatMap((one) => decodeLaunchConfiguration(one) ?? []);
}

/** Asks what its variables ask. undefined: the person took it back. Throws an error with one sentence. */
export async function launchProgram(
  launch: LaunchConfiguration,
  folder: vscode.WorkspaceFolder,
): Promise<Program | undefined> {
  const answers: Record<string, string> = {};
  for (const name of variablesIn(textsOf(launch)).filter(isAnswered)) {
    const answer = await answerOf(name, folder);
    if (answer === undefined) return undefined;
    answers[name] = answer;
  }
  const context = contextOf(folder);
  const unknown = new Set<string>();
  const program = programOf(
    launch,
    folder.uri.fsPath,
    (text) => substitute(text, context, answers, unknown),
    readVariables,
  );
  const [first] = unknown;
  if (first === undefined) return program;
  throw new Error(
    vscode.l10n.t(
      'The launch configuration "{0}" has a variable that means nothing here: {1}',
      launch.name,
      `\${${first}}`,
    ),
  );
}

/** A task's own command, where it has one. */
export function taskProgram({ execution, scope }: vscode.Task, folder: vscode.WorkspaceFolder): Program | undefined {
  const options = execution instanceof vscode.CustomExecution ? undefined : execution?.options;
  const argv = argvOf(execution);
  if (argv === undefined) return undefined;
  const context = contextOf(typeof scope === "object" ? scope : folder);
  const unknown = new Set<string>();
  const expand = (text: string): string => substitute(text, context, {}, unknown);
  const program: Program = {
    argv: argv.map(expand),
    cwd: expand(options?.cwd ?? folder.uri.fsPath),
    environment: Object.fromEntries(Object.entries(options?.env ?? {}).map(([name, value]) => [name, expand(value)])),
    before: undefined,
  };
  return unknown.size === 0 ? program : undefined;
}

/** A shell's line is run by a shell, which is then traced with all it starts. */
function argvOf(execution: vscode.Task["execution"]): readonly string[] | undefined {
  if (execution instanceof vscode.ProcessExecution) return [execution.process, ...execution.args];
  if (!(execution instanceof vscode.ShellExecution)) return undefined;
  if (execution.commandLine !== undefined) return ["/bin/sh", "-c", execution.commandLine];
  const words = [execution.command, ...(execution.args ?? [])];
  return words.flatMap((word) => (word === undefined ? [] : typeof word === "string" ? word : word.value));
}

function launchSetting(folder: vscode.WorkspaceFolder, name: string): unknown {
  return vscode.workspace.getConfiguration("launch", folder.uri).get<unknown>(name);
}

function readVariables(path: string): Readonly<Record<string, string>> {
  try {
    return parseEnvFile(readFileSync(path, "utf8"));
  } catch (error) {
    throw new Error(
      vscode.l10n.t(
        "The file of variables {0} could not be read ({1}).",
        path,
        error instanceof Error ? error.message : String(error),
      ),
      { cause: error },
    );
  }
}

async function answerOf(name: string, folder: vscode.WorkspaceFolder): Promise<string | undefined> {
  if (name.startsWith("command:")) return commandAnswer(name.slice("command:".length), undefined);
  const id = name.slice("input:".length);
  const input = listOf(launchSetting(folder, "inputs"))
    .map(objectOf)
    .find((one) => one?.["id"] === id);
  const description = textOf(input?.["description"]) ?? id;
  const value = textOf(input?.["default"]);
  switch (input?.["type"]) {
    case "promptString":
      return vscode.window.showInputBox({
        prompt: description,
        ...(value === undefined ? {} : { value }),
        password: input["password"] === true,
      });
    case "pickString": {
      const options = listOf(input["options"]).map((option) => {
        const fields = objectOf(option);
        const chosen = textOf(option) ?? textOf(fields?.["value"]) ?? "";
        return { label: textOf(fields?.["label"]) ?? chosen, value: chosen };
      });
      return (await vscode.window.showQuickPick(options, { title: description }))?.value;
    }
    case "command":
      return commandAnswer(textOf(input["command"]) ?? "", input["args"]);
    default:
      throw new Error(vscode.l10n.t("There is no input {0} in launch.json.", id));
  }
}

async function commandAnswer(command: string, args: unknown): Promise<string | undefined> {
  return textOf(await vscode.commands.executeCommand<unknown>(command, ...(args === undefined ? [] : [args])));
}

function contextOf(folder: vscode.WorkspaceFolder): VariableContext {
  const editor = vscode.window.activeTextEditor;
  const folders = vscode.workspace.workspaceFolders ?? [folder];
  return {
    workspaceFolder: folder.uri.fsPath,
    folders: Object.fromEntries(folders.map(({ name, uri }) => [name, uri.fsPath])),
    file: editor?.document.uri.scheme === "file" ? editor.document.uri.fsPath : undefined,
    line: editor === undefined ? undefined : editor.selection.active.line + 1,
    selectedText: editor?.document.getText(editor.selection),
    userHome: homedir(),
    execPath: process.execPath,
    environment: process.env,
    setting: (name) => {
      const value = vscode.workspace.getConfiguration(undefined, folder.uri).get<unknown>(name);
      return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
        ? String(value)
        : undefined;
    },
  };
}
