/** From what was chosen to what is run now. */
import { existsSync } from "node:fs";
import * as vscode from "vscode";
import { findProject } from "../../host/project-file.js";
import { launchConfigurations, launchProgram, taskProgram } from "./launch-folder.js";
import type { Program, ProgramChoice } from "./program.js";

/** undefined: the person took it back. Throws an error with one sentence where it is not there any more. */
export async function resolveChoice(
  choice: ProgramChoice,
  folder: vscode.WorkspaceFolder,
): Promise<Program | undefined> {
  switch (choice.kind) {
    case "project":
      return projectProgram(folder);
    case "launch": {
      const launch = launchConfigurations(folder).find(({ name }) => name === choice.name);
      if (launch !== undefined) return launchProgram(launch, folder);
      throw new Error(vscode.l10n.t('There is no launch configuration "{0}" any more.', choice.name));
    }
    case "task": {
      const task = (await vscode.tasks.fetchTasks()).find((one) => taskName(one) === choice.name);
      const program = task && taskProgram(task, folder);
      if (program !== undefined) return program;
      throw new Error(vscode.l10n.t('There is no task "{0}" that could be traced any more.', choice.name));
    }
    case "cmake": {
      const path = await vscode.commands.executeCommand<unknown>(CMAKE_TARGET);
      if (typeof path !== "string" || path === "") return undefined; // CMake Tools has said why.
      return fileProgram(path, [], folder);
    }
    case "file":
      if (existsSync(choice.path)) return fileProgram(choice.path, choice.args, folder);
      throw new Error(vscode.l10n.t("There is no program {0} any more.", choice.path));
  }
}

/** Builds, where its settings say so, and gives the path of the selected target. */
export const CMAKE_TARGET = "cmake.launchTargetPath";

/** Tells tasks of one label and different providers apart. */
export function taskName({ source, name }: vscode.Task): string {
  return `${source}: ${name}`;
}

function fileProgram(path: string, args: readonly string[], folder: vscode.WorkspaceFolder): Program {
  return { argv: [path, ...args], cwd: folder.uri.fsPath, environment: {}, before: undefined };
}

function projectProgram(folder: vscode.WorkspaceFolder): Program {
  const file = findProject(folder.uri.fsPath);
  if (file?.project.program === undefined) {
    throw new Error(vscode.l10n.t("faultline.json names no program any more."));
  }
  const { program, arguments: args, environment, workingDirectory, build } = file.project;
  return {
    argv: [program, ...args],
    cwd: workingDirectory,
    environment,
    before: build === undefined || build.length === 0 ? undefined : { kind: "command", argv: build },
  };
}
