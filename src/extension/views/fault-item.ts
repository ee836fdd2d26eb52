/** A node of the tree of faults as VS Code shows it. */
import * as vscode from "vscode";
import type { FaultNode, FaultNodeKind } from "../../core/report/fault-tree.js";
import { cut } from "../../protocol/memory-map.js";
import { ColorId, CommandId, type MapTarget, type SourceTarget } from "../ids.js";

/** What menus of the view pass to commands: a node that is a source target and a map target as well, as far as it has them. */
export type FaultElement = FaultNode & Partial<SourceTarget> & MapTarget;

export function faultElement(node: FaultNode): FaultElement {
  return { ...node, ...node.source, ...mapTarget(node) };
}

export function faultItem(node: FaultNode): vscode.TreeItem {
  const { None, Collapsed } = vscode.TreeItemCollapsibleState;
  const item = new vscode.TreeItem(node.label, node.children === undefined ? None : Collapsed);
  item.id = node.id;
  item.description = node.description;
  item.tooltip = node.tooltip;
  item.iconPath = icon(node);
  item.contextValue = [
    ...(node.source === undefined ? [] : ["source"]),
    ...(node.map === undefined ? [] : ["map"]),
    ...(node.source === undefined || node.map?.object === undefined ? [] : ["placeable"]),
  ].join(" ");
  item.accessibilityInformation = { label: [node.label, node.spoken].filter((part) => part !== "").join(", ") };
  const command = clicked(node);
  if (command !== undefined) item.command = command;
  return item;
}

function icon({ kind, heat }: FaultNode): vscode.ThemeIcon {
  const color = heat === undefined ? undefined : ColorId.Heat[heat];
  return new vscode.ThemeIcon(ICONS[kind], color === undefined ? undefined : new vscode.ThemeColor(color));
}

function clicked({ source, map }: FaultNode): vscode.Command | undefined {
  if (source !== undefined) {
    return { command: CommandId.RevealSource, title: vscode.l10n.t("Go to Source"), arguments: [source] };
  }
  if (map === undefined) return undefined;
  const target = mapTarget({ map });
  return { command: CommandId.RevealOnMap, title: vscode.l10n.t("Show on Memory Map"), arguments: [target] };
}

/** Names can be a megabyte long, and every row carries its target: they are cut as the map cuts them. */
function mapTarget({ map }: Pick<FaultNode, "map">): MapTarget {
  return Object.fromEntries(
    Object.entries(map ?? {}).map(([field, value]: [string, unknown]) => [
      field,
      typeof value === "string" ? cut(value) : value,
    ]),
  );
}

const ICONS: Readonly<Record<FaultNodeKind, string>> = {
  function: "symbol-method",
  line: "symbol-key",
  object: "symbol-variable",
  region: "symbol-namespace",
  section: "symbol-array",
  process: "server-process",
  thread: "list-tree",
  page: "symbol-field",
  incomplete: "warning",
  note: "info",
  more: "ellipsis",
};
