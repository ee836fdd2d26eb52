/** Loads what is about linker scripts when the first of them is open: nobody else waits for its parsers. */
import * as vscode from "vscode";
import type { Services } from "../services.js";
import { SCRIPTS } from "./selector.js";

export function beginLinkerScripts(services: Services): vscode.Disposable {
  let part: vscode.Disposable | undefined;
  let isBegun = false;
  const opened = vscode.workspace.onDidOpenTextDocument((document) => void beginWith(document));
  const beginWith = async (document: vscode.TextDocument): Promise<void> => {
    if (vscode.languages.match(SCRIPTS, document) === 0) return;
    if (isBegun) return;
    isBegun = true;
    opened.dispose();
    try {
      // A bundle of its own (scripts/build.mjs).
      const { registerLinkerScripts } = await import("./register.js");
      part = registerLinkerScripts(services);
    } catch (error) {
      services.log.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
    }
  };
  vscode.workspace.textDocuments.forEach((document) => void beginWith(document));
  return new vscode.Disposable(() => {
    opened.dispose();
    part?.dispose();
  });
}
