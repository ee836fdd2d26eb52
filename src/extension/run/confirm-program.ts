/** Shows exactly what will be run, before it is run for the first time and after every change. */
import { basename } from "node:path";
import * as vscode from "vscode";
import { printable } from "../../core/report/printable.js";
import { shellWords } from "../../core/report/remedies.js";
import type { Program } from "./program.js";

/** False: it is not to be run. */
export async function confirmProgram(program: Program, folder: vscode.WorkspaceFolder): Promise<boolean> {
  const { argv, cwd, environment, before } = program;
  const detail = [
    ...(before === undefined ? [] : [vscode.l10n.t("First: {0}", commandOf(before)), ""]),
    shellWords(argv),
    "",
    vscode.l10n.t("in {0}", cwd),
    ...Object.entries(environment).map(([name, value]) =>
      value === undefined
        ? vscode.l10n.t("without {0}", name)
        : vscode.l10n.t("with {0}", `${name}=${shellWords([value])}`),
    ),
  ];
  const trace = vscode.l10n.t("Trace");
  const question = printable(vscode.l10n.t("Run and trace {0} in {1}?", basename(argv[0] ?? ""), folder.name));
  // Line by line and whole: no argument can pass for another line, or hide behind a cut.
  const text = detail.map((line) => printable(line, Infinity)).join("\n");
  return (await vscode.window.showInformationMessage(question, { modal: true, detail: text }, trace)) === trace;
}

function commandOf(before: NonNullable<Program["before"]>): string {
  return before.kind === "task" ? vscode.l10n.t("the task {0}", before.name) : shellWords(before.argv);
}
