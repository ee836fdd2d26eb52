/** "Show What Places This Symbol": from a function or global in a source to the statement of the linker script. */
import { basename } from "node:path";
import * as vscode from "vscode";
import { messageText } from "../../core/report/message-text.js";
import { printable } from "../../core/report/printable.js";
import { bytes } from "../../core/report/quantities.js";
import { staleText, whereRefusal, type PlacedReport, type WhereReport } from "../../core/report/script-search-text.js";
import type { StatementPlace } from "../../core/ldscript/search/placed-by.js";
import type { Analysis } from "../analysis/analysis.js";
import { placedProgram } from "../placement/placed-program.js";
import { placementTarget } from "../placement/placement-target.js";
import { projectDocument } from "../placement/project-document.js";
import type { TraceStore } from "../traces/trace-store.js";
import type { BuiltInScripts } from "./built-in-script.js";
import type { WhereResult } from "./script-order.js";
import { searchedFolders } from "./searched-folders.js";

export interface PlacingParts {
  readonly analysis: Analysis;
  readonly traces: TraceStore;
  readonly builtIn: BuiltInScripts;
  readonly marks: PlacingMarks;
}

export async function showPlacingStatement(parts: PlacingParts, argument: unknown): Promise<void> {
  const target = await placementTarget(argument, undefined);
  const [wanted] = target?.wanted ?? [];
  if (target === undefined || wanted === undefined)
    return tell(vscode.l10n.t("Put the cursor into a function or a global of C, C++ or Rust."));
  const project = await projectDocument(target.near);
  const program = project && (await placedProgram(project, target.near, target.image, parts.traces));
  if (program === undefined)
    return tell(vscode.l10n.t("Build the program first: what was linked tells what places it."));
  const result = await parts.analysis.link(program, {
    ...{ kind: "where", wanted, sourceMap: project!.project.sourceMap },
    ...searchedFolders(target.near),
  });
  const refusal = whereRefusal(result.report, vscode.l10n.t, basename);
  if (refusal !== undefined) return tell(refusal);
  const placed = await chosen(result.report.placed);
  if (placed !== undefined) await show(parts, result, placed);
}

/** Statics of one name may come in several objects. */
async function chosen(placed: readonly PlacedReport[]): Promise<PlacedReport | undefined> {
  const [only, ...others] = placed;
  if (others.length === 0) return only;
  const items = placed.map((one) => ({ label: printable(one.file), description: printable(one.section), one }));
  const title = vscode.l10n.t("Several objects have it: which one?");
  return (await vscode.window.showQuickPick(items, { title }))?.one;
}

async function show(parts: PlacingParts, { report, builtIn }: WhereResult, placed: PlacedReport): Promise<void> {
  const { statement, shadowed } = placed;
  const symbol = printable(report.symbol);
  const name = `${printable(placed.file)}(${printable(placed.section)})`;
  if (statement === undefined)
    return tell(
      vscode.l10n.t(
        "{0}: in {1}, which no statement names: the linker puts it into {2}.",
        symbol,
        name,
        printable(placed.output),
      ),
    );
  const open = (place: StatementPlace): Promise<vscode.TextDocument> => documentOf(parts, report, builtIn, place);
  const document = await open(statement);
  const editor = await vscode.window.showTextDocument(document);
  const size = placed.size === undefined ? "" : `, ${bytes(placed.size)}`;
  const mark = vscode.l10n.t("places {0}: {1}{2}", symbol, name, size);
  const marks = [{ line: statement.line, text: mark }];
  const same = shadowed.filter(({ path }) => path === statement.path);
  for (const { line } of same)
    if (!marks.some((each) => each.line === line)) marks.push({ line, text: vscode.l10n.t("would take it, too") });
  parts.marks.show(editor, marks);
  const start = new vscode.Position(statement.line - 1, statement.column - 1);
  editor.selection = new vscode.Selection(start, endOfPattern(document, start));
  editor.revealRange(editor.selection, vscode.TextEditorRevealType.InCenter);
  const stale = staleText(placed, vscode.l10n.t)?.trim();
  if (stale !== undefined) await vscode.window.showWarningMessage(messageText(stale));
}

async function documentOf(
  { builtIn }: PlacingParts,
  { script, program }: WhereReport,
  own: WhereResult["builtIn"],
  { path }: StatementPlace,
): Promise<vscode.TextDocument> {
  const file = path ?? script!.path;
  return own?.path === file
    ? builtIn.open(own.path, own.text, program)
    : vscode.workspace.openTextDocument(vscode.Uri.file(file));
}

function endOfPattern(document: vscode.TextDocument, start: vscode.Position): vscode.Position {
  const rest = document.lineAt(start.line).text.slice(start.character);
  const length = /^"[^"]*"|^[^\s()]+/.exec(rest)?.[0].length ?? 0;
  return new vscode.Position(start.line, start.character + length);
}

/** Text behind the statements that a question was about, until the script is changed or asked about again. */
export class PlacingMarks implements vscode.Disposable {
  private readonly type = vscode.window.createTextEditorDecorationType({
    isWholeLine: true,
    backgroundColor: new vscode.ThemeColor("editor.rangeHighlightBackground"),
    after: { margin: "0 0 0 2em", color: new vscode.ThemeColor("editorCodeLens.foreground") },
  });
  private shown: { readonly document: vscode.TextDocument; readonly options: vscode.DecorationOptions[] } | undefined;
  private readonly parts = vscode.Disposable.from(
    this.type,
    vscode.workspace.onDidChangeTextDocument(({ document }) => {
      if (document === this.shown?.document) this.clear();
    }),
    vscode.window.onDidChangeVisibleTextEditors(() => this.draw()),
  );

  /** Lines from 1. */
  show({ document }: vscode.TextEditor, marks: readonly { readonly line: number; readonly text: string }[]): void {
    this.clear();
    const options = marks.map(({ line, text }) => ({
      range: document.lineAt(line - 1).range,
      renderOptions: { after: { contentText: printable(text, LONGEST_MARK) } },
    }));
    this.shown = { document, options };
    this.draw();
  }

  dispose(): void {
    this.parts.dispose();
  }

  private clear(): void {
    this.shown = undefined;
    this.draw();
  }

  private draw(): void {
    for (const editor of vscode.window.visibleTextEditors)
      editor.setDecorations(this.type, editor.document === this.shown?.document ? this.shown.options : []);
  }
}

async function tell(sentence: string): Promise<void> {
  await vscode.window.showInformationMessage(messageText(sentence));
}

const LONGEST_MARK = 160;
