/** One message when the kernel refuses, with the ways out as its buttons. */
import * as vscode from "vscode";
import { messageText } from "../../core/report/message-text.js";
import { refusalSentence } from "../../core/report/refusals.js";
import type { Translate } from "../../core/report/translate.js";
import type { Refusal } from "../../core/trace/refusal.js";
import { ContextKey } from "../ids.js";
import { refusalActions, type RefusalAction } from "./refusal-actions.js";
import { hasSudo } from "./sudo.js";

const translate: Translate = (message, ...args) => vscode.l10n.t(message, ...args);

/** Resolves with whether the trace is to be run again, elevated. `goesOn`: the program runs, and pages are counted. */
export async function tellRefusal(refusal: Refusal, goesOn: boolean): Promise<"elevate" | undefined> {
  await vscode.commands.executeCommand("setContext", ContextKey.Refused, true);
  const actions = refusalActions(refusal, translate).filter(({ kind }) => kind !== "elevate" || hasSudo());
  const sentences = [
    refusalSentence(refusal, translate),
    ...(goesOn ? [vscode.l10n.t("Until then only the pages that came in are shown, not the lines.")] : []),
  ];
  const label = await vscode.window.showWarningMessage(
    messageText(sentences.join(" ")),
    ...actions.map((action) => action.label),
  );
  const action = actions.find((one) => one.label === label);
  return action === undefined ? undefined : act(action);
}

/** It was granted: the welcome view need not say otherwise. */
export function forgetRefusal(): void {
  void vscode.commands.executeCommand("setContext", ContextKey.Refused, false);
}

async function act({ kind, text }: RefusalAction): Promise<"elevate" | undefined> {
  switch (kind) {
    case "elevate":
      return "elevate";
    case "terminal": {
      // Typed, not run: who sits here reads it and presses Enter.
      const terminal = vscode.window.createTerminal({ name: "Faultline" });
      terminal.show();
      terminal.sendText(text, false);
      return undefined;
    }
    case "copy":
      await vscode.env.clipboard.writeText(text);
      void vscode.window.showInformationMessage(messageText(vscode.l10n.t("Copied: {0}", text)));
      return undefined;
    case "devcontainer":
      await vscode.env.clipboard.writeText(text);
      await openDevcontainer(text);
      return undefined;
  }
}

async function openDevcontainer(text: string): Promise<void> {
  const [file] = await vscode.workspace.findFiles(
    "{.devcontainer/**/devcontainer.json,.devcontainer.json}",
    undefined,
    1,
  );
  if (file !== undefined) await vscode.window.showTextDocument(file);
  void vscode.window.showInformationMessage(
    file === undefined
      ? vscode.l10n.t("Copied for devcontainer.json: {0}", text)
      : vscode.l10n.t("{0} is on the clipboard: paste it here, then rebuild the container.", text),
  );
}
