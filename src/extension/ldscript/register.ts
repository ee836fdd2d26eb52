/** The language of linker scripts: problems, colours, outline, names, hovers and completion. */
import * as vscode from "vscode";
import type { Services } from "../services.js";
import { registerColours } from "./colours.js";
import { registerCompletion } from "./completion.js";
import { registerScriptHover } from "./hover.js";
import { LinkedSections } from "./linked-sections.js";
import { registerFixes } from "./fixes.js";
import { registerNames } from "./names.js";
import { registerProblems } from "./problems.js";
import { ScriptDocuments } from "./script-documents.js";
import { registerSectionLens } from "./section-lens.js";
import { registerStructure } from "./structure.js";

export function registerLinkerScripts({ analysis }: Services): vscode.Disposable {
  const scripts = new ScriptDocuments();
  const linked = new LinkedSections(analysis);
  return vscode.Disposable.from(
    registerProblems(scripts),
    registerFixes(scripts),
    registerStructure(scripts),
    registerNames(scripts),
    registerColours(scripts),
    registerScriptHover(scripts, linked),
    registerCompletion(scripts),
    registerSectionLens(scripts, linked),
  );
}
