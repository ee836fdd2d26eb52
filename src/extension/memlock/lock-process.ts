/** "Lock a Running Process…": which one, how, and only after it was said what that does. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import * as vscode from "vscode";
import { decodeForecast, type LockForecast } from "../../core/memlock/lock-forecast.js";
import { lockWarningText } from "../../core/report/lock-text.js";
import { messageText } from "../../core/report/message-text.js";
import { printable } from "../../core/report/printable.js";
import { bytes } from "../../core/report/quantities.js";
import { shellWords } from "../../core/report/remedies.js";
import { pickProcess } from "../run/process-picker.js";
import type { ProcessItem } from "../run/process-list.js";
import type { Services } from "../services.js";
import type { LockSetStore } from "./lock-set-store.js";
import type { LockedMemoryView } from "./locked-memory-view.js";
import { mayLock } from "./locking-permission.js";

interface Way extends vscode.QuickPickItem {
  /** Options of `faultline lock`. */
  readonly args: readonly string[];
  /** What the confirmation says of it. */
  readonly effect: string;
}

export class LockProcess {
  constructor(
    private readonly services: Services,
    private readonly sets: LockSetStore,
    private readonly view: LockedMemoryView,
  ) {}

  async lock(): Promise<void> {
    if (!(await mayLock())) return;
    const process = await pickProcess();
    if (process === undefined) return;
    const way = await vscode.window.showQuickPick(this.ways(), {
      title: vscode.l10n.t("What of {0} to lock", printable(process.name, LONGEST_NAME)),
      matchOnDetail: true,
    });
    if (way === undefined) return;
    // What it would do, and what may go wrong: nothing is done yet.
    const told = await this.call(["--pid", String(process.pid), ...way.args, "--dry-run", "--json"]);
    const forecast = decodeForecast(told.output);
    if (forecast === undefined) return void vscode.window.showErrorMessage(messageText(sentenceOf(told)));
    if (await confirms(process, way, forecast)) await this.run(process, way);
  }

  /** Only looks. */
  async watch(): Promise<void> {
    const process = await pickProcess();
    if (process !== undefined) await this.view.watch(process);
  }

  private ways(): readonly Way[] {
    const kept = this.sets.current?.tracePath;
    return [
      ...(kept === undefined
        ? []
        : [
            {
              label: vscode.l10n.t("The lock set that is shown"),
              detail: vscode.l10n.t("The pages of the same files; stacks and heap of another process lie elsewhere."),
              args: ["--set", join(kept, "lockset.json")],
              effect: vscode.l10n.t("The pages of the lock set are brought into memory and stay there."),
            },
          ]),
      {
        label: vscode.l10n.t("Its locked sections"),
        detail: vscode.l10n.t("What its source or linker script placed in locked sections."),
        args: ["--sections"],
        effect: vscode.l10n.t("Its locked sections are brought into memory and stay there."),
      },
      {
        label: vscode.l10n.t("Everything it has mapped"),
        detail: "mlockall(MCL_CURRENT)",
        args: ["--all", "current"],
        effect: vscode.l10n.t("All of its memory is brought in and stays there."),
      },
      {
        label: vscode.l10n.t("Everything it has, and will have, mapped"),
        detail: "mlockall(MCL_CURRENT | MCL_FUTURE)",
        args: ["--all", "current,future"],
        effect: vscode.l10n.t(
          "All of its memory is brought in and stays there, and so is what it maps later: beyond its limit its allocations fail.",
        ),
      },
      {
        label: vscode.l10n.t("Everything, each page when it is touched"),
        detail: "mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT)",
        args: ["--all", "current,future,on-fault"],
        effect: vscode.l10n.t(
          "Every page stays in memory once it was touched, now and later: beyond its limit its allocations fail.",
        ),
      },
      {
        label: vscode.l10n.t("Undo what was locked this way"),
        args: ["--undo"],
        effect: vscode.l10n.t("What Faultline locked in it is unlocked again; what it locked itself stays."),
      },
    ];
  }

  private async run(process: ProcessItem, way: Way): Promise<void> {
    const location = vscode.ProgressLocation.Notification;
    const title = messageText(vscode.l10n.t("Locking memory of {0}", printable(process.name, LONGEST_NAME)));
    const answer = await vscode.window.withProgress({ location, title }, () =>
      this.call(["--pid", String(process.pid), ...way.args, "--yes"]),
    );
    await this.view.watch(process);
    const sentence = messageText(sentenceOf(answer));
    if (answer.code === 0) void vscode.window.showInformationMessage(sentence);
    else void vscode.window.showErrorMessage(sentence);
  }

  private call(args: readonly string[]): Promise<LockAnswer> {
    this.services.log.info(JSON.stringify(["lock", ...args]));
    return runLock(this.services.context.asAbsolutePath("dist/cli.js"), ["lock", ...args]);
  }
}

interface LockAnswer {
  readonly code: number | undefined;
  readonly output: string;
  /** What the command line said, harmless for a message. */
  readonly sentences: readonly string[];
}

function sentenceOf({ sentences }: LockAnswer): string {
  return sentences.at(-1) ?? vscode.l10n.t("The command line's answer could not be read.");
}

/** Names the process and the effect; nothing in a name can pass for another line. */
async function confirms(process: ProcessItem, way: Way, forecast: LockForecast): Promise<boolean> {
  const button = way.args[0] === "--undo" ? vscode.l10n.t("Unlock") : vscode.l10n.t("Lock");
  const name = printable(process.name, LONGEST_NAME);
  const question = vscode.l10n.t("{0}: {1} ({2})?", way.label, name, process.pid);
  const detail = [
    printable(shellWords(process.command), LONGEST_COMMAND),
    "",
    way.effect,
    `${printable(forecast.what)}: ${bytes(forecast.bytes)}`,
    ...forecast.missing.map((phrase) => vscode.l10n.t("{0}: not locked.", printable(phrase))),
    ...forecast.warnings.map((warning) => lockWarningText(warning, vscode.l10n.t)),
    vscode.l10n.t("The process is stopped for a moment; the calls are made inside of it. Nobody else is affected."),
  ].join("\n");
  return (await vscode.window.showWarningMessage(question, { modal: true, detail }, button)) === button;
}

async function runLock(cli: string, args: readonly string[]): Promise<LockAnswer> {
  const child = spawn(process.execPath, [cli, ...args], {
    env: { ...process.env, ELECTRON_RUN_AS_NODE: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
  const code = await new Promise<number | undefined>((resolve) => {
    child.once("error", () => resolve(undefined));
    child.once("close", (status: number | null) => resolve(status ?? undefined));
  });
  const sentences = said.split("\n").flatMap((line) => {
    const sentence = line.replace(/^faultline: /, "").trim();
    return sentence === "" ? [] : [printable(sentence)];
  });
  return { code, output, sentences };
}

const LONGEST_NAME = 60;
const LONGEST_COMMAND = 500;
