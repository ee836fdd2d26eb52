/** "Place with Everything It Reaches": what would be placed is shown with its bytes and pages, and what is chosen is placed. */
import * as vscode from "vscode";
import { SECTION_KINDS } from "../../core/placement/locked-sections.js";
import { printable } from "../../core/report/printable.js";
import { bytes, grouped } from "../../core/report/quantities.js";
import type { ReachedName, ReachResult, WantedName } from "./placement-order.js";

/** undefined: the person took it back, or there is nothing to choose. */
export async function chooseReached(
  names: readonly string[],
  result: ReachResult,
  isLocked: (section: string) => boolean,
): Promise<readonly WantedName[] | undefined> {
  const own = result.objects.filter(({ wanted }) => isInWorkspace(wanted));
  const open = own.filter(({ section }) => !isLocked(section));
  const name = printable(names.join(", "), LONGEST_NAME);
  if (open.length === 0) {
    const sentence =
      own.length === 0
        ? vscode.l10n.t(
            "{0} is not in the program as a function: it was inlined, or the program is to be built first.",
            name,
          )
        : vscode.l10n.t("Everything that {0} reaches in the program's own source is in locked sections already.", name);
    await vscode.window.showInformationMessage(sentence);
    return undefined;
  }
  const items = open.map((reached) => ({
    label: printable(reached.wanted.name, LONGEST_NAME),
    description: `${reached.section} · ${bytes(reached.size)}`,
    picked: true,
    reached,
  }));
  const chosen = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t("Place {0} with what it reaches: {1}", name, costText(open, result.pageSize)),
    placeHolder: placeHolder(own.length - open.length, result),
    canPickMany: true,
    matchOnDescription: true,
  });
  return chosen === undefined || chosen.length === 0 ? undefined : chosen.map(({ reached }) => reached.wanted);
}

/** Of each kind one section, of whole pages. */
function costText(objects: readonly ReachedName[], pageSize: number): string {
  const sizes = SECTION_KINDS.map((kind) => objects.reduce((sum, one) => sum + (one.kind === kind ? one.size : 0), 0));
  const pages = sizes.reduce((sum, size) => sum + Math.ceil(size / pageSize), 0);
  const size = bytes(sizes.reduce((sum, one) => sum + one, 0));
  return pages === 1 ? vscode.l10n.t("{0} on 1 page", size) : vscode.l10n.t("{0} on {1} pages", size, grouped(pages));
}

function placeHolder(locked: number, { unknownCalls }: ReachResult): string {
  return [
    ...(locked === 0 ? [] : [vscode.l10n.t("{0} are in locked sections already", grouped(locked))]),
    ...(unknownCalls === 0 ? [] : [vscode.l10n.t("{0} calls through pointers may reach more", grouped(unknownCalls))]),
  ].join(" · ");
}

function isInWorkspace({ at }: WantedName): boolean {
  return at !== undefined && vscode.workspace.getWorkspaceFolder(vscode.Uri.file(at.file)) !== undefined;
}

const LONGEST_NAME = 60;
