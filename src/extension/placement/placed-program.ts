/** The program whose debug information tells where things are defined: the project's, what was traced, or what was built last. */
import { realpath } from "node:fs/promises";
import { isAbsolute, resolve } from "node:path";
import * as vscode from "vscode";
import type { Report } from "../../core/report/report.js";
import { imagesOf, realFile } from "../editor/local-files.js";
import { ExecutableIndex } from "../run/executable-index.js";
import type { TraceStore } from "../traces/trace-store.js";
import type { ProjectDocument } from "./project-document.js";

/** @param near the source, or "". @param image what a report names. undefined: nothing is built. */
export async function placedProgram(
  { project, folder }: ProjectDocument,
  near: string,
  image: string | undefined,
  traces: TraceStore,
): Promise<string | undefined> {
  if (image !== undefined && (await realFile(image)) !== undefined) return image;
  const own = project.program === undefined ? undefined : resolve(project.workingDirectory, project.program);
  if (own !== undefined && (await realFile(own)) !== undefined) return own;
  const report = traces.current?.report;
  const traced = report === undefined ? undefined : await tracedImage(report, near);
  if (traced !== undefined) return traced;
  const within = vscode.workspace.getWorkspaceFolder(vscode.Uri.file(near))?.uri.fsPath ?? folder;
  return (await new ExecutableIndex(within).list())[0]?.path;
}

/** The image whose code of this file took faults, else the traced program. */
async function tracedImage(report: Report, near: string): Promise<string | undefined> {
  const rows = report.lines.filter(({ line }) => line > 0);
  const files = [...new Set(rows.map(({ file }) => file))].slice(0, MOST_FILES);
  const real = await Promise.all(files.map((file) => realpath(file).catch(() => undefined)));
  const same = new Set(files.filter((_, index) => real[index] === near));
  const [program] = report.command;
  const candidates = [
    ...imagesOf(rows.filter(({ file }) => same.has(file))),
    ...(program !== undefined && isAbsolute(program) ? [program] : []),
  ];
  for (const path of candidates) if ((await realFile(path)) !== undefined) return path;
  return undefined;
}

const MOST_FILES = 2000;
