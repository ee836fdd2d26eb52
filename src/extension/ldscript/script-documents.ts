/** Linker scripts that are open: each version of a text is read once, for all that is shown of it. */
import { dirname } from "node:path";
import * as vscode from "vscode";
import { dialectOf, NEWEST } from "../../core/ldscript/dialect.js";
import { diagnose } from "../../core/ldscript/diagnoses/diagnose.js";
import type { ScriptFacts } from "../../core/ldscript/diagnoses/subject.js";
import { namesOf, type ScriptName } from "../../core/ldscript/language/names.js";
import { openScript, type OpenedScript, type Surroundings } from "../../core/ldscript/opened-script.js";
import type { Problem } from "../../core/ldscript/problems.js";
import { DEFAULT_LOCKED_SECTIONS } from "../../core/placement/locked-sections.js";
import { includeReader } from "../../host/ldscript-file.js";
import { findProject, type Project } from "../../host/project-file.js";

/** Longer ones are shown without colours and problems: nobody wrote them. */
const MOST_CHARACTERS = 4 << 20;

export interface ScriptDocument {
  readonly opened: OpenedScript;
  readonly surroundings: Surroundings;
  readonly facts: ScriptFacts;
  readonly project: Project | undefined;
  names(): readonly ScriptName[];
  problems(): readonly Problem[];
}

export class ScriptDocuments {
  private readonly read = new WeakMap<vscode.TextDocument, { version: number; script: ScriptDocument }>();

  /** Undefined of a text too large to be a script. */
  of(document: vscode.TextDocument): ScriptDocument | undefined {
    const known = this.read.get(document);
    if (known?.version === document.version) return known.script;
    const text = document.getText();
    if (text.length > MOST_CHARACTERS) return undefined;
    const script = scriptOf(document, text);
    this.read.set(document, { version: document.version, script });
    return script;
  }

  /** What is beside the document changed: an included file, the project file. */
  forget(document: vscode.TextDocument): void {
    this.read.delete(document);
  }
}

function scriptOf({ uri }: vscode.TextDocument, text: string): ScriptDocument {
  const folder = uri.scheme === "file" ? dirname(uri.fsPath) : undefined;
  const root = vscode.workspace.getWorkspaceFolder(uri)?.uri.fsPath;
  const project = folder === undefined ? undefined : findProject(folder)?.project;
  const dialect = dialectOf(project?.linker ?? "") ?? NEWEST.gnu;
  const folders = [folder, root].filter((path) => path !== undefined);
  const surroundings: Surroundings = {
    dialect,
    readInclude: folder === undefined ? undefined : includeReader(folders),
    defaultScript: undefined,
  };
  const facts: ScriptFacts = {
    dialect,
    inputs: undefined,
    lockedSections: Object.values(project?.lockedSections ?? DEFAULT_LOCKED_SECTIONS),
    dropsUnreferenced: false,
  };
  const opened = openScript(text, surroundings);
  let names: readonly ScriptName[] | undefined;
  let problems: readonly Problem[] | undefined;
  return {
    opened,
    surroundings,
    facts,
    project,
    names: () => (names ??= namesOf(opened.tree)),
    problems: () => (problems ??= diagnose(opened, facts)),
  };
}

/** A span of the text as the editor counts. */
export function rangeOf(document: vscode.TextDocument, start: number, end: number): vscode.Range {
  return new vscode.Range(document.positionAt(start), document.positionAt(end));
}
