/** Quick fixes on what took faults, and refactorings on the function or global that the cursor is in. */
import { realpath } from "node:fs/promises";
import { dirname } from "node:path";
import * as vscode from "vscode";
import { printable } from "../../core/report/printable.js";
import type { LineRow } from "../../core/report/report.js";
import { findProject, type Project } from "../../host/project-file.js";
import { imagesOf } from "../editor/local-files.js";
import { CommandId } from "../ids.js";
import { isSameName, LANGUAGES, wantedAt, type PlacementTarget } from "./placement-target.js";

/** @param rowsAt what took faults on a line (0-based) of a document. */
export function registerQuickFixes(
  rowsAt: (document: vscode.TextDocument, line: number) => readonly LineRow[],
): vscode.Disposable {
  const selector = [...LANGUAGES.keys()].map((language) => ({ language, scheme: "file" }));
  return vscode.languages.registerCodeActionsProvider(
    selector,
    {
      async provideCodeActions(document, range, { only }) {
        const rows = rowsAt(document, range.start.line);
        const kind = rows.length > 0 ? vscode.CodeActionKind.QuickFix : vscode.CodeActionKind.RefactorRewrite;
        if (only?.contains(kind) === false) return [];
        const file = await realpath(document.uri.fsPath).catch(() => undefined);
        if (file === undefined) return [];
        const project = findProject(dirname(file))?.project;
        const here = wantedAt(document, range.start, file);
        const targets = [
          ...(here === undefined ? [] : [{ wanted: [here], image: imagesOf(rows)[0], near: file }]),
          ...touched(rows, file),
        ];
        return targets.flatMap((target) => actionsFor(target, project, kind));
      },
    },
    { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix, vscode.CodeActionKind.RefactorRewrite] },
  );
}

/** Globals and functions of the program that were touched from the line, as far as their place is known. */
function touched(rows: readonly LineRow[], near: string): readonly PlacementTarget[] {
  const targets = new Map<string, PlacementTarget>();
  for (const { name, kind, image, declaration } of rows.flatMap(({ objects }) => objects)) {
    const isSymbol = kind === "variable" || kind === "function";
    if (!isSymbol || declaration === undefined || targets.size >= MOST_TOUCHED) continue;
    if (vscode.workspace.getWorkspaceFolder(vscode.Uri.file(declaration.file)) === undefined) continue;
    const at = { file: declaration.file, line: declaration.line };
    targets.set(name, { wanted: [{ name, kind, at }], image, near });
  }
  return [...targets.values()];
}

function actionsFor(
  target: PlacementTarget,
  project: Project | undefined,
  kind: vscode.CodeActionKind,
): readonly vscode.CodeAction[] {
  const [wanted] = target.wanted;
  if (wanted === undefined) return [];
  const name = printable(wanted.name, LONGEST_NAME);
  const action = (title: string, command: CommandId): vscode.CodeAction => {
    const made = new vscode.CodeAction(title, kind);
    made.command = { command, title, arguments: [target] };
    return made;
  };
  const placed = project?.placements.some(({ symbol }) => isSameName(symbol, wanted.name)) === true;
  const critical = project?.critical.some((symbol) => isSameName(symbol, wanted.name)) === true;
  return [
    placed
      ? action(vscode.l10n.t("Remove {0} from Its Locked Section", name), CommandId.RemovePlacement)
      : action(vscode.l10n.t("Place {0} in Locked Section", name), CommandId.Place),
    ...(placed
      ? []
      : [action(vscode.l10n.t("Place {0} in Locked Section by Linker Script", name), CommandId.PlaceByScript)]),
    ...(wanted.kind === "function"
      ? [action(vscode.l10n.t("Place {0} with Everything It Reaches…", name), CommandId.PlaceWithReach)]
      : []),
    ...(wanted.kind === "function" && !critical
      ? [action(vscode.l10n.t("Mark {0} as Critical", name), CommandId.MarkCritical)]
      : []),
  ];
}

const LONGEST_NAME = 60;
/** A line's menu is for reading. */
const MOST_TOUCHED = 8;
