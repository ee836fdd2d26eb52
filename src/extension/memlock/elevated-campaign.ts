/** `faultline lockset` or `prove` as root, in a terminal, where sudo can ask for a password: the answer comes in a file. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as vscode from "vscode";
import { terminalArgv } from "../run/recorder-command.js";
import { runInTerminal } from "../run/recorder-terminal.js";
import type { CampaignOrder, CampaignOutcome } from "./campaign-run.js";

/** @param name of the terminal. */
export async function runElevated(
  order: CampaignOrder,
  name: string,
  scope: vscode.WorkspaceFolder,
  stop: AbortSignal,
): Promise<CampaignOutcome> {
  // Ours alone, and so is what is written there: it is written with the rights of who called sudo.
  const folder = mkdtempSync(join(tmpdir(), "faultline-answer-"));
  try {
    const { argv, environment } = elevatedCommand(order, join(folder, ANSWER));
    const terminal = await runInTerminal({ name, argv, cwd: order.cwd, environment, scope });
    const cancel = (): void => terminal.terminate();
    stop.addEventListener("abort", cancel, { once: true });
    if (stop.aborted) cancel();
    const code = await terminal.ended;
    stop.removeEventListener("abort", cancel);
    const output = answerIn(folder);
    if (output !== undefined && (code === 0 || code === 1))
      return { kind: "done", output, yes: code === 0, limited: false };
    if (stop.aborted || code === undefined) return { kind: "cancelled" };
    return { kind: "failed", sentence: vscode.l10n.t("There is no answer: its terminal says why."), limited: false };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const ANSWER = "answer";

function elevatedCommand(
  { cli, command, args, environment }: CampaignOrder,
  answer: string,
): { readonly argv: readonly string[]; readonly environment: Readonly<Record<string, string>> } {
  const variables = Object.entries(environment);
  const unset = variables.flatMap(([name, value]) => (value === undefined ? [name] : []));
  const words = [command, "--save", answer, ...args];
  return {
    argv: terminalArgv({ runtime: process.execPath, cli, elevated: true, unset }, words),
    environment: Object.fromEntries(variables.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))),
  };
}

function answerIn(folder: string): string | undefined {
  try {
    return readFileSync(join(folder, ANSWER), "utf8");
  } catch {
    return undefined; // It was refused, or ended before its time.
  }
}
