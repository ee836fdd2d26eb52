/** Loads what is about linker scripts when the first of them is open, or is asked for: nobody else waits for its parsers. */
import * as vscode from "vscode";
import { messageText } from "../../core/report/message-text.js";
import { CommandId } from "../ids.js";
import type { Services } from "../services.js";
import { registerPlacingAction } from "./placing-action.js";
import type { LinkerScriptPart } from "./register.js";
import { SCRIPTS } from "./selector.js";

export function beginLinkerScripts(services: Services): vscode.Disposable {
  let part: Promise<LinkerScriptPart> | undefined;
  // A bundle of its own (scripts/build.mjs).
  const begin = (): Promise<LinkerScriptPart> =>
    (part ??= import("./register.js").then(({ registerLinkerScripts }) => registerLinkerScripts(services)));
  const logged = (error: unknown): void =>
    services.log.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
  const opened = vscode.workspace.onDidOpenTextDocument((document) => beginWith(document));
  const beginWith = (document: vscode.TextDocument): void => {
    if (vscode.languages.match(SCRIPTS, document) === 0) return;
    opened.dispose();
    begin().catch(logged);
  };
  vscode.workspace.textDocuments.forEach(beginWith);
  return vscode.Disposable.from(
    opened,
    registerPlacingAction(),
    vscode.commands.registerCommand(CommandId.ShowPlacingStatement, async (argument: unknown) => {
      try {
        await (await begin()).showPlacingStatement(argument);
      } catch (error) {
        logged(error);
        await vscode.window.showErrorMessage(messageText(error instanceof Error ? error.message : String(error)));
      }
    }),
    { dispose: () => void part?.then((begun) => begun.dispose()) },
  );
}
