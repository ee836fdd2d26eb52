/** Placements in the editor: quick fixes, commands, the view of what came true, and problems at what did not. */
import * as vscode from "vscode";
import { messageText } from "../../core/report/message-text.js";
import type { LineRow } from "../../core/report/report.js";
import { CommandId } from "../ids.js";
import type { Services } from "../services.js";
import { PlacementCommands } from "./placement-commands.js";
import { registerQuickFixes } from "./quick-fixes.js";

/** @param rowsAt what took faults on a line (0-based) of a document. */
export function registerPlacement(
  services: Services,
  rowsAt: (document: vscode.TextDocument, line: number) => readonly LineRow[],
): vscode.Disposable {
  // Debug information is read whole for this: nobody who opens a trace waits behind it.
  const analysis = services.newAnalysis();
  const commands = new PlacementCommands(services, analysis);
  const register = (id: CommandId, run: (argument: unknown, others: unknown) => Promise<void>): vscode.Disposable =>
    vscode.commands.registerCommand(id, async (argument: unknown, others: unknown) => {
      try {
        await run(argument, others);
      } catch (error) {
        services.log.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
        const sentence = error instanceof Error ? error.message : String(error);
        await vscode.window.showErrorMessage(messageText(sentence));
      }
    });
  return vscode.Disposable.from(
    analysis,
    registerQuickFixes(rowsAt),
    register(CommandId.Place, (argument, others) => commands.bySource(argument, others)),
    register(CommandId.PlaceByScript, (argument, others) => commands.byScript(argument, others)),
    register(CommandId.RemovePlacement, (argument, others) => commands.remove(argument, others)),
    register(CommandId.MarkCritical, (argument, others) => commands.markCritical(argument, others)),
  );
}
