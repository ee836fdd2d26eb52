/** Linker scripts that are open: each version of a text is read once, for all that is shown of it, and after an edit only in part. */
import { dirname } from "node:path";
import * as vscode from "vscode";
import { dialectOf, NEWEST, type Dialect } from "../../core/ldscript/dialect.js";
import type { ScriptFacts } from "../../core/ldscript/diagnoses/subject.js";
import { EditedScript } from "../../core/ldscript/edited-script.js";
import { namesOf, type ScriptName } from "../../core/ldscript/language/names.js";
import type { OpenedScript, Surroundings } from "../../core/ldscript/opened-script.js";
import type { Problem } from "../../core/ldscript/problems.js";
import { DEFAULT_LOCKED_SECTIONS } from "../../core/placement/locked-sections.js";
import { includeReader } from "../../host/ldscript-file.js";
import { findProject, type Project } from "../../host/project-file.js";

/** Longer ones are shown without colours and problems: nobody wrote them. */
const MOST_CHARACTERS = 4 << 20;

/** To be asked for again after waiting: what it says of one version of the text is used up by the next. */
export interface ScriptDocument {
  readonly opened: OpenedScript;
  readonly surroundings: Surroundings;
  readonly facts: ScriptFacts;
  readonly project: Project | undefined;
  names(): readonly ScriptName[];
  problems(): readonly Problem[];
}

export class ScriptDocuments {
  private readonly read = new WeakMap<vscode.TextDocument, ReadDocument>();

  /** Undefined of a text too large to be a script. */
  of(document: vscode.TextDocument): ScriptDocument | undefined {
    const known = this.read.get(document);
    if (known?.version === document.version) return known.script;
    const text = document.getText();
    if (text.length > MOST_CHARACTERS) return undefined;
    const facts = factsOf(document);
    const isKnown = known?.edited.dialect.name === facts.dialect.name;
    const edited = isKnown && known.edited.dialect.version === facts.dialect.version ? known.edited : undefined;
    const read = readDocument(document.version, text, facts, edited ?? new EditedScript(facts.dialect));
    this.read.set(document, read);
    return read.script;
  }

  /** What is beside the document changed: an included file, the project file. */
  forget(document: vscode.TextDocument): void {
    const known = this.read.get(document);
    if (known !== undefined) this.read.set(document, { ...known, version: undefined });
  }
}

interface ReadDocument {
  /** Undefined where it is to be read again whatever its version. */
  readonly version: number | undefined;
  readonly edited: EditedScript;
  readonly script: ScriptDocument;
}

/** What is beside a script's text. */
type DocumentFacts = Pick<ScriptDocument, "surroundings" | "facts" | "project"> & { readonly dialect: Dialect };

function factsOf({ uri }: vscode.TextDocument): DocumentFacts {
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
  return { dialect, surroundings, facts, project };
}

function readDocument(version: number, text: string, known: DocumentFacts, edited: EditedScript): ReadDocument {
  const { surroundings, facts, project } = known;
  const opened = edited.open(text, surroundings);
  let names: readonly ScriptName[] | undefined;
  let problems: readonly Problem[] | undefined;
  const script: ScriptDocument = {
    opened,
    surroundings,
    facts,
    project,
    names: () => (names ??= namesOf(opened.tree)),
    problems: () => (problems ??= edited.diagnose(opened, facts)),
  };
  return { version, edited, script };
}

/** A span of the text as the editor counts. */
export function rangeOf(document: vscode.TextDocument, start: number, end: number): vscode.Range {
  return new vscode.Range(document.positionAt(start), document.positionAt(end));
}
