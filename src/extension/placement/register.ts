/** Placements in the editor: quick fixes, commands, the view of what came true, and problems at what did not. */
import * as vscode from "vscode";
import { messageText } from "../../core/report/message-text.js";
import type { LineRow } from "../../core/report/report.js";
import { mapCellsOf } from "../../protocol/memory-map.js";
import { CommandId } from "../ids.js";
import type { Services } from "../services.js";
import { chosenOnMap } from "./map-choice.js";
import { JointUndo } from "./joint-undo.js";
import { PlacementCommands } from "./placement-commands.js";
import { registerPlacementsView } from "./placements-view.js";
import { registerQuickFixes } from "./quick-fixes.js";
import { VerifiedPlacements } from "./verified-placements.js";

/** For the tests inside the extension host, too. */
export interface PlacementPart extends vscode.Disposable {
  readonly verified: VerifiedPlacements;
}

/** @param rowsAt what took faults on a line (0-based) of a document. */
export function registerPlacement(
  services: Services,
  rowsAt: (document: vscode.TextDocument, line: number) => readonly LineRow[],
): PlacementPart {
  // Debug information is read whole for this: nobody who opens a trace waits behind it.
  const analysis = services.newAnalysis();
  const commands = new PlacementCommands(services, analysis);
  const verified = new VerifiedPlacements(services, analysis);
  const register = (id: CommandId, run: (argument: unknown, others: unknown) => Promise<void>): vscode.Disposable =>
    vscode.commands.registerCommand(id, async (argument: unknown, others: unknown) => {
      try {
        const cells = mapCellsOf(argument);
        if (cells === undefined) return await run(argument, others);
        const chosen = await chosenOnMap(id, await services.maps.symbolsOn(cells));
        for (const symbols of chosen ?? []) await run(symbols[0], symbols);
      } catch (error) {
        services.log.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
        const sentence = error instanceof Error ? error.message : String(error);
        await vscode.window.showErrorMessage(messageText(sentence));
      }
    });
  const parts = vscode.Disposable.from(
    verified,
    registerPlacementsView(verified),
    register(CommandId.VerifyPlacements, () => verified.refresh()),
    analysis,
    registerQuickFixes(rowsAt),
    new JointUndo(),
    register(CommandId.Place, (argument, others) => commands.bySource(argument, others)),
    register(CommandId.PlaceWithReach, (argument, others) => commands.withReach(argument, others)),
    register(CommandId.PlaceByScript, (argument, others) => commands.byScript(argument, others)),
    register(CommandId.RemovePlacement, (argument, others) => commands.remove(argument, others)),
    register(CommandId.MarkCritical, (argument, others) => commands.markCritical(argument, others)),
  );
  // What was placed in an earlier session is looked up in this one; without placements nothing is read.
  void verified.refresh();
  return { verified, dispose: () => parts.dispose() };
}
