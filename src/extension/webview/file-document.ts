/** A file that is only looked at: VS Code wants a document for it, we want its path. */
import * as vscode from "vscode";

export type FileDocument = vscode.CustomDocument;

export function fileDocument(uri: vscode.Uri): FileDocument {
  return { uri, dispose: () => undefined };
}

/** Throws a sentence for a person where the file is not on this machine's disks. */
export function localPath(uri: vscode.Uri): string {
  if (uri.scheme === "file") return uri.fsPath;
  throw new Error(
    vscode.l10n.t("Only files on disk can be read, and this one comes from “{0}”: save a copy first.", uri.scheme),
  );
}
