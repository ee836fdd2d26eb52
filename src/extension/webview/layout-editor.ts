/** The layout of any ELF file, as an editor of that file; it follows rebuilds. */
import { basename, dirname } from "node:path";
import * as vscode from "vscode";
import { labelText } from "../../core/report/label-text.js";
import {
  layoutMessage,
  type BinaryLayoutApi,
  type BinaryLayoutEvent,
  type ShownLayout,
} from "../../protocol/binary-layout.js";
import { memoryMapArguments } from "../../protocol/memory-map.js";
import { CommandId, CustomEditorId } from "../ids.js";
import type { Services } from "../services.js";
import { connect, sentenceOf } from "./connection.js";
import { fileDocument, localPath, type FileDocument } from "./file-document.js";
import { saveFile } from "./save-file.js";

export function registerLayoutEditor(services: Services): vscode.Disposable {
  const provider: vscode.CustomReadonlyEditorProvider<FileDocument> = {
    openCustomDocument: fileDocument,
    resolveCustomEditor: (document, panel) => {
      showLayout(services, document.uri, panel);
    },
  };
  return vscode.Disposable.from(
    vscode.window.registerCustomEditorProvider(CustomEditorId.BinaryLayout, provider),
    vscode.commands.registerCommand(CommandId.ShowBinaryLayout, async (argument: unknown) => {
      const uri = argument instanceof vscode.Uri ? argument : await chooseBinary(services);
      if (uri !== undefined) await vscode.commands.executeCommand("vscode.openWith", uri, CustomEditorId.BinaryLayout);
    }),
  );
}

function showLayout(services: Services, uri: vscode.Uri, panel: vscode.WebviewPanel): void {
  let reading = 0;
  /** Of several under way, the last one is shown. */
  const refresh = async () => {
    const mine = ++reading;
    const shown = await readLayout(services, uri);
    if (mine === reading) connection.tell({ type: "layoutChanged", shown });
  };
  const name = basename(uri.path);
  const connection = connect<BinaryLayoutApi, BinaryLayoutEvent>(
    services,
    panel.webview,
    { view: "layout", title: name },
    {
      ready: { decode: memoryMapArguments.none, run: () => void refresh() },
      save: { decode: memoryMapArguments.save, run: (format, content) => saveFile(name, format, content) },
    },
  );
  const following = follow(uri, () => void refresh());
  panel.onDidDispose(() => {
    following.dispose();
    connection.dispose();
  });
}

async function readLayout(services: Services, uri: vscode.Uri): Promise<ShownLayout> {
  try {
    return { kind: "layout", layout: layoutMessage(await services.analysis.layout(localPath(uri))) };
  } catch (error) {
    services.log.error(`The layout of ${uri.fsPath} cannot be shown: ${String(error)}`);
    return { kind: "problem", sentence: sentenceOf(error) };
  }
}

/** Calls `changed` when the file was written and has been left alone for a moment: linkers write in many steps. */
function follow(uri: vscode.Uri, changed: () => void): vscode.Disposable {
  if (uri.scheme !== "file") return new vscode.Disposable(() => undefined);
  const pattern = new vscode.RelativePattern(vscode.Uri.file(dirname(uri.fsPath)), basename(uri.fsPath));
  const watcher = vscode.workspace.createFileSystemWatcher(pattern);
  let waiting: NodeJS.Timeout | undefined;
  const later = () => {
    clearTimeout(waiting);
    waiting = setTimeout(changed, QUIET_MS);
  };
  return vscode.Disposable.from(watcher, watcher.onDidChange(later), watcher.onDidCreate(later), {
    dispose: () => {
      clearTimeout(waiting);
    },
  });
}

/** The programs and libraries of the trace that is shown, or any file. */
async function chooseBinary(services: Services): Promise<vscode.Uri | undefined> {
  const images = new Set(services.traces.current?.report.sections.map(({ image }) => image) ?? []);
  const known = [...images].filter((path) => path.startsWith("/")).slice(0, MOST_IMAGES);
  if (known.length > 0) {
    const browse = { label: vscode.l10n.t("Another file…"), path: undefined };
    const items = known.map((path) => ({
      label: labelText(basename(path)),
      description: labelText(dirname(path)),
      path,
    }));
    const chosen = await vscode.window.showQuickPick([...items, browse], {
      placeHolder: vscode.l10n.t("Which program or library?"),
      matchOnDescription: true,
    });
    if (chosen === undefined) return undefined;
    if (chosen.path !== undefined) return vscode.Uri.file(chosen.path);
  }
  const files = await vscode.window.showOpenDialog({ openLabel: vscode.l10n.t("Show Binary Layout") });
  return files?.[0];
}

const QUIET_MS = 400;
const MOST_IMAGES = 200;
