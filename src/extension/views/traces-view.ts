/** The library of traces: what was recorded in the workspace, newest first; kept up to date as traces come and go. */
import * as vscode from "vscode";
import { CommandId, ViewId } from "../ids.js";
import type { Services } from "../services.js";
import { registerTraceChanges } from "./trace-changes.js";
import { traceEntry, type TraceEntry } from "./trace-entry.js";
import { TRACES_FOLDER, tracesBelow } from "./trace-listing.js";
import { watchTraces } from "./traces-watch.js";

export function registerTracesView(services: Services): vscode.Disposable {
  const { traces, recordings } = services;
  const changed = new vscode.EventEmitter<void>();
  const refresh = debounced(() => changed.fire());
  let listed: TraceEntry[] = [];
  const view = vscode.window.createTreeView<TraceEntry>(ViewId.Traces, {
    canSelectMany: true,
    treeDataProvider: {
      onDidChangeTreeData: changed.event,
      getTreeItem: (entry) => traceItem(entry, traces.current?.path, recordings.current?.folder),
      getChildren: async (element) => (element === undefined ? (listed = await listTraces()) : undefined),
    },
  });
  // The view's own selection is empty while its rows are being read anew, which opening one by a click leads to.
  let selected: readonly string[] = [];
  let watchers = watchFolders(refresh.run);
  let recordingIn = recordings.current?.folder;
  return vscode.Disposable.from(
    changed,
    view,
    refresh,
    { dispose: () => watchers.dispose() },
    view.onDidChangeSelection(({ selection }) => (selected = selection.map(({ path }) => path))),
    // Watching starts a while after the folder was opened, and may miss what is made meanwhile.
    view.onDidChangeVisibility(refresh.run),
    traces.onDidChange(refresh.run),
    recordings.onDidChange(() => {
      if (recordings.current?.folder === recordingIn) return;
      recordingIn = recordings.current?.folder;
      refresh.run();
    }),
    vscode.workspace.onDidChangeWorkspaceFolders(() => {
      watchers.dispose();
      watchers = watchFolders(refresh.run);
      refresh.run();
    }),
    vscode.commands.registerCommand(CommandId.RefreshTraces, () => changed.fire()),
    registerTraceChanges(
      services,
      () => selected,
      () => listed,
      () => changed.fire(),
    ),
  );
}

async function listTraces(): Promise<TraceEntry[]> {
  const folders = vscode.workspace.workspaceFolders?.filter(({ uri }) => uri.scheme === "file") ?? [];
  const several = folders.length > 1;
  const facts = await Promise.all(folders.map(({ uri, name }) => tracesBelow(uri.fsPath, several ? name : undefined)));
  const format = new Intl.DateTimeFormat(vscode.env.language, { dateStyle: "medium", timeStyle: "short" });
  return facts
    .flat()
    .map((fact) => traceEntry(fact, (when) => format.format(when), vscode.l10n.t))
    .sort((a, b) => b.when - a.when);
}

function traceItem(entry: TraceEntry, shown: string | undefined, recorded: string | undefined): vscode.TreeItem {
  const item = new vscode.TreeItem(entry.label);
  const isRecorded = entry.path === recorded;
  const isShown = entry.path === shown;
  item.id = entry.path;
  item.description = entry.description;
  item.tooltip = entry.tooltip;
  item.iconPath = new vscode.ThemeIcon(isRecorded ? "record" : isShown ? "eye" : "history");
  // A trace that is being written is neither opened, renamed nor deleted.
  item.contextValue = isRecorded ? "recording" : "trace";
  const state = isRecorded ? vscode.l10n.t("is being recorded") : isShown ? vscode.l10n.t("is shown") : "";
  item.accessibilityInformation = {
    label: [entry.label, entry.description, state].filter((part) => part !== "").join(", "),
  };
  if (!isRecorded) {
    item.command = {
      command: CommandId.OpenTrace,
      title: vscode.l10n.t("Open Trace"),
      arguments: [vscode.Uri.file(entry.path)],
    };
  }
  return item;
}

/** Folders that come and go, and their run.json, which is replaced when a recording ends. */
function watchFolders(refresh: () => void): vscode.Disposable {
  const folders = (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === "file");
  const watched = folders.flatMap((folder) =>
    [`${TRACES_FOLDER}/*`, `${TRACES_FOLDER}/*/run.json`].map((glob) =>
      vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(folder, glob)),
    ),
  );
  for (const watcher of watched) {
    watcher.onDidCreate(refresh);
    watcher.onDidChange(refresh);
    watcher.onDidDelete(refresh);
  }
  return vscode.Disposable.from(...watched, ...folders.map(({ uri }) => watchTraces(uri.fsPath, refresh)));
}

function debounced(action: () => void): vscode.Disposable & { readonly run: () => void } {
  let pending: ReturnType<typeof setTimeout> | undefined;
  return {
    run: () => {
      clearTimeout(pending);
      pending = setTimeout(action, SETTLING_MS);
    },
    dispose: () => clearTimeout(pending),
  };
}

/** A new trace is several files: one look at all of them is enough. */
const SETTLING_MS = 200;
