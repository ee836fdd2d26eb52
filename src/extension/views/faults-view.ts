/** The view of faults: grouped, sorted and filtered as the person likes, with what may be missing above all. */
import * as vscode from "vscode";
import {
  FAULT_GROUPINGS,
  FAULT_ORDERS,
  faultTree,
  groupingsOf,
  type FaultGrouping,
  type FaultOrder,
} from "../../core/report/fault-tree.js";
import { grouped } from "../../core/report/quantities.js";
import { traceWords, verdict } from "../../core/report/trace-summary.js";
import { CommandId, ViewId } from "../ids.js";
import type { Services } from "../services.js";
import { faultElement, faultItem, type FaultElement } from "./fault-item.js";
import { askFilter, pick } from "./questions.js";

export function registerFaultsView({ context, traces }: Services): vscode.Disposable {
  const memory = context.workspaceState;
  let grouping = FAULT_GROUPINGS.find((known) => known === memory.get(GROUPING)) ?? "function";
  let order = FAULT_ORDERS.find((known) => known === memory.get(ORDER)) ?? "faults";
  let filter = "";

  const changed = new vscode.EventEmitter<void>();
  const view = vscode.window.createTreeView<FaultElement>(ViewId.Faults, {
    showCollapseAll: true,
    treeDataProvider: {
      onDidChangeTreeData: changed.event,
      getTreeItem: faultItem,
      getChildren: (element) => {
        const report = traces.current?.report;
        if (element !== undefined) return element.children?.().map(faultElement);
        return report && faultTree(report, { grouping, order, filter }, vscode.l10n.t).map(faultElement);
      },
    },
  });

  const show = () => {
    const report = traces.current?.report;
    const available = report === undefined ? FAULT_GROUPINGS : groupingsOf(report);
    const shown = available.includes(grouping) ? grouping : available[0]!;
    const filtered = filter === "" ? "" : vscode.l10n.t("filter: {0}", filter);
    view.description =
      report === undefined ? "" : [groupingName(shown), filtered].filter((part) => part !== "").join(" · ");
    view.message =
      report === undefined
        ? ""
        : `${traceWords(report, vscode.l10n.t)}. ${verdict(report.completeness, vscode.l10n.t)}`;
    const lost = report?.completeness.lost ?? 0;
    view.badge =
      lost === 0 ? undefined : { value: lost, tooltip: vscode.l10n.t("{0} records were lost", grouped(lost)) };
    changed.fire();
  };
  show();

  return vscode.Disposable.from(
    changed,
    view,
    traces.onDidChange(show),
    vscode.commands.registerCommand(CommandId.GroupFaults, async () => {
      const report = traces.current?.report;
      const choices = report === undefined ? FAULT_GROUPINGS : groupingsOf(report);
      const chosen = await pick(vscode.l10n.t("Group faults by"), choices, grouping, groupingName);
      if (chosen === undefined) return;
      grouping = chosen;
      await memory.update(GROUPING, chosen);
      show();
    }),
    vscode.commands.registerCommand(CommandId.SortFaults, async () => {
      const chosen = await pick(vscode.l10n.t("Sort faults by"), FAULT_ORDERS, order, orderName);
      if (chosen === undefined) return;
      order = chosen;
      await memory.update(ORDER, chosen);
      show();
    }),
    vscode.commands.registerCommand(CommandId.FilterFaults, () =>
      askFilter(filter, (wanted) => {
        filter = wanted;
        show();
      }),
    ),
  );
}

function groupingName(grouping: FaultGrouping): string {
  switch (grouping) {
    case "function":
      return vscode.l10n.t("by function");
    case "object":
      return vscode.l10n.t("by memory object");
    case "region":
      return vscode.l10n.t("by region");
    case "thread":
      return vscode.l10n.t("by thread");
    case "page":
      return vscode.l10n.t("by page");
  }
}

function orderName(order: FaultOrder): string {
  switch (order) {
    case "faults":
      return vscode.l10n.t("most faults first");
    case "time":
      return vscode.l10n.t("longest time first");
    case "name":
      return vscode.l10n.t("by name");
  }
}

const GROUPING = "faults.grouping";
const ORDER = "faults.order";
