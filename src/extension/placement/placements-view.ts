/** The view of placements, whether each came true and why not, and the same as problems at what was tagged. */
import { basename, relative } from "node:path";
import * as vscode from "vscode";
import { mismatchText } from "../../core/report/placement-text.js";
import { printable } from "../../core/report/printable.js";
import { bytes, grouped } from "../../core/report/quantities.js";
import { CommandId, ViewId } from "../ids.js";
import type { VerifiedPlacement, VerifiedPlacements, VerifiedProject } from "./verified-placements.js";

/** What menus of the view pass to commands. */
interface PlacementElement extends VerifiedPlacement {
  readonly symbol: string;
  readonly kind: "function" | "variable";
  readonly image: string | undefined;
  readonly near: string;
  readonly project: VerifiedProject;
}

export function registerPlacementsView(store: VerifiedPlacements): vscode.Disposable {
  const changed = new vscode.EventEmitter<void>();
  const problems = vscode.languages.createDiagnosticCollection("faultline.placements");
  const view = vscode.window.createTreeView<PlacementElement>(ViewId.Placements, {
    canSelectMany: true,
    treeDataProvider: {
      onDidChangeTreeData: changed.event,
      getTreeItem: placementItem,
      getChildren: (element) => (element === undefined ? store.current.flatMap(elementsOf) : []),
    },
  });
  const show = (): void => {
    const all = store.current.flatMap(elementsOf);
    const verified = all.filter(isVerified).length;
    view.description =
      all.length === 0 ? "" : vscode.l10n.t("{0} of {1} verified", grouped(verified), grouped(all.length));
    const [reason] = store.current.flatMap(({ problem, program }) =>
      problem === undefined ? (program === undefined ? [notBuilt()] : []) : [printable(problem)],
    );
    view.message = reason ?? "";
    changed.fire();
    void showProblems(problems, all);
  };
  return vscode.Disposable.from(
    changed,
    problems,
    view,
    store.onDidChange(show),
    view.onDidChangeVisibility(({ visible }) => {
      if (visible) void store.refresh();
    }),
  );
}

function elementsOf(project: VerifiedProject): readonly PlacementElement[] {
  return project.placements.map((one) => ({
    ...one,
    symbol: one.placement.symbol,
    kind: one.placement.kind === "text" ? "function" : "variable",
    image: project.program,
    near: project.path,
    project,
  }));
}

function isVerified({ verification }: VerifiedPlacement): boolean {
  return verification?.mismatches.length === 0;
}

function placementItem(element: PlacementElement): vscode.TreeItem {
  const { placement, verification, unbuilt, source, project } = element;
  const item = new vscode.TreeItem(printable(placement.symbol, LONGEST_NAME));
  item.id = `${project.path}\0${placement.by}\0${placement.kind}\0${placement.symbol}`;
  const state = stateText(element);
  const section = printable(placement.section, LONGEST_NAME);
  item.description = [state, section, pagesText(element)].filter((text) => text !== "").join(" · ");
  item.tooltip = [
    printable(placement.symbol),
    vscode.l10n.t(
      placement.by === "source" ? "{0}, {1}, by the source" : "{0}, {1}, by the linker script",
      placement.kind,
      section,
    ),
    ...(verification?.placed ?? []).map(
      ({ name, address, size }) => `${printable(name, LONGEST_NAME)}  0x${address.toString(16)}  ${bytes(size)}`,
    ),
    ...reasons(element),
    ...(verification?.takesFileSpace === true
      ? [vscode.l10n.t("Its zeroes take room in the file: a linker script can give the section as NOLOAD.")]
      : []),
  ].join("\n");
  const [icon, color] = isVerified(element)
    ? ["pass", "testing.iconPassed"]
    : unbuilt
      ? ["circle-outline", undefined]
      : ["error", "testing.iconFailed"];
  item.iconPath = new vscode.ThemeIcon(icon, color === undefined ? undefined : new vscode.ThemeColor(color));
  item.contextValue = ["placement", ...(source === undefined ? [] : ["source"])].join(" ");
  item.accessibilityInformation = { label: [item.label, item.description].join(", ") };
  if (source !== undefined)
    item.command = { command: CommandId.RevealSource, title: vscode.l10n.t("Go to Source"), arguments: [source] };
  return item;
}

function stateText(element: PlacementElement): string {
  if (isVerified(element)) return vscode.l10n.t("verified");
  if (element.unbuilt) return vscode.l10n.t("not built yet");
  const [reason = ""] = reasons(element);
  return reason;
}

function pagesText({ verification }: VerifiedPlacement): string {
  const placed = verification?.placed ?? [];
  if (placed.length === 0) return "";
  const pages = placed.reduce((sum, one) => sum + one.pages, 0);
  const size = bytes(placed.reduce((sum, one) => sum + one.size, 0));
  return pages === 1 ? vscode.l10n.t("{0} on 1 page", size) : vscode.l10n.t("{0} on {1} pages", size, grouped(pages));
}

function reasons({ verification }: VerifiedPlacement): readonly string[] {
  return (verification?.mismatches ?? []).map((mismatch) => mismatchText(mismatch, vscode.l10n.t));
}

/** At the tag where it is known, else where faultline.json names it. What the next build may put right is no problem yet. */
async function showProblems(problems: vscode.DiagnosticCollection, all: readonly PlacementElement[]): Promise<void> {
  const found = new Map<string, vscode.Diagnostic[]>();
  for (const element of all) {
    if (element.unbuilt || element.verification === undefined) continue;
    const { source, project, placement, verification } = element;
    const file = source?.file ?? project.path;
    const range = source === undefined ? await nameIn(project.path, placement.symbol) : lineRange(source.line);
    for (const mismatch of verification.mismatches) {
      const where = project.program === undefined ? "" : relative(project.path, project.program);
      const text = `${printable(placement.symbol, LONGEST_NAME)} (${basename(where)}): ${mismatchText(mismatch, vscode.l10n.t)}`;
      const problem = new vscode.Diagnostic(range, text, vscode.DiagnosticSeverity.Warning);
      problem.source = "Faultline";
      problem.code = mismatch.code;
      found.set(file, [...(found.get(file) ?? []), problem]);
    }
  }
  problems.clear();
  for (const [file, list] of found) problems.set(vscode.Uri.file(file), list);
}

async function nameIn(path: string, symbol: string): Promise<vscode.Range> {
  const document = await vscode.workspace.openTextDocument(path);
  const quoted = JSON.stringify(symbol);
  const offset = Math.max(0, document.getText().indexOf(quoted));
  return new vscode.Range(document.positionAt(offset), document.positionAt(offset + quoted.length));
}

function lineRange(line: number): vscode.Range {
  return new vscode.Range(line - 1, 0, line - 1, LONGEST_LINE);
}

function notBuilt(): string {
  return vscode.l10n.t("Nothing is built yet: placements are verified in the linked program.");
}

const LONGEST_NAME = 80;
/** VS Code ends it where the line ends. */
const LONGEST_LINE = 10_000;
