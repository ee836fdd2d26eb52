/** The language of linker scripts: problems, colours, outline, names, hovers and completion; what places a symbol. */
import * as vscode from "vscode";
import type { Analysis } from "../analysis/analysis.js";
import type { Services } from "../services.js";
import { BuiltInScripts } from "./built-in-script.js";
import { registerColours } from "./colours.js";
import { registerCompletion } from "./completion.js";
import { registerScriptHover } from "./hover.js";
import { LinkedSections } from "./linked-sections.js";
import { registerFixes } from "./fixes.js";
import { registerNames } from "./names.js";
import { PlacingMarks, showPlacingStatement } from "./placing-statement.js";
import { registerProblems } from "./problems.js";
import { ScriptDocuments } from "./script-documents.js";
import { registerSectionLens } from "./section-lens.js";
import { registerStructure } from "./structure.js";

export interface LinkerScriptPart extends vscode.Disposable {
  /** The command's argument: of a code action, or nothing, which means the cursor. */
  showPlacingStatement(argument: unknown): Promise<void>;
}

export function registerLinkerScripts({ analysis, newAnalysis, traces }: Services): LinkerScriptPart {
  let slow: Analysis | undefined;
  // Objects are read for this: nobody who opens a trace waits behind it.
  const links = (): Analysis => (slow ??= newAnalysis());
  const scripts = new ScriptDocuments();
  const linked = new LinkedSections(analysis, links);
  const builtIn = new BuiltInScripts();
  const marks = new PlacingMarks();
  const parts = vscode.Disposable.from(
    builtIn,
    marks,
    { dispose: () => slow?.dispose() },
    vscode.workspace.onDidSaveTextDocument(() => vscode.workspace.textDocuments.forEach((each) => linked.forget(each))),
    registerProblems(scripts),
    registerFixes(scripts),
    registerStructure(scripts),
    registerNames(scripts),
    registerColours(scripts),
    registerScriptHover(scripts, linked),
    registerCompletion(scripts),
    registerSectionLens(scripts, linked),
  );
  return {
    showPlacingStatement: (argument) => showPlacingStatement({ analysis: links(), traces, builtIn, marks }, argument),
    dispose: () => parts.dispose(),
  };
}
