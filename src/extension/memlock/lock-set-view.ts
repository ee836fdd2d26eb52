/** The view of what to lock: parts, bytes and why each page; a click leads to the source. */
import * as vscode from "vscode";
import { lockSetTree, type LockSetNode, type LockSetNodeKind } from "../../core/report/lock-set-tree.js";
import { sizeText } from "../../core/report/lock-set-words.js";
import { CommandId, ViewId } from "../ids.js";
import type { LockSetStore } from "./lock-set-store.js";

export function registerLockSetView(store: LockSetStore): vscode.Disposable {
  const changed = new vscode.EventEmitter<void>();
  const view = vscode.window.createTreeView<LockSetNode>(ViewId.LockSet, {
    showCollapseAll: true,
    treeDataProvider: {
      onDidChangeTreeData: changed.event,
      getTreeItem: lockSetItem,
      getChildren: (node) =>
        node === undefined ? store.current && [...lockSetTree(store.current, vscode.l10n.t)] : [...node.children],
    },
  });
  return vscode.Disposable.from(
    changed,
    view,
    store.onDidChange(() => {
      view.description = store.current === undefined ? "" : sizeText(store.current, vscode.l10n.t);
      changed.fire();
    }),
    vscode.commands.registerCommand(CommandId.CopyLockSetItem, async (node: unknown) => {
      const text = copyOf(node);
      if (text !== undefined) await vscode.env.clipboard.writeText(text);
    }),
  );
}

function lockSetItem(node: LockSetNode): vscode.TreeItem {
  const { None, Collapsed, Expanded } = vscode.TreeItemCollapsibleState;
  const state = node.children.length === 0 ? None : node.kind === "step" ? Expanded : Collapsed;
  const item = new vscode.TreeItem(node.label, state);
  item.id = node.id;
  item.description = node.description;
  item.tooltip = node.tooltip;
  item.iconPath = new vscode.ThemeIcon(ICONS[node.kind]);
  item.contextValue = [
    ...(node.source === undefined ? [] : ["source"]),
    ...(node.copy === undefined ? [] : ["copy"]),
    ...(node.symbol === undefined || node.source === undefined ? [] : ["placeable"]),
  ].join(" ");
  item.accessibilityInformation = { label: [node.label, node.description].filter((text) => text !== "").join(", ") };
  if (node.source !== undefined && node.children.length === 0) {
    item.command = { command: CommandId.RevealSource, title: vscode.l10n.t("Go to Source"), arguments: [node.source] };
  }
  return item;
}

/** Commands may be called by anyone, with anything. */
function copyOf(node: unknown): string | undefined {
  if (typeof node !== "object" || node === null || !("copy" in node)) return undefined;
  return typeof node.copy === "string" ? node.copy : undefined;
}

const ICONS: Readonly<Record<LockSetNodeKind, string>> = {
  good: "pass",
  bad: "error",
  part: "lock",
  object: "symbol-variable",
  neighbour: "symbol-field",
  site: "symbol-method",
  range: "symbol-ruler",
  step: "tasklist",
  place: "edit",
  round: "history",
  note: "info",
};
