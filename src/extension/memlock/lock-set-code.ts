/** The generated C file: on the clipboard, or as a new file beside the header it needs. */
import { dirname } from "node:path";
import * as vscode from "vscode";
import type { LockSet } from "../../core/memlock/lock-set.js";
import { generatedSource } from "../../core/report/generated-source.js";
import { CommandId } from "../ids.js";
import type { Services } from "../services.js";
import type { LockSetStore } from "./lock-set-store.js";

export function registerLockSetCode({ context }: Services, store: LockSetStore): vscode.Disposable {
  return vscode.Disposable.from(
    vscode.commands.registerCommand(CommandId.CopyLockSetCode, async () => {
      if (store.current === undefined) return;
      await vscode.env.clipboard.writeText(generatedSource(store.current));
      void vscode.window.showInformationMessage(vscode.l10n.t("Copied: a C file to be linked with the program."));
    }),
    vscode.commands.registerCommand(CommandId.InsertLockSetCode, async () => {
      if (store.current === undefined) return;
      const target = await vscode.window.showSaveDialog({
        defaultUri: vscode.Uri.joinPath(folderOf(store.current), FILE),
        filters: { C: ["c"], "C++": ["cpp", "cc"] },
        title: vscode.l10n.t("The file that locks it"),
      });
      if (target === undefined) return;
      await vscode.workspace.fs.writeFile(target, new TextEncoder().encode(generatedSource(store.current)));
      await addHeader(context, vscode.Uri.joinPath(target, "..", HEADER));
      await vscode.window.showTextDocument(target);
    }),
  );
}

/** One that is there already may be changed, or another version that the program was built with: it stays. */
async function addHeader({ extensionUri }: vscode.ExtensionContext, header: vscode.Uri): Promise<void> {
  const own = vscode.Uri.joinPath(extensionUri, "runtime", HEADER);
  try {
    await vscode.workspace.fs.copy(own, header, { overwrite: false });
  } catch (error) {
    if (!(error instanceof vscode.FileSystemError && error.code === "FileExists")) throw error;
  }
}

/** Where its sources are; else the workspace. */
function folderOf({ parts }: LockSet): vscode.Uri {
  const declared = parts
    .filter(({ own }) => own)
    .flatMap(({ objects }) => objects.flatMap(({ declaration }) => declaration?.file ?? []))
    .map((file) => vscode.Uri.file(dirname(file)))
    .find((folder) => vscode.workspace.getWorkspaceFolder(folder) !== undefined);
  return declared ?? vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.file("/");
}

const FILE = "locked.c";
const HEADER = "faultline.h";
