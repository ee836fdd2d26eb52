/** Way 1 of a placement: the attribute in the source, the include and faultline.json, changed as one edit. */
import * as vscode from "vscode";
import { changeBetween } from "../../core/base/text-edit.js";
import { keptPlacement } from "../../host/kept-placement.js";
import type { Analysis } from "../analysis/analysis.js";
import { applyChanges, documentOf, openTexts, type AppliedChange, type ChangedFile } from "./changed-files.js";
import type { SourceOrder, SourceResult, WantedName } from "./placement-order.js";
import type { ProjectDocument } from "./project-document.js";
import { withoutPlacements, withPlacements } from "./project-text.js";

export interface SourceRequest {
  readonly analysis: Analysis;
  readonly program: string;
  readonly project: ProjectDocument;
  readonly action: SourceOrder["action"];
  readonly wanted: readonly WantedName[];
}

export type SourceChange =
  | { readonly kind: "changed"; readonly result: SourceResult; readonly change: AppliedChange | undefined }
  /** faultline.json is no JSON that could be changed. */
  | { readonly kind: "project" }
  | { readonly kind: "rejected" }
  /** The compiler refuses what was written, and it was taken back. */
  | { readonly kind: "not-compiled"; readonly result: SourceResult; readonly error: string };

/** Those that can be placed are; the others are in the result's refusals. Rejects with one sentence for a person. */
export async function changeSource(request: SourceRequest): Promise<SourceChange> {
  const first = await changed(request, false);
  if (first.kind !== "changed" || !(await mayCompile(first))) return first;
  const error = await errorAfter(request, first.result);
  if (error === undefined || !(await first.change?.takeBack())) return first;
  if (/\bfaultline\.h\b/.test(error)) {
    // The compiler does not find the header: the attribute needs none.
    const second = await changed(request, true);
    if (second.kind !== "changed" || !(await mayCompile(second))) return second;
    const again = await errorAfter(request, second.result);
    if (again === undefined || !(await second.change?.takeBack())) return second;
    return notCompiled(request, second.result, again, true);
  }
  return notCompiled(request, first.result, error, false);
}

/** What did not compile before either is no fault of the placement. */
async function notCompiled(
  request: SourceRequest,
  result: SourceResult,
  error: string,
  spelledOut: boolean,
): Promise<SourceChange> {
  if ((await errorAfter(request, result)) === undefined) return { kind: "not-compiled", result, error };
  return changed(request, spelledOut);
}

/** A compiler is run only where the workspace is trusted, and on what is on disk. */
async function mayCompile({ change, result }: Extract<SourceChange, { kind: "changed" }>): Promise<boolean> {
  return Promise.resolve(vscode.workspace.isTrusted && change?.saved === true && result.files.length > 0);
}

async function errorAfter({ analysis, program, project }: SourceRequest, result: SourceResult) {
  const units = result.files.flatMap((file) => file.units);
  const { error } = await analysis.placement(program, { kind: "compile", units, folders: [project.folder] });
  return error;
}

async function changed(request: SourceRequest, spelledOut: boolean): Promise<SourceChange> {
  const { project, action } = request;
  const result = await planned(request, spelledOut);
  const placements = result.placements.map((placement) => keptPlacement(placement, project.folder));
  const after =
    action === "place"
      ? withPlacements(project.text, placements, project.project.lockedSections)
      : withoutPlacements(
          project.text,
          placements.flatMap((one) => spellings(one.symbol).map((symbol) => ({ ...one, symbol }))),
        );
  if (after === undefined) return { kind: "project" };
  const files: ChangedFile[] = result.files.map(({ path, before, edits }) => ({ path, before, edits }));
  const own = changeBetween(project.text, after);
  if (own !== undefined) {
    files.push({ path: project.path, before: project.exists ? project.text : undefined, edits: [own] });
  }
  if (files.length === 0) return { kind: "changed", result, change: undefined };
  const change = await applyChanges(files);
  return change === undefined ? { kind: "rejected" } : { kind: "changed", result, change };
}

/** Asked again where a file is not to the editor what it is on disk: line ends, a byte order mark. */
async function planned(request: SourceRequest, spelledOut: boolean): Promise<SourceResult> {
  const { analysis, program, project, action, wanted } = request;
  const { lockedSections: sections, sourceMap } = project.project;
  const workspace = (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath);
  const texts = await openTexts();
  const order: SourceOrder = {
    ...{ kind: "source", action, wanted, sections, sourceMap, spelledOut },
    folders: [project.folder, ...workspace, ...Object.values(sourceMap)],
    openTexts: texts,
    kept: action === "remove" ? project.project.placements.map(({ symbol }) => symbol) : [],
  };
  const result = await analysis.placement(program, order);
  const strange = await Promise.all(
    result.files.map(async ({ path, before }) => {
      const text = (await documentOf(path)).getText();
      return text === before ? [] : ([[path, text]] as const);
    }),
  );
  const others = Object.fromEntries(strange.flat());
  if (Object.keys(others).length === 0) return result;
  return analysis.placement(program, { ...order, openTexts: { ...texts, ...others } });
}

/** People write names of C++ without their parameters. */
function spellings(symbol: string): readonly string[] {
  return [symbol, symbol.replace(/\(.*$/s, "")];
}
