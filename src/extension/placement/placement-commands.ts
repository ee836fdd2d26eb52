/** "Place in Locked Section", "Remove from Locked Section" and "Mark as Critical": from what was chosen to what is told. */
import * as vscode from "vscode";
import { changeBetween } from "../../core/base/text-edit.js";
import { isFile } from "../../core/placement/placed-symbols.js";
import { messageText } from "../../core/report/message-text.js";
import { printable } from "../../core/report/printable.js";
import { sourceHintText } from "../../core/report/source-hints.js";
import { sourceRefusalText } from "../../core/report/source-refusals.js";
import { PROJECT_FILE } from "../../host/project-file.js";
import type { Analysis } from "../analysis/analysis.js";
import { CommandId } from "../ids.js";
import { mayRun } from "../permission.js";
import type { Services } from "../services.js";
import type { Placement } from "../../core/placement/placement.js";
import { offerBuildOptions } from "./build-options.js";
import { applyChanges } from "./changed-files.js";
import { placedProgram } from "./placed-program.js";
import type { RefusedName, SourceOrder, SourceResult, WantedName } from "./placement-order.js";
import { isSameName, placementTarget, type PlacementTarget } from "./placement-target.js";
import { projectDocument, type ProjectDocument } from "./project-document.js";
import { withCritical } from "./project-text.js";
import { chooseReached } from "./reach-placement.js";
import { changeScript } from "./script-placement.js";
import { changeSource } from "./source-placement.js";

interface Ready {
  readonly target: PlacementTarget;
  readonly project: ProjectDocument;
  readonly program: string;
}

export class PlacementCommands {
  constructor(
    private readonly services: Services,
    private readonly analysis: Analysis,
  ) {}

  async bySource(argument: unknown, others: unknown): Promise<void> {
    const ready = await this.ready(argument, others);
    if (ready !== undefined) await this.changeSource(ready, "place", ready.target.wanted);
  }

  private async changeSource(
    { target, project, program }: Ready,
    action: SourceOrder["action"],
    wanted: readonly WantedName[],
  ): Promise<void> {
    const change = await changeSource({ analysis: this.analysis, program, project, action, wanted });
    switch (change.kind) {
      case "changed":
        if (action === "place") await tellAlready(change.result.placements);
        await tellHint(change.result.placements);
        return this.tellRefusals(change.result.refusals, action, target);
      case "project":
        return tellProject(project);
      case "rejected":
        return tellRejected();
      case "not-compiled":
        return this.offerScript(
          vscode.l10n.t("It does not compile any more, so the change was taken back: {0}", shown(change.error)),
          { ...target, wanted },
        );
    }
  }

  /** The script, faultline.json, and what the build must pass. */
  async byScript(argument: unknown, others: unknown): Promise<void> {
    const ready = await this.ready(argument, others);
    if (ready !== undefined) await this.changeScript(ready, ready.target.wanted, []);
  }

  /** The functions with all that a run of them could touch in the program's own source. */
  async withReach(argument: unknown, others: unknown): Promise<void> {
    const words = {
      notLinux: vscode.l10n.t("What a function reaches is read from Linux programs."),
      notTrusted: vscode.l10n.t(
        "To read what a function reaches a disassembler is run, and this workspace is not trusted.",
      ),
    };
    if (!(await mayRun(words))) return;
    const ready = await this.ready(argument, others);
    if (ready === undefined) return;
    const { target, project, program } = ready;
    const { sourceMap, lockedSections } = project.project;
    const wanted = target.wanted.filter(({ kind }) => kind !== "variable");
    const result = await this.analysis.placement(program, { kind: "reach", wanted, sourceMap });
    const locked = new Set(Object.values(lockedSections).flatMap((name) => [name, `.${name}`]));
    const names = wanted.map(({ name }) => name);
    const chosen = await chooseReached(names, result, (section) => locked.has(section));
    if (chosen !== undefined) await this.changeSource(ready, "place", chosen);
  }

  /** Each by the way it was placed. */
  async remove(argument: unknown, others: unknown): Promise<void> {
    const ready = await this.ready(argument, others);
    if (ready === undefined) return;
    const { wanted } = ready.target;
    const byScript = ready.project.project.placements.filter(
      ({ symbol, file, by }) =>
        by === "script" &&
        wanted.some(({ name, at }) => isSameName(symbol, name) && (!file || !at || isFile(at.file, file))),
    );
    const rest = wanted.filter(({ name }) => !byScript.some(({ symbol }) => isSameName(symbol, name)));
    if (byScript.length > 0) await this.changeScript(ready, [], byScript);
    if (rest.length === 0) return;
    const project = byScript.length === 0 ? ready.project : await this.projectOf(ready.target);
    if (project !== undefined) await this.changeSource({ ...ready, project }, "remove", rest);
  }

  private async changeScript(
    { target, project, program }: Ready,
    wanted: readonly WantedName[],
    removed: readonly Placement[],
  ): Promise<void> {
    const words = {
      notLinux: vscode.l10n.t("Linker scripts are changed for Linux programs."),
      notTrusted: vscode.l10n.t(
        "To change a linker script the linker is asked for its own, and this workspace is not trusted.",
      ),
    };
    if (!(await mayRun(words))) return;
    const change = await changeScript({ analysis: this.analysis, program, project, wanted, removed });
    switch (change.kind) {
      case "changed":
        await this.tellRefusals(change.refusals, "remove", target);
        if (change.refusals.length < wanted.length) await offerBuildOptions(project.folder, program, change.path);
        return;
      case "refused":
        await vscode.window.showWarningMessage(messageText(change.reason));
        return;
      case "scriptless":
        return offerCopy(vscode.window.showWarningMessage, change.reason, change.line);
      case "project":
        return tellProject(project);
      case "rejected":
        return tellRejected();
    }
  }

  async markCritical(argument: unknown, others: unknown): Promise<void> {
    const target = await placementTarget(argument, others);
    const names = (target?.wanted ?? []).filter(({ kind }) => kind !== "variable").map(({ name }) => name);
    if (target === undefined || names.length === 0) {
      await vscode.window.showInformationMessage(vscode.l10n.t("Put the cursor into a function: it can be critical."));
      return;
    }
    const project = await this.projectOf(target);
    if (project === undefined) return;
    let text: string | undefined = project.text;
    for (const name of names) text = text === undefined ? undefined : withCritical(text, name);
    if (text === undefined) return tellProject(project);
    const change = changeBetween(project.text, text);
    if (change === undefined) {
      await vscode.window.showInformationMessage(
        messageText(vscode.l10n.t("{0} is marked as critical already.", shown(names.join(", ")))),
      );
      return;
    }
    const before = project.exists ? project.text : undefined;
    await applyChanges([{ path: project.path, before, edits: [change] }]);
    // Alone it is not saved as a refactoring: verdicts read it from disk.
    await (await vscode.workspace.openTextDocument(project.path)).save();
  }

  private async ready(argument: unknown, others: unknown): Promise<Ready | undefined> {
    const target = await placementTarget(argument, others);
    if (target === undefined) {
      await vscode.window.showInformationMessage(
        vscode.l10n.t("Put the cursor into a function or a global of C, C++ or Rust."),
      );
      return undefined;
    }
    const project = await this.projectOf(target);
    if (project === undefined) return undefined;
    const program = await placedProgram(project, target.near, target.image, this.services.traces);
    if (program !== undefined) return { target, project, program };
    await vscode.window.showWarningMessage(
      vscode.l10n.t("Build the program first, with -g: its debug information tells where things are defined."),
    );
    return undefined;
  }

  private async projectOf({ near }: PlacementTarget): Promise<ProjectDocument | undefined> {
    const project = await projectDocument(near);
    if (project === undefined) {
      await vscode.window.showWarningMessage(
        vscode.l10n.t("Open the folder of the program first: placements are kept in its faultline.json."),
      );
    }
    return project;
  }

  private async tellRefusals(
    refusals: readonly RefusedName[],
    action: SourceOrder["action"],
    target: PlacementTarget,
  ): Promise<void> {
    const [first] = refusals;
    if (first === undefined) return;
    const { refusal, wanted } = first;
    const reason = sourceRefusalText(refusal, shown(wanted.name), vscode.l10n.t);
    const sentence =
      refusals.length === 1
        ? reason
        : vscode.l10n.t("{0} ({1} others could not be placed either.)", reason, refusals.length - 1);
    const scriptable = refusals.filter(({ refusal }) => !NOT_BY_SCRIPT.has(refusal.code)).map(({ wanted }) => wanted);
    if (action === "place" && scriptable.length > 0)
      return this.offerScript(sentence, { ...target, wanted: scriptable });
    await vscode.window.showWarningMessage(messageText(sentence));
  }

  private async offerScript(sentence: string, target: PlacementTarget): Promise<void> {
    const script = vscode.l10n.t("Place by Linker Script");
    const answer = await vscode.window.showWarningMessage(messageText(sentence), script);
    if (answer === script) await vscode.commands.executeCommand(CommandId.PlaceByScript, target);
  }
}

/** Text that people must put right first. */
async function tellProject({ path }: ProjectDocument): Promise<void> {
  const open = vscode.l10n.t("Open It");
  const message = vscode.l10n.t("{0} is not valid JSON, so nothing was changed: put it right first.", PROJECT_FILE);
  if ((await vscode.window.showErrorMessage(message, open)) === open) {
    await vscode.window.showTextDocument(vscode.Uri.file(path));
  }
}

async function tellHint(placements: SourceResult["placements"]): Promise<void> {
  const [first] = placements.flatMap(({ hint, symbol }) =>
    hint === undefined ? [] : [sourceHintText(hint, shown(symbol), vscode.l10n.t)],
  );
  if (first !== undefined) await vscode.window.showInformationMessage(messageText(first));
}

/** What the program was built with counts, and the source may say something else by now. */
async function tellAlready(placements: SourceResult["placements"]): Promise<void> {
  const names = placements.filter(({ already }) => already).map(({ symbol }) => shown(symbol));
  if (names.length === 0) return;
  const sentence = vscode.l10n.t(
    "{0}: in its locked section already, as the program is built. If the source was changed since, build again.",
    names.join(", "),
  );
  await vscode.window.showInformationMessage(messageText(sentence));
}

async function tellRejected(): Promise<void> {
  await vscode.window.showErrorMessage(vscode.l10n.t("Nothing was changed: VS Code refused the edit."));
}

async function offerCopy(
  show: (message: string, button: string) => Thenable<string | undefined>,
  sentence: string,
  text: string,
): Promise<void> {
  const copy = vscode.l10n.t("Copy");
  if ((await show(messageText(sentence), copy)) === copy) await vscode.env.clipboard.writeText(text);
}

function shown(text: string): string {
  return printable(text, LONGEST_SHOWN);
}

/** No linker script helps with these. */
const NOT_BY_SCRIPT: ReadonlySet<string> = new Set([
  ...[
    "thread-local",
    "automatic",
    "unknown",
    "optimised-away",
    "ambiguous",
    "kind",
    "already",
    "not-placed",
    "constant",
    "inlined",
    "inlined-only",
  ],
  ...["changed", "several", "alias", "literal"],
]);
const LONGEST_SHOWN = 200;
