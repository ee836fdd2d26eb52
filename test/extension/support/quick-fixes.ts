/** Quick fixes and refactorings of Faultline at a text of a document, chosen as a person does; and what came of them. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import * as vscode from "vscode";
import { CommandId } from "../../../src/extension/ids.js";
import { eventually } from "./extension.js";

/** Waits until it is offered, and does it. */
export async function act(document: vscode.TextDocument, text: string, title: string | RegExp): Promise<void> {
  // What was changed back on disk, VS Code may not have seen yet.
  const action = await eventually(`"${String(title)}" at ${text}`, async () => {
    const all = await actionsAt(document, text);
    return all.find((one) => (typeof title === "string" ? one.title === title : title.test(one.title)));
  });
  await run(action);
}

export async function run({ command }: vscode.CodeAction): Promise<void> {
  assert.ok(command !== undefined);
  await vscode.commands.executeCommand(command.command, ...((command.arguments ?? []) as unknown[]));
}

export async function titlesAt(document: vscode.TextDocument, text: string): Promise<readonly string[]> {
  return (await actionsAt(document, text)).map(({ title }) => title);
}

/** With the cursor on the text's last character. */
export async function actionsAt(document: vscode.TextDocument, text: string): Promise<readonly vscode.CodeAction[]> {
  const offset = document.getText().indexOf(text);
  assert.ok(offset >= 0, `no ${text}`);
  return actionsAtPosition(document, document.positionAt(offset + text.length - 1));
}

export async function actionsAtPosition(
  document: vscode.TextDocument,
  at: vscode.Position,
): Promise<readonly vscode.CodeAction[]> {
  const all = await vscode.commands.executeCommand<readonly vscode.CodeAction[]>(
    "vscode.executeCodeActionProvider",
    document.uri,
    new vscode.Range(at, at),
  );
  // What shows something and changes nothing is another matter.
  const changes = all.filter(({ command }) => command?.command !== String(CommandId.ShowPlacingStatement));
  return changes.filter(({ command }) => command?.command.startsWith("faultline.") === true);
}

export function diffOf(folder: string): string {
  return execFileSync("git", ["diff"], { cwd: folder, encoding: "utf8" });
}
