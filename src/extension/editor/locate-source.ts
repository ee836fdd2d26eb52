/** Where sources are that were compiled elsewhere: a person shows one file, and faultline.json remembers for all of them. */
import { basename, dirname, isAbsolute, join, relative } from "node:path";
import * as vscode from "vscode";
import { commonEnd, recordedPath, sourceMapping } from "../../core/report/located-source.js";
import { printable } from "../../core/report/printable.js";
import { grouped } from "../../core/report/quantities.js";
import { findProject, PROJECT_FILE } from "../../host/project-file.js";
import { CommandId } from "../ids.js";
import type { Services } from "../services.js";
import type { AnnotatedDocuments } from "./annotated-documents.js";
import { sourceMapEdit } from "./project-edit.js";
import { sourceTarget } from "./source-target.js";

export function registerLocateSource({ traces }: Services, documents: AnnotatedDocuments): vscode.Disposable {
  let known: string | undefined;
  return vscode.Disposable.from(
    documents.onDidResolve(({ files, missing }) => {
      const path = traces.current?.path;
      // A trace that grows is resolved again and again, and this is asked once.
      if (path === known) return;
      known = path;
      if (files.size === 0 && missing.length > 0) void offerToLocate(missing.length);
    }),
    vscode.commands.registerCommand(CommandId.LocateSource, async (argument: unknown) => {
      const trace = traces.current;
      if (trace === undefined) return;
      const file = fileOf(argument) ?? (await chooseMissing(documents));
      if (file === undefined) return;
      const located = await locate(file);
      if (located === undefined) return;
      if (await remember(trace.path, file, located)) await traces.open(trace.path);
    }),
  );
}

/** Nothing of the trace could be shown: that must not look like a program without faults. */
async function offerToLocate(count: number): Promise<void> {
  const locate = vscode.l10n.t("Locate…");
  const message =
    count === 1
      ? vscode.l10n.t("The source of the lines that took faults is not here: the program was built elsewhere.")
      : vscode.l10n.t("None of the {0} sources that took faults is here: the program was built elsewhere.", count);
  const answer = await vscode.window.showWarningMessage(message, locate);
  if (answer === locate) await vscode.commands.executeCommand(CommandId.LocateSource);
}

/** RevealSource and the tree of faults name a file; from the palette there is none. */
function fileOf(argument: unknown): string | undefined {
  if (typeof argument !== "object" || argument === null) return undefined;
  return sourceTarget({ line: 1, ...argument })?.file;
}

async function chooseMissing(documents: AnnotatedDocuments): Promise<string | undefined> {
  const { missing } = documents;
  if (missing.length === 0) {
    await vscode.window.showInformationMessage(
      vscode.l10n.t("All sources of the lines that took faults are here, or no trace is open."),
    );
    return undefined;
  }
  const items = missing.map(({ file, faults }) => ({
    label: printable(basename(file)),
    description: vscode.l10n.t(faults === 1 ? "{0} fault" : "{0} faults", grouped(faults)),
    detail: printable(file),
    file,
  }));
  const chosen = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t("Locate Source"),
    placeHolder: vscode.l10n.t("Sources that are not here, most faults first"),
    matchOnDetail: true,
  });
  return chosen?.file;
}

/** The file in the workspace that is likeliest the same one, or any other a person points at. */
async function locate(file: string): Promise<string | undefined> {
  const browseItem = { label: vscode.l10n.t("Browse…"), path: undefined };
  const items = candidates(file).then((found) => [
    ...found.map((path) => ({ label: vscode.workspace.asRelativePath(path, true), path })),
    browseItem,
  ]);
  const chosen = await vscode.window.showQuickPick<{ label: string; path: string | undefined }>(items, {
    title: vscode.l10n.t("Locate {0}", printable(basename(file))),
    placeHolder: vscode.l10n.t("Which file is {0}?", printable(file)),
  });
  return chosen === browseItem ? browse(file) : chosen?.path;
}

/** Files of the same name, those first whose folders have the same names, too. */
async function candidates(file: string): Promise<readonly string[]> {
  const pattern = `**/${basename(file).replace(/[[\]{}*?]/g, "[$&]")}`;
  const found = await vscode.workspace.findFiles(pattern, undefined, MOST_CANDIDATES);
  return found
    .filter(({ scheme }) => scheme === "file")
    .map(({ fsPath }) => fsPath)
    .sort((a, b) => commonEnd(b, file) - commonEnd(a, file) || a.localeCompare(b));
}

async function browse(file: string): Promise<string | undefined> {
  const chosen = await vscode.window.showOpenDialog({
    title: vscode.l10n.t("Locate {0}", printable(file)),
    openLabel: vscode.l10n.t("Use This File"),
    canSelectMany: false,
  });
  return chosen?.[0]?.scheme === "file" ? chosen[0].fsPath : undefined;
}

/** Writes the mapping into the project file that traces of this path are read with; says so where it cannot. */
async function remember(trace: string, missing: string, located: string): Promise<boolean> {
  const folder = vscode.workspace.getWorkspaceFolder(vscode.Uri.file(trace)) ?? vscode.workspace.workspaceFolders?.[0];
  const here = folder?.uri.fsPath ?? dirname(trace);
  const project = findProject(here);
  const file = vscode.Uri.file(project?.path ?? join(here, PROJECT_FILE));
  const mapping = sourceMapping(recordedPath(missing, project?.project.sourceMap ?? {}), located);
  if (mapping === undefined) return true;
  const text = project === undefined ? "" : (await vscode.workspace.openTextDocument(file)).getText();
  const edit = sourceMapEdit(text, mapping.from, shortest(dirname(file.fsPath), mapping.to));
  if (edit === undefined) {
    const open = vscode.l10n.t("Open It");
    const message = vscode.l10n.t(
      "{0} is not valid JSON, so the place of the sources cannot be written to it.",
      PROJECT_FILE,
    );
    if ((await vscode.window.showErrorMessage(message, open)) === open) await vscode.window.showTextDocument(file);
    return false;
  }
  const changes = new vscode.WorkspaceEdit();
  if (project === undefined) changes.createFile(file, { contents: new TextEncoder().encode(edit.text) });
  else {
    const document = await vscode.workspace.openTextDocument(file);
    const range = new vscode.Range(document.positionAt(edit.offset), document.positionAt(edit.offset + edit.length));
    changes.replace(file, range, edit.text);
  }
  if (!(await vscode.workspace.applyEdit(changes))) return false;
  return project === undefined || (await (await vscode.workspace.openTextDocument(file)).save());
}

/** Relative where the sources are below the project, so that the file can be committed. */
function shortest(folder: string, path: string): string {
  const below = relative(folder, path);
  if (below === "") return ".";
  return below.startsWith("..") || isAbsolute(below) ? path : below;
}

/** More files of one name cannot be told apart in a list. */
const MOST_CANDIDATES = 200;
