/** The notification while something is recorded: live counts, and Cancel. */
import * as vscode from "vscode";
import { messageText } from "../../core/report/message-text.js";
import { grouped } from "../../core/report/quantities.js";
import type { Recordings, RecordingStatus } from "./recordings.js";

/** Shows it until `over`. */
export function showProgress(title: string, recordings: Recordings, over: Promise<unknown>): void {
  void vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: messageText(title), cancellable: true },
    async (progress, token) => {
      const listeners = [
        token.onCancellationRequested(() => recordings.cancel()),
        recordings.onDidChange(() => {
          if (recordings.current !== undefined) progress.report({ message: messageOf(recordings.current) });
        }),
      ];
      await over.catch(() => undefined); // Told by who waits for it.
      vscode.Disposable.from(...listeners).dispose();
    },
  );
}

function messageOf({ state, faults, major, lost }: RecordingStatus): string {
  const counts = vscode.l10n.t("{0} faults, {1} major", grouped(faults), grouped(major));
  const all = lost > 0 ? vscode.l10n.t("{0}, {1} lost", counts, grouped(lost)) : counts;
  switch (state) {
    case "starting":
      return vscode.l10n.t("starting…");
    case "recording":
      return all;
    case "paused":
      return vscode.l10n.t("paused: {0}", all);
    case "ending":
      return vscode.l10n.t("ending…");
  }
}
