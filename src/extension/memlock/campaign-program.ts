/** The program of a campaign: chosen as for a trace, and shown, with everything that will be done to it, before it is run. */
import { basename } from "node:path";
import * as vscode from "vscode";
import { printable } from "../../core/report/printable.js";
import { shellWords } from "../../core/report/remedies.js";
import type { Stimulus } from "../../core/trace/intervals.js";
import { findProject } from "../../host/project-file.js";
import { CommandId } from "../ids.js";
import { fingerprint, type Program, type ProgramChoice } from "../run/program.js";
import { rememberedChoice, type RememberedChoice } from "../run/remembered-choice.js";
import { resolveChoice } from "../run/resolve-choice.js";

export interface CampaignProgram {
  readonly folder: vscode.WorkspaceFolder;
  readonly program: Program;
  /** Arguments of the command line: the program, where it is not the project's own. */
  readonly args: readonly string[];
  readonly stimuli: readonly Stimulus[];
}

/** undefined: the person took it back. Throws an error with one sentence where the program is not there any more. */
export async function campaignProgram(
  folder: vscode.WorkspaceFolder,
  memory: vscode.Memento,
): Promise<CampaignProgram | undefined> {
  const remembered = rememberedChoice(memory);
  const choice = await choiceOf(folder, remembered);
  const program = choice && (await resolveChoice(choice, folder));
  if (choice === undefined || program === undefined) return undefined;
  const own = choice.kind === "project";
  const stimuli = own ? (findProject(folder.uri.fsPath)?.project.stimuli ?? []) : [];
  const found: CampaignProgram = { folder, program, args: own ? [] : ["--", ...program.argv], stimuli };
  const key = folder.uri.toString();
  const shown = JSON.stringify(["campaign", fingerprint(program), stimuli.map(stimulusText)]);
  if (!remembered.isAllowed(key, shown)) {
    if (!(await confirmCampaign(found))) return undefined;
    await remembered.allow(key, shown);
  }
  return found;
}

async function choiceOf(
  folder: vscode.WorkspaceFolder,
  remembered: RememberedChoice,
): Promise<ProgramChoice | undefined> {
  const known = remembered.choice(folder.uri.toString());
  if (known !== undefined) return known;
  if (findProject(folder.uri.fsPath)?.project.program !== undefined) return { kind: "project" };
  await vscode.commands.executeCommand(CommandId.ChooseProgram);
  return remembered.choice(folder.uri.toString());
}

async function confirmCampaign({ program, folder, stimuli }: CampaignProgram): Promise<boolean> {
  const { argv, cwd, environment, before } = program;
  const detail = [
    ...(before === undefined
      ? []
      : [vscode.l10n.t("First: {0}", before.kind === "task" ? before.name : shellWords(before.argv)), ""]),
    shellWords(argv),
    ...stimuli.map(stimulusText),
    "",
    vscode.l10n.t("in {0}", cwd),
    ...Object.entries(environment).map(([name, value]) =>
      value === undefined
        ? vscode.l10n.t("without {0}", name)
        : vscode.l10n.t("with {0}", `${name}=${shellWords([value])}`),
    ),
    "",
    vscode.l10n.t("It runs many times over; its memory is taken away before each, and pages of it are locked."),
  ];
  const run = vscode.l10n.t("Run");
  const name = basename(argv[0] ?? "");
  const question = printable(vscode.l10n.t("Run {0} in {1}, again and again?", name, folder.name));
  const text = detail.map((line) => printable(line, Infinity)).join("\n");
  return (await vscode.window.showInformationMessage(question, { modal: true, detail: text }, run)) === run;
}

function stimulusText({ name, action, arguments: args }: Stimulus): string {
  const started = args === undefined ? "" : ` (${shellWords(args)})`;
  switch (action.kind) {
    case "command":
      return vscode.l10n.t("stimulus {0}: {1}", `${name}${started}`, shellWords(action.argv));
    case "bytes":
      return vscode.l10n.t("stimulus {0}: {1} bytes", `${name}${started}`, action.bytes.length);
    case "signal":
      return vscode.l10n.t("stimulus {0}: {1}", `${name}${started}`, action.signal);
  }
}
