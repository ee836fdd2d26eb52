/** "Trace Page Faults", of a program and of a running process: from the choice to the annotated editor. */
import { basename, resolve } from "node:path";
import * as vscode from "vscode";
import { messageText } from "../../core/report/message-text.js";
import { printable } from "../../core/report/printable.js";
import { CommandId } from "../ids.js";
import { folderToRunIn, mayRun } from "../permission.js";
import type { Services } from "../services.js";
import { chooseProgram } from "./choose-program.js";
import { confirmProgram } from "./confirm-program.js";
import type { Executable } from "./executable-index.js";
import { pickProcess } from "./process-picker.js";
import { prepare } from "./preparation.js";
import { fingerprint, type Program } from "./program.js";
import { showProgress } from "./progress.js";
import type { RecordingOrder, RecordingOutcome, RecordingSession } from "./recording-session.js";
import { forgetRefusal, tellRefusal } from "./refusal-message.js";
import { rememberedChoice, type RememberedChoice } from "./remembered-choice.js";
import { resolveChoice } from "./resolve-choice.js";

export class TraceCommands {
  private readonly remembered: RememberedChoice;
  /** To be run again, elevated. */
  private lastOrder: RecordingOrder | undefined;

  constructor(
    private readonly services: Services,
    private readonly session: RecordingSession,
    private readonly executablesIn: (folder: vscode.WorkspaceFolder) => Promise<readonly Executable[]>,
  ) {
    this.remembered = rememberedChoice(services.context.workspaceState);
  }

  /** Runs what the folder has chosen; asks where it has not. */
  async traceProgram(): Promise<void> {
    const folder = await this.folderToRunIn();
    if (folder === undefined) return;
    const known = this.remembered.choice(folder.uri.toString());
    this.services.analysis.prepare(); // While a person reads what is asked.
    if (known === undefined) return this.chooseAndTrace(folder);
    let program: Program | undefined;
    try {
      program = await resolveChoice(known, folder);
    } catch (error) {
      const again = vscode.l10n.t("Choose Program…");
      const answer = await vscode.window.showWarningMessage(messageText(sentenceOf(error)), again);
      return answer === again ? this.chooseAndTrace(folder) : undefined;
    }
    if (program !== undefined) await this.confirmAndTrace(program, folder);
  }

  /** Asks anew, and only remembers. */
  async choose(): Promise<void> {
    const folder = await this.folderToRunIn();
    if (folder === undefined) return;
    const choice = await chooseProgram(folder, () => this.executablesIn(folder));
    if (choice !== undefined) await this.remembered.choose(folder.uri.toString(), choice);
  }

  async traceProcess(): Promise<void> {
    if (!(await this.mayRun())) return;
    const chosen = await pickProcess();
    if (chosen === undefined) return;
    const name = printable(chosen.name, LONGEST_NAME);
    await this.trace({
      name: vscode.l10n.t("Trace: {0}", name),
      command: [name, `(${chosen.pid})`],
      target: { kind: "process", pid: chosen.pid },
      cwd: vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? this.services.context.globalStorageUri.fsPath,
      environment: {},
      elevated: false,
      scope: vscode.workspace.workspaceFolders?.[0],
    });
  }

  /** The recorder's refusal while the program runs all the same. */
  async tellGoingOn(refusal: Parameters<typeof tellRefusal>[0]): Promise<void> {
    if ((await tellRefusal(refusal, true)) !== "elevate") return;
    this.session.cancel();
    await this.whenIdle();
    await this.traceElevated();
  }

  /** Shows a trace; a failure is told once. */
  async open(path: string): Promise<void> {
    try {
      await this.services.traces.open(path);
    } catch (error) {
      await this.fail(sentenceOf(error));
    }
  }

  private async chooseAndTrace(folder: vscode.WorkspaceFolder): Promise<void> {
    const choice = await chooseProgram(folder, () => this.executablesIn(folder));
    if (choice === undefined) return;
    await this.remembered.choose(folder.uri.toString(), choice);
    try {
      const program = await resolveChoice(choice, folder);
      if (program !== undefined) await this.confirmAndTrace(program, folder);
    } catch (error) {
      await this.fail(sentenceOf(error));
    }
  }

  private async confirmAndTrace(program: Program, folder: vscode.WorkspaceFolder): Promise<void> {
    const key = folder.uri.toString();
    const shown = fingerprint(program);
    if (!this.remembered.isAllowed(key, shown)) {
      if (!(await confirmProgram(program, folder))) return;
      await this.remembered.allow(key, shown);
    }
    await this.trace({
      name: vscode.l10n.t("Trace: {0}", printable(basename(program.argv[0] ?? ""), LONGEST_NAME)),
      command: program.argv,
      target: { kind: "program", argv: program.argv },
      cwd: program.cwd,
      environment: program.environment,
      elevated: false,
      scope: folder,
      before: (signal) => prepare(program, folder, signal),
    });
  }

  private async trace(order: RecordingOrder): Promise<void> {
    if (this.session.current !== undefined) return this.tellBusy();
    this.lastOrder = order;
    this.services.analysis.prepare(programOf(order));
    const running = this.session.run(order);
    showProgress(order.name, this.session, running);
    let outcome: RecordingOutcome;
    try {
      outcome = await running;
    } catch (error) {
      return this.fail(sentenceOf(error));
    }
    await this.finish(outcome);
  }

  private async finish(outcome: RecordingOutcome): Promise<void> {
    switch (outcome.kind) {
      case "traced":
        await this.open(outcome.folder);
        if (this.services.traces.current?.report.counted === "faults") forgetRefusal();
        return;
      case "gone":
        if (outcome.folder !== undefined) return this.open(outcome.folder);
        return this.fail(vscode.l10n.t("The recorder ended before it recorded anything: its terminal says why."));
      case "refused":
        if ((await tellRefusal(outcome.refusal, false)) === "elevate") await this.traceElevated();
        return;
      case "failed":
        return this.fail(outcome.sentence);
      case "cancelled":
        return;
    }
  }

  private async traceElevated(): Promise<void> {
    if (this.lastOrder === undefined || !(await this.mayRun())) return;
    const { before: _, ...order } = this.lastOrder;
    await this.trace({ ...order, elevated: true });
  }

  private async folderToRunIn(): Promise<vscode.WorkspaceFolder | undefined> {
    if (!(await this.mayRun())) return undefined;
    return folderToRunIn(vscode.l10n.t("Open the folder of the program you want to trace first."));
  }

  /** Running needs trust, and Linux, and that nothing is recorded already. */
  private async mayRun(): Promise<boolean> {
    if (this.session.current !== undefined) {
      await this.tellBusy();
      return false;
    }
    return mayRun({
      notLinux: vscode.l10n.t(
        "Page faults can be traced on Linux only: open the folder in WSL, in a container or over SSH.",
      ),
      notTrusted: vscode.l10n.t("Tracing runs programs of this folder: trust the workspace first."),
    });
  }

  private async tellBusy(): Promise<void> {
    const stop = vscode.l10n.t("Stop It");
    const sentence = vscode.l10n.t("Something is being traced already.");
    if ((await vscode.window.showInformationMessage(sentence, stop)) === stop) this.session.stop();
  }

  private async fail(sentence: string): Promise<void> {
    this.services.log.error(sentence);
    const show = vscode.l10n.t("Show Log");
    if ((await vscode.window.showErrorMessage(messageText(sentence), show)) === show) {
      await vscode.commands.executeCommand(CommandId.ShowLog);
    }
  }

  private whenIdle(): Promise<void> {
    if (this.session.current === undefined) return Promise.resolve();
    return new Promise((resolve) => {
      const listener = this.session.onDidChange(() => {
        if (this.session.current !== undefined) return;
        listener.dispose();
        resolve();
      });
    });
  }
}

/** Its path, where it is not for PATH to find. */
function programOf({ target, cwd }: RecordingOrder): string | undefined {
  const program = target.kind === "program" ? target.argv[0] : undefined;
  return program?.includes("/") === true ? resolve(cwd, program) : undefined;
}

const LONGEST_NAME = 60;

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
