/** Way 2 of a placement: the linker script, generated or the user's own, and faultline.json, changed as one edit. */
import { join, relative } from "node:path";
import * as vscode from "vscode";
import { changeBetween } from "../../core/base/text-edit.js";
import { refusalSentence } from "../../core/ldscript/edit-refusal.js";
import { isSameName, type Placement } from "../../core/placement/placement.js";
import { scriptlessText } from "../../core/report/placement-text.js";
import type { Analysis } from "../analysis/analysis.js";
import { realFile } from "../editor/local-files.js";
import { searchedFolders } from "../ldscript/searched-folders.js";
import { applyChanges, documentOf, type ChangedFile } from "./changed-files.js";
import type { RefusedName, WantedName } from "./placement-order.js";
import type { ProjectDocument } from "./project-document.js";
import { withoutPlacements, withPlacements } from "./project-text.js";

export interface ScriptRequest {
  readonly analysis: Analysis;
  readonly program: string;
  readonly project: ProjectDocument;
  readonly wanted: readonly WantedName[];
  /** Taken out again. */
  readonly removed: readonly Placement[];
}

export type ScriptChange =
  | {
      readonly kind: "changed";
      readonly path: string;
      readonly refusals: readonly RefusedName[];
    }
  /** One sentence: the user's own script cannot be changed so. */
  | { readonly kind: "refused"; readonly reason: string }
  /** The linker takes no such script; `line` is what to run instead. */
  | { readonly kind: "scriptless"; readonly reason: string; readonly line: string }
  | { readonly kind: "project" }
  | { readonly kind: "rejected" };

export async function changeScript({
  analysis,
  program,
  project,
  wanted,
  removed,
}: ScriptRequest): Promise<ScriptChange> {
  const { lockedSections: sections, placements, sourceMap, linker, linkerScript } = project.project;
  const path = linkerScript ?? (await linkedScript(analysis, program, project.folder));
  const script = (await realFile(path)) === undefined ? undefined : (await documentOf(path)).getText();
  const result = await analysis.placement(program, {
    ...{ kind: "script", wanted, sections, sourceMap, removed, path, script, linker, folder: project.folder },
    placements: placements.filter(
      (placement) => placement.by === "script" && !removed.some((one) => isSameName(one, placement)),
    ),
  });
  const { answer } = result;
  if (answer.kind === "refused") return { kind: "refused", reason: refusalSentence(answer.refusal, vscode.l10n.t) };
  if (answer.kind === "scriptless") {
    const { linker: by, line } = answer;
    return {
      kind: "scriptless",
      reason: scriptlessText(relative(project.folder, program), by, line, vscode.l10n.t),
      line,
    };
  }
  if (result.placements.length === 0 && removed.length === 0)
    return { kind: "changed", path, refusals: result.refusals };
  const rest = withoutPlacements(project.text, removed);
  const after = withPlacements(rest, result.placements, sections);
  if (after === undefined) return { kind: "project" };
  const files: ChangedFile[] = [];
  const own = changeBetween(project.text, after);
  if (own !== undefined)
    files.push({ path: project.path, before: project.exists ? project.text : undefined, edits: [own] });
  const change = changeBetween(script ?? "", answer.text ?? "");
  if (change !== undefined) files.push({ path, before: script, edits: [change] });
  if (files.length > 0 && (await applyChanges(files)) === undefined) return { kind: "rejected" };
  return { kind: "changed", path, refusals: result.refusals };
}

/** One that was generated here before; else that of the user's own which the program is linked with; else a new one. */
async function linkedScript(analysis: Analysis, program: string, folder: string): Promise<string> {
  const generated = join(folder, DEFAULT_SCRIPT);
  if ((await realFile(generated)) !== undefined) return generated;
  const { path } = await analysis.link(program, { kind: "own-script", ...searchedFolders(folder) });
  return path ?? generated;
}

const DEFAULT_SCRIPT = "locked-sections.ld";
