/** The view of a running process's memory: what of it is locked, in memory, swapped; looked at anew while it is shown. */
import { readFile } from "node:fs/promises";
import * as vscode from "vscode";
import { lockedMemory, swapDevices } from "../../core/memlock/locked-memory.js";
import { lockedMemoryTree, type LockedMemoryNode } from "../../core/report/locked-memory-tree.js";
import { printable } from "../../core/report/printable.js";
import { ContextKey, ViewId } from "../ids.js";
import { parseStat, type ProcessItem } from "../run/process-list.js";

/** One process at a time. */
export class LockedMemoryView implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  private readonly view: vscode.TreeView<LockedMemoryNode>;
  private readonly timer: ReturnType<typeof setInterval>;
  private process: ProcessItem | undefined;
  private nodes: readonly LockedMemoryNode[] = [];
  private looking = false;

  constructor() {
    this.view = vscode.window.createTreeView<LockedMemoryNode>(ViewId.LockedMemory, {
      treeDataProvider: {
        onDidChangeTreeData: this.changed.event,
        getTreeItem: memoryItem,
        getChildren: (node) => [...(node === undefined ? this.nodes : node.children)],
      },
    });
    this.view.onDidChangeVisibility(() => void this.refresh());
    this.timer = setInterval(() => {
      if (this.view.visible) void this.refresh();
    }, INTERVAL_MS);
  }

  /** What is shown now. */
  get shown(): readonly LockedMemoryNode[] {
    return this.nodes;
  }

  async watch(process: ProcessItem): Promise<void> {
    this.process = process;
    setContext(true);
    await this.refresh();
    await vscode.commands.executeCommand(`${ViewId.LockedMemory}.focus`);
  }

  /** Looks at once; the next look is never begun before this one ended. */
  async refresh(): Promise<void> {
    const { process } = this;
    if (process === undefined || this.looking) return;
    this.looking = true;
    try {
      this.nodes = await look(process);
      this.view.description = `${printable(process.name, LONGEST_NAME)} (${process.pid})`;
      this.view.message = "";
    } catch (error) {
      // The last look stays, with why there is no other.
      this.view.message = error instanceof Gone ? error.message : notReadable(error);
      if (error instanceof Gone) this.process = undefined;
    } finally {
      this.looking = false;
    }
    this.changed.fire();
  }

  dispose(): void {
    clearInterval(this.timer);
    this.view.dispose();
    this.changed.dispose();
  }
}

class Gone extends Error {}

async function look({ pid, started }: ProcessItem): Promise<readonly LockedMemoryNode[]> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  // The number may be another's by now.
  if (stat === undefined || parseStat(stat).started !== started) {
    throw new Gone(vscode.l10n.t("The process has ended."));
  }
  const smaps = await readFile(`/proc/${pid}/smaps`, "utf8");
  const swaps = await readFile("/proc/swaps", "utf8").catch(() => "");
  return lockedMemoryTree(lockedMemory(smaps), swapDevices(swaps), vscode.l10n.t);
}

function notReadable(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
  return vscode.l10n.t("Its memory may not be looked at by this user ({0}).", code);
}

function memoryItem(node: LockedMemoryNode): vscode.TreeItem {
  const { None, Collapsed } = vscode.TreeItemCollapsibleState;
  const item = new vscode.TreeItem(node.label, node.children.length === 0 ? None : Collapsed);
  item.id = node.id;
  item.description = node.description;
  item.tooltip = node.tooltip;
  item.iconPath = new vscode.ThemeIcon(ICONS[node.kind]);
  item.accessibilityInformation = { label: `${node.label}, ${node.description}` };
  return item;
}

function setContext(value: boolean): void {
  void vscode.commands.executeCommand("setContext", ContextKey.WatchesMemory, value);
}

const ICONS: Readonly<Record<LockedMemoryNode["kind"], string>> = {
  sums: "dashboard",
  swap: "arrow-swap",
  locked: "lock",
  partly: "lock-small",
  unlocked: "unlock",
};
/** The kernel walks every page table for smaps: milliseconds for a small process, more for a large one. */
const INTERVAL_MS = 2000;
const LONGEST_NAME = 60;
