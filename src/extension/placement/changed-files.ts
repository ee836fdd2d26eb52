/** Several files changed by one edit, which is one step to undo; and changed back while they are still as it left them. */
import { realpath } from "node:fs/promises";
import { basename } from "node:path";
import * as vscode from "vscode";
import { changeBetween } from "../../core/base/text-edit.js";
import type { TextEdit } from "../../core/base/text-edit.js";

export interface ChangedFile {
  readonly path: string;
  /** What the edits count in; undefined: there is no such file yet. */
  readonly before: string | undefined;
  readonly edits: readonly TextEdit[];
}

export interface AppliedChange {
  /** Whether all of it is on disk. */
  readonly saved: boolean;
  /** Changes everything back, and saves it where it was saved; false: somebody has changed it since. */
  takeBack(): Promise<boolean>;
}

/** A file's text on both sides of a change. */
export interface AppliedText {
  readonly uri: vscode.Uri;
  readonly before: string;
  readonly after: string;
}

const applied = new vscode.EventEmitter<readonly AppliedText[]>();
/** Of each change, once it is applied. */
export const onDidApply = applied.event;

/** undefined: VS Code refused it. As a refactoring it is saved where the person wants such changes saved. */
export async function applyChanges(files: readonly ChangedFile[]): Promise<AppliedChange | undefined> {
  const edit = new vscode.WorkspaceEdit();
  const made = files.filter(({ before }) => before === undefined);
  for (const { path, edits } of made) {
    const contents = new TextEncoder().encode(edits.map(({ text }) => text).join(""));
    edit.createFile(vscode.Uri.file(path), { contents });
  }
  const documents: { readonly document: vscode.TextDocument; readonly before: string }[] = [];
  for (const { path, before, edits } of files) {
    if (before === undefined || edits.length === 0) continue;
    const document = await documentOf(path);
    documents.push({ document, before });
    for (const { offset, length, text } of edits) {
      const range = new vscode.Range(document.positionAt(offset), document.positionAt(offset + length));
      edit.replace(document.uri, range, text);
    }
  }
  if (!(await vscode.workspace.applyEdit(edit, { isRefactoring: true }))) return undefined;
  const after = documents.map(({ document, before }) => ({ document, before, text: document.getText() }));
  applied.fire(after.map(({ document: { uri }, before, text }) => ({ uri, before, after: text })));
  return {
    saved: documents.every(({ document }) => !document.isDirty),
    takeBack: async () => {
      if (after.some(({ document, text }) => document.getText() !== text)) return false;
      const back = new vscode.WorkspaceEdit();
      for (const { path } of made) back.deleteFile(vscode.Uri.file(path), { ignoreIfNotExists: true });
      const saved = after.filter(({ document }) => !document.isDirty);
      for (const { document, before, text } of after) {
        const change = changeBetween(text, before);
        if (change === undefined) continue;
        const { offset, length } = change;
        const range = new vscode.Range(document.positionAt(offset), document.positionAt(offset + length));
        back.replace(document.uri, range, change.text);
      }
      if (!(await vscode.workspace.applyEdit(back))) return false;
      for (const { document } of saved) await document.save();
      return true;
    },
  };
}

/** The document by the name it is open under, which may lead to the path through links. */
export async function documentOf(path: string): Promise<vscode.TextDocument> {
  const name = basename(path);
  for (const document of vscode.workspace.textDocuments) {
    const { scheme, fsPath } = document.uri;
    if (scheme !== "file" || document.isClosed) continue;
    if (fsPath === path) return document;
    if (basename(fsPath) === name && (await realpath(fsPath).catch(() => undefined)) === path) return document;
  }
  return vscode.workspace.openTextDocument(path);
}

/** Texts of what is being edited, by real path. */
export async function openTexts(): Promise<Readonly<Record<string, string>>> {
  const edited = vscode.workspace.textDocuments.filter(({ isDirty, uri }) => isDirty && uri.scheme === "file");
  const entries = await Promise.all(
    edited.map(async (document) => [await realpath(document.uri.fsPath).catch(() => ""), document.getText()] as const),
  );
  return Object.fromEntries(entries.filter(([path]) => path !== ""));
}
