/** Inside the extension host of a real VS Code: from a quick fix to the edited file, from a linker's end to what holds. */
import { readFileSync, renameSync, copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import * as vscode from "vscode";
import { activated, eventually, show } from "../extension/support/extension.js";

/** All in milliseconds. */
export interface PlacementFigures {
  /** From running a quick fix to the changed document, each taken back before the next. */
  readonly quickFixes: readonly number[];
  /** From the renaming of a program, as linkers end, to what is told of its placements. */
  readonly verifications: readonly number[];
  readonly verified: number;
  readonly placements: number;
}

const ROUNDS = 7;

/** What VS Code calls. The workspace is the example with a program of another folder, "large", in it. */
export async function run(): Promise<void> {
  const folder = vscode.workspace.workspaceFolders![0]!.uri.fsPath;
  const { placement } = await activated();
  const quickFixes = await fixes(join(folder, "pointer.c"));
  const { verified } = placement;
  writeFileSync(join(folder, "faultline.json"), readFileSync(join(folder, "large/faultline.json")));
  const told = () => verified.current.flatMap(({ placements }) => placements);
  const isTold = () => told().length > 0 && told().every(({ verification }) => verification !== undefined);
  await eventually("the first verification", () => isTold() || undefined);
  const verifications: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    await sleep(2000);
    copyFileSync(join(folder, "large/program"), join(folder, "large/linking"));
    await sleep(1000);
    const ended = performance.now();
    renameSync(join(folder, "large/linking"), join(folder, "large/program"));
    await new Promise<void>((resolve) => {
      const heard = verified.onDidChange(() => {
        heard.dispose();
        resolve();
      });
    });
    verifications.push(performance.now() - ended);
  }
  const figures: PlacementFigures = {
    quickFixes,
    verifications,
    verified: told().filter(({ verification }) => verification?.mismatches.length === 0).length,
    placements: told().length,
  };
  writeFileSync(process.env["FAULTLINE_RESULTS"]!, JSON.stringify({ passed: 1, failures: [], figures }));
}

async function fixes(path: string): Promise<readonly number[]> {
  const document = await show(path);
  const times: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const place = await action(document, "Place rotate in Locked Section");
    const changed = new Promise<number>((resolve) => {
      const heard = vscode.workspace.onDidChangeTextDocument((event) => {
        if (event.document !== document || event.contentChanges.length === 0) return;
        heard.dispose();
        resolve(performance.now());
      });
    });
    const before = performance.now();
    const done = chosen(place);
    times.push((await changed) - before);
    await done;
    await chosen(await action(document, "Remove rotate from Its Locked Section"));
  }
  return times;
}

async function action(document: vscode.TextDocument, title: string): Promise<vscode.Command> {
  return eventually(title, async () => {
    const at = document.positionAt(document.getText().indexOf("return x + ((x"));
    const actions = await vscode.commands.executeCommand<readonly vscode.CodeAction[]>(
      "vscode.executeCodeActionProvider",
      document.uri,
      new vscode.Range(at, at),
    );
    return actions.find((one) => one.title === title)?.command;
  });
}

async function chosen({ command, arguments: given = [] }: vscode.Command): Promise<void> {
  await vscode.commands.executeCommand(command, ...(given as unknown[]));
}
