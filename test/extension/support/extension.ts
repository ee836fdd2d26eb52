/** The extension under test, the workspace it runs in, and its own command line as the oracle of its numbers. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import * as vscode from "vscode";
import type { Report } from "../../../src/core/report/report.js";
import type { EditorPart } from "../../../src/extension/editor/register.js";
import type { MemlockPart } from "../../../src/extension/memlock/register.js";
import type { PlacementPart } from "../../../src/extension/placement/register.js";
import type { ProgramChoice } from "../../../src/extension/run/program.js";
import type { Services } from "../../../src/extension/services.js";

/** What `activate` returns to tests. */
interface Exports {
  readonly services: Services;
  readonly editor: EditorPart;
  readonly memlock: MemlockPart;
  readonly placement: PlacementPart;
}

export function extension(): vscode.Extension<Exports> {
  const found = vscode.extensions.all.find(
    ({ packageJSON }) => (packageJSON as { name?: string }).name === "faultline",
  );
  if (found === undefined) throw new Error("the extension is not there");
  return found as vscode.Extension<Exports>;
}

export async function activated(): Promise<Exports> {
  return extension().activate();
}

/** Path of a folder of the workspace, by its name. */
export function folderNamed(name: string): string {
  const folder = vscode.workspace.workspaceFolders?.find((one) => one.name === name);
  if (folder === undefined) throw new Error(`the workspace has no folder ${name}`);
  return folder.uri.fsPath;
}

/** Records a program of the folder with the command line; returns the trace's path. */
export function recorded(folder: string, name: string, argv: readonly string[]): string {
  const trace = join(folder, ".faultline", "traces", name);
  faultline(folder, ["record", "-o", trace, "--", ...argv]);
  return trace;
}

/** What the command line says of a trace. */
export function reported(folder: string, trace: string): Report {
  return JSON.parse(faultline(folder, ["report", "--json", trace])) as Report;
}

export async function openTrace(trace: string): Promise<void> {
  await vscode.commands.executeCommand("faultline.openTrace", vscode.Uri.file(trace));
}

/** What `Trace Page Faults` runs in the folder from now on, as if a person had chosen it. */
export async function choose({ context }: Services, folder: string, choice: ProgramChoice): Promise<void> {
  await context.workspaceState.update(`faultline.choice:${vscode.Uri.file(folder).toString()}`, choice);
}

export async function show(path: string): Promise<vscode.TextDocument> {
  const document = await vscode.workspace.openTextDocument(path);
  await vscode.window.showTextDocument(document);
  return document;
}

/** Waits until the value is there; what it waits for is told when it does not come. */
export async function eventually<T>(what: string, get: () => T | undefined | Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + WAIT_MS;
  while (Date.now() < deadline) {
    const value = await get();
    if (value !== undefined && value !== false) return value;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`not within ${WAIT_MS / 1000} seconds: ${what}`);
}

function faultline(cwd: string, args: readonly string[]): string {
  const cli = join(extension().extensionPath, "dist", "cli.js");
  return execFileSync(process.execPath, [cli, ...args], { cwd, encoding: "utf8", maxBuffer: 1 << 28, stdio: "pipe" });
}

const WAIT_MS = 15_000;
