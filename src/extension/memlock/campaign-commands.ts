/** "Find What to Lock" and "Prove Fault-Free": from the choice of a program to the answer in a view. */
import { basename } from "node:path";
import * as vscode from "vscode";
import { parsedJson } from "../../core/base/json-fields.js";
import { decodeLockSet } from "../../core/memlock/decode-lock-set.js";
import { verdictSentence } from "../../core/report/lock-set-text.js";
import { messageText } from "../../core/report/message-text.js";
import { printable } from "../../core/report/printable.js";
import { grouped } from "../../core/report/quantities.js";
import { CommandId, ViewId } from "../ids.js";
import { prepare } from "../run/preparation.js";
import { folderToRunIn } from "../permission.js";
import { hasSudo } from "../run/sudo.js";
import type { Services } from "../services.js";
import { campaignProgram, type CampaignProgram } from "./campaign-program.js";
import { runCampaign, type CampaignOrder, type CampaignOutcome } from "./campaign-run.js";
import { runElevated } from "./elevated-campaign.js";
import type { LockSetStore } from "./lock-set-store.js";
import { mayLock } from "./locking-permission.js";
import type { ProofDocuments } from "./proof-documents.js";

export class CampaignCommands {
  /** One at a time: two would take each other's pages away. */
  private running = false;

  constructor(
    private readonly services: Services,
    private readonly store: LockSetStore,
    private readonly proofs: ProofDocuments,
  ) {}

  findWhatToLock(): Promise<void> {
    return this.campaign({
      command: "lockset",
      title: vscode.l10n.t("Finding what to lock"),
      options: ["--json"],
      finish: async ({ output }, elevate) => {
        const set = decodeLockSet(parsedJson(output));
        if (set === undefined) return this.fail(vscode.l10n.t("The command line's answer could not be read."), []);
        this.store.show(set);
        const show = vscode.l10n.t("Show");
        const sentence = messageText(verdictSentence(set, vscode.l10n.t));
        const good = set.verdict === "irreducible" || set.verdict === "sufficient";
        const told = good
          ? vscode.window.showInformationMessage(sentence, show, ...elevate)
          : vscode.window.showWarningMessage(sentence, show, ...elevate);
        void vscode.commands.executeCommand(`${ViewId.LockSet}.focus`);
        const answer = await told;
        if (answer === show) await vscode.commands.executeCommand(`${ViewId.LockSet}.focus`);
        return answer;
      },
    });
  }

  proveFaultFree(): Promise<void> {
    return this.campaign({
      command: "prove",
      title: vscode.l10n.t("Proving fault-free"),
      options: [],
      finish: async ({ output, yes }, elevate) => {
        await this.proofs.show(vscode.l10n.t("Proof"), output);
        // The headline names the program; the verdict follows it.
        const sentence = messageText(output.split("\n")[1] ?? "");
        return yes
          ? vscode.window.showInformationMessage(sentence, ...elevate)
          : vscode.window.showWarningMessage(sentence, ...elevate);
      },
    });
  }

  private async campaign(kind: CampaignKind): Promise<void> {
    if (!(await this.isFree())) return;
    const folder = await folderToRunIn(vscode.l10n.t("Open the folder of the program first."));
    if (folder === undefined) return;
    this.running = true;
    let answer: string | undefined;
    let chosen: CampaignProgram | undefined;
    try {
      chosen = await campaignProgram(folder, this.services.context.workspaceState);
      if (chosen === undefined) return;
      const outcome = await this.run(kind, chosen, false);
      // The message stays for as long as nobody answers it: others may be begun meanwhile.
      this.running = false;
      answer = await this.finish(kind, outcome);
    } catch (error) {
      await this.fail(sentenceOf(error), []);
    } finally {
      this.running = false;
    }
    if (chosen !== undefined && answer === runElevatedLabel()) await this.elevated(kind, chosen);
  }

  /** Once more, with only the command line as root: the program was confirmed, and is built. */
  private async elevated(kind: CampaignKind, chosen: CampaignProgram): Promise<void> {
    if (!(await this.isFree())) return;
    this.running = true;
    try {
      const outcome = await this.run(kind, chosen, true);
      this.running = false;
      await this.finish(kind, outcome);
    } catch (error) {
      await this.fail(sentenceOf(error), []);
    } finally {
      this.running = false;
    }
  }

  /** The label of the button that was pressed. */
  private async finish(kind: CampaignKind, outcome: CampaignOutcome): Promise<string | undefined> {
    if (outcome.kind === "cancelled") return undefined;
    const elevate = outcome.limited && process.getuid?.() !== 0 && hasSudo() ? [runElevatedLabel()] : [];
    return outcome.kind === "done" ? kind.finish(outcome, elevate) : this.fail(outcome.sentence, elevate);
  }

  private async run(
    { command, title, options }: CampaignKind,
    { program, folder, args }: CampaignProgram,
    elevated: boolean,
  ): Promise<CampaignOutcome> {
    const name = messageText(`${title}: ${printable(basename(program.argv[0] ?? ""), LONGEST_NAME)}`);
    return vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title: name, cancellable: true },
      async (progress, token): Promise<CampaignOutcome> => {
        const abort = new AbortController();
        const listening = token.onCancellationRequested(() => abort.abort());
        try {
          progress.report({ message: vscode.l10n.t("starting…") });
          if (!elevated && !(await prepare(program, folder, abort.signal))) return { kind: "cancelled" };
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
          if (!elevated) return await runCampaign(order, abort.signal);
          progress.report({ message: vscode.l10n.t("in its terminal") });
          return await runElevated(order, name, folder, abort.signal);
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

  private async fail(sentence: string, elevate: readonly string[]): Promise<string | undefined> {
    this.services.log.error(sentence);
    const show = vscode.l10n.t("Show Log");
    const answer = await vscode.window.showErrorMessage(messageText(sentence), ...elevate, show);
    if (answer === show) await vscode.commands.executeCommand(CommandId.ShowLog);
    return answer;
  }
}

interface CampaignKind {
  readonly command: CampaignOrder["command"];
  readonly title: string;
  readonly options: readonly string[];
  /** Shows the answer, with these buttons too; resolves with the label of the one that was pressed. */
  readonly finish: (
    outcome: CampaignOutcome & { readonly kind: "done" },
    elevate: readonly string[],
  ) => Promise<string | undefined> | Thenable<string | undefined>;
}

function runElevatedLabel(): string {
  return vscode.l10n.t("Run Elevated");
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function progressText(progress: Parameters<CampaignOrder["onProgress"]>[0]): string {
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
