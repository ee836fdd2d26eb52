/** "Find What to Lock" and "Prove Fault-Free": from the choice of a program to the answer in a view. */
import { basename } from "node:path";
import * as vscode from "vscode";
import { parsedJson } from "../../core/base/json-fields.js";
import type { CampaignProgress } from "../../core/memlock/campaign-progress.js";
import { decodeLockSet } from "../../core/memlock/decode-lock-set.js";
import { verdictSentence } from "../../core/report/lock-set-text.js";
import { messageText } from "../../core/report/message-text.js";
import { printable } from "../../core/report/printable.js";
import { grouped } from "../../core/report/quantities.js";
import { CommandId, ViewId } from "../ids.js";
import { prepare } from "../run/preparation.js";
import { folderToRunIn } from "../permission.js";
import type { Services } from "../services.js";
import { campaignProgram, type CampaignProgram } from "./campaign-program.js";
import { runCampaign, type CampaignOrder, type CampaignOutcome } from "./campaign-run.js";
import type { LockSetStore } from "./lock-set-store.js";
import { mayLock } from "./locking-permission.js";

export class CampaignCommands {
  /** One at a time: two would take each other's pages away. */
  private running = false;

  constructor(
    private readonly services: Services,
    private readonly store: LockSetStore,
  ) {}

  async findWhatToLock(): Promise<void> {
    await this.campaign("lockset", vscode.l10n.t("Finding what to lock"), ["--json"], async (output) => {
      const set = decodeLockSet(parsedJson(output));
      if (set === undefined) return this.fail(vscode.l10n.t("The command line's answer could not be read."));
      this.store.show(set);
      const show = vscode.l10n.t("Show");
      const sentence = messageText(verdictSentence(set, vscode.l10n.t));
      const good = set.verdict === "irreducible" || set.verdict === "sufficient";
      const told = good
        ? vscode.window.showInformationMessage(sentence, show)
        : vscode.window.showWarningMessage(sentence, show);
      void vscode.commands.executeCommand(`${ViewId.LockSet}.focus`);
      if ((await told) === show) await vscode.commands.executeCommand(`${ViewId.LockSet}.focus`);
    });
  }

  async proveFaultFree(): Promise<void> {
    await this.campaign("prove", vscode.l10n.t("Proving fault-free"), [], async (output, yes) => {
      const document = await vscode.workspace.openTextDocument({ content: output, language: "plaintext" });
      await vscode.window.showTextDocument(document, { preview: true });
      // The headline names the program; the verdict follows it.
      const sentence = messageText(output.split("\n")[1] ?? "");
      void (yes ? vscode.window.showInformationMessage(sentence) : vscode.window.showWarningMessage(sentence));
    });
  }

  private async campaign(
    command: CampaignOrder["command"],
    title: string,
    options: readonly string[],
    finish: (output: string, yes: boolean) => Promise<void>,
  ): Promise<void> {
    if (!(await this.isFree())) return;
    const folder = await folderToRunIn(vscode.l10n.t("Open the folder of the program first."));
    if (folder === undefined) return;
    this.running = true;
    try {
      const chosen = await campaignProgram(folder, this.services.context.workspaceState);
      if (chosen === undefined) return;
      const outcome = await this.run(command, title, options, chosen);
      if (outcome.kind === "failed") await this.fail(outcome.sentence);
      else if (outcome.kind === "done") await finish(outcome.output, outcome.yes);
    } catch (error) {
      await this.fail(error instanceof Error ? error.message : String(error));
    } finally {
      this.running = false;
    }
  }

  private async run(
    command: CampaignOrder["command"],
    title: string,
    options: readonly string[],
    { program, folder, args }: CampaignProgram,
  ): Promise<CampaignOutcome> {
    const name = printable(basename(program.argv[0] ?? ""), LONGEST_NAME);
    const location = vscode.ProgressLocation.Notification;
    return vscode.window.withProgress(
      { location, title: messageText(`${title}: ${name}`), cancellable: true },
      async (progress, token): Promise<CampaignOutcome> => {
        const abort = new AbortController();
        const listening = token.onCancellationRequested(() => abort.abort());
        try {
          progress.report({ message: vscode.l10n.t("starting…") });
          if (!(await prepare(program, folder, abort.signal))) return { kind: "cancelled" };
          const order: CampaignOrder = {
            cli: this.services.context.asAbsolutePath("dist/cli.js"),
            command,
            args: [...options, ...args],
            // The project's own program is started where the project file says, by the command line.
            cwd: args.length === 0 ? folder.uri.fsPath : program.cwd,
            environment: args.length === 0 ? {} : program.environment,
            onProgress: (step) => progress.report({ message: progressText(step) }),
          };
          this.services.log.info(`${order.cwd}: ${JSON.stringify([command, ...order.args])}`);
          return await runCampaign(order, abort.signal);
        } finally {
          listening.dispose();
        }
      },
    );
  }

  private async isFree(): Promise<boolean> {
    if (!(await mayLock())) return false;
    if (!this.running && this.services.recordings.current === undefined) return true;
    await vscode.window.showInformationMessage(
      vscode.l10n.t("Something else is being run or traced: wait for its end."),
    );
    return false;
  }

  private async fail(sentence: string): Promise<void> {
    this.services.log.error(sentence);
    const show = vscode.l10n.t("Show Log");
    if ((await vscode.window.showErrorMessage(messageText(sentence), show)) === show) {
      await vscode.commands.executeCommand(CommandId.ShowLog);
    }
  }
}

function progressText(progress: CampaignProgress): string {
  switch (progress.kind) {
    case "warming-up":
      return vscode.l10n.t("warming up…");
    case "round":
      return vscode.l10n.t(
        "round {0}: {1} faults, {2} pages locked",
        progress.round,
        grouped(progress.faults),
        grouped(progress.locked),
      );
    case "leave-one-out":
      return vscode.l10n.t("leaving out one page after the other: {0} of {1}", progress.done, progress.of);
    case "interval":
      return vscode.l10n.t("interval {0} of {1}", progress.done, progress.of);
  }
}

const LONGEST_NAME = 60;
