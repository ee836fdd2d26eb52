/** Loads what is about linker scripts when the first of them is open: nobody else waits for its parsers. */
import * as vscode from "vscode";
import { LanguageId } from "../ids.js";
import type { Services } from "../services.js";

/** Ours, and that of extensions which only colour scripts: their documents get the rest from us. */
export const SCRIPTS: readonly vscode.DocumentFilter[] = [
  { language: LanguageId.LinkerScript },
  { language: "linkerscript" },
];

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
