/** What the build must pass for a linker script: as an edit of the build's file, or as text to copy. */
import { relative } from "node:path";
import * as vscode from "vscode";
import { buildOptions } from "../../core/placement/build-edit.js";
import { buildRefusalText } from "../../core/report/build-refusals.js";
import { messageText } from "../../core/report/message-text.js";
import { plannedBuild, readText, type PlannedBuild } from "../../host/build-file.js";
import { applyChanges, documentOf, openTexts } from "./changed-files.js";

/** Says nothing where the build passes the script already. */
export async function offerBuildOptions(folder: string, program: string, script: string): Promise<void> {
  const texts = await openTexts();
  const plan = plannedBuild(folder, program, script, (path) => texts[path] ?? readText(path));
  if (plan !== undefined && isBuiltWith(plan, relative(folder, script))) return;
  const options = buildOptions(relative(folder, script));
  const needed = vscode.l10n.t("The build must pass {0} when it compiles and links (GNU ld or lld).", options);
  const file = plan && relative(folder, plan.path);
  const refused = plan?.refusal && file !== undefined ? buildRefusalText(plan.refusal, file, vscode.l10n.t) : undefined;
  const add = file === undefined || refused !== undefined ? undefined : vscode.l10n.t("Add to {0}", file);
  const copy = vscode.l10n.t("Copy Options");
  const sentence = messageText(refused === undefined ? needed : `${needed} ${refused}`);
  const answer = await vscode.window.showInformationMessage(sentence, ...(add === undefined ? [] : [add]), copy);
  if (answer === copy) await vscode.env.clipboard.writeText(options);
  if (answer !== undefined && answer === add && plan !== undefined) await addTo(plan, file ?? "");
}

/** What cannot be edited may name the script all the same. */
function isBuiltWith({ text = "", edits, refusal }: PlannedBuild, script: string): boolean {
  return refusal === undefined ? edits.length === 0 : text.includes(script);
}

async function addTo({ path, text, edits, system }: PlannedBuild, file: string): Promise<void> {
  if ((await applyChanges([{ path, before: text, edits }])) === undefined) {
    await vscode.window.showErrorMessage(vscode.l10n.t("Nothing was changed: VS Code refused the edit."));
    return;
  }
  // Alone it is not saved as a refactoring: the next build reads it from disk.
  await (await documentOf(path)).save();
  if (system !== "make") return;
  // Make compares times, not flags.
  const again = vscode.l10n.t("{0} passes the linker script now. Build everything once more: make -B", file);
  await vscode.window.showInformationMessage(messageText(again));
}
