/**
 * One undo for all files of a change, for as long as the window is open: VS Code forgets that a file was changed in the same
 * step once nobody has it open any more, and then undoes the others alone.
 */
import * as vscode from "vscode";
import { changeBetween } from "../../core/base/text-edit.js";
import { onDidApply, type AppliedText } from "./changed-files.js";

export class JointUndo implements vscode.Disposable {
  private readonly changes: (readonly AppliedText[])[] = [];
  private readonly subscriptions: vscode.Disposable[];
  private readonly timers = new Set<NodeJS.Timeout>();

  constructor() {
    this.subscriptions = [
      onDidApply((texts) => {
        if (texts.length > 1 && this.changes.push(texts) > MOST_CHANGES) this.changes.shift();
      }),
      vscode.workspace.onDidChangeTextDocument(({ document, reason }) => {
        if (reason !== undefined && this.changes.length > 0) this.later(document, reason);
      }),
    ];
  }

  dispose(): void {
    for (const timer of this.timers) clearTimeout(timer);
    vscode.Disposable.from(...this.subscriptions).dispose();
  }

  /** What VS Code undoes itself is told one file after the other. */
  private later(document: vscode.TextDocument, reason: vscode.TextDocumentChangeReason): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      void this.follow(document, reason === vscode.TextDocumentChangeReason.Undo);
    }, TOLD_MS);
    this.timers.add(timer);
  }

  private async follow(document: vscode.TextDocument, isUndo: boolean): Promise<void> {
    const [from, to] = isUndo ? (["after", "before"] as const) : (["before", "after"] as const);
    const text = document.getText();
    const path = document.uri.toString();
    const change = this.changes.findLast((texts) =>
      texts.some((one) => one.uri.toString() === path && one[to] === text),
    );
    const edit = new vscode.WorkspaceEdit();
    for (const one of change ?? []) {
      if (one.uri.toString() === path) continue;
      const other = await vscode.workspace.openTextDocument(one.uri);
      const difference = other.getText() === one[from] ? changeBetween(one[from], one[to]) : undefined;
      if (difference === undefined) continue;
      const { offset, length, text: inserted } = difference;
      edit.replace(one.uri, new vscode.Range(other.positionAt(offset), other.positionAt(offset + length)), inserted);
    }
    if (edit.size > 0) await vscode.workspace.applyEdit(edit);
  }
}

const TOLD_MS = 300;
const MOST_CHANGES = 100;
