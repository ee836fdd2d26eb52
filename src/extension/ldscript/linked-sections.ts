/** What the linked program says about a script: addresses, sizes and pages of output sections, what statements took. */
import { statSync } from "node:fs";
import { resolve } from "node:path";
import type * as vscode from "vscode";
import type { ImageSection } from "../../core/image/image.js";
import type { BinaryLayout } from "../../core/report/binary-layout.js";
import type { Analysis } from "../analysis/analysis.js";
import { programOfBuiltIn } from "./built-in-script.js";
import type { ScriptDocument } from "./script-documents.js";
import type { TakenResult } from "./script-order.js";
import { searchedFolders } from "./searched-folders.js";

export interface LinkedProgram {
  readonly path: string;
  readonly pageSize: number;
  readonly sections: readonly ImageSection[];
  readonly symbols: BinaryLayout["symbols"];
}

export class LinkedSections {
  private known: { readonly stamp: string; readonly program: Promise<LinkedProgram | undefined> } | undefined;
  /** Of scripts that faultline.json says nothing about. */
  private readonly linked = new WeakMap<vscode.TextDocument, Promise<readonly string[]>>();

  /** @param links answers what takes longer: build files are looked for, objects read. */
  constructor(
    private readonly analysis: Analysis,
    private readonly links: () => Analysis,
  ) {}

  /** The program that faultline.json names, or that a build file links with the script, if it is built. */
  async of(document: vscode.TextDocument, script: ScriptDocument): Promise<LinkedProgram | undefined> {
    const path = await this.programOf(document, script);
    const stamp = path === undefined ? undefined : stampOf(path);
    if (path === undefined || stamp === undefined) return undefined;
    if (this.known?.stamp !== stamp) this.known = { stamp, program: this.read(path) };
    return this.known.program;
  }

  /** What the statement at the offset took, and of which program. */
  async taken(
    document: vscode.TextDocument,
    script: ScriptDocument,
    offset: number,
  ): Promise<{ readonly program: string; readonly taken: NonNullable<TakenResult["taken"]> } | undefined> {
    const program = await this.programOf(document, script);
    if (program === undefined || stampOf(program) === undefined) return undefined;
    const own = { path: document.uri.fsPath, text: document.getText() };
    try {
      const { taken } = await this.links().link(program, {
        ...{ kind: "taken", offset, script: document.uri.scheme === "file" ? own : undefined },
        ...searchedFolders(program),
      });
      return taken && { program, taken };
    } catch {
      return undefined; // No ELF file, or one that is being written: the script is shown without it.
    }
  }

  /** A build may link it with something else now. */
  forget(document: vscode.TextDocument): void {
    this.linked.delete(document);
  }

  private async programOf(document: vscode.TextDocument, { project }: ScriptDocument): Promise<string | undefined> {
    if (document.uri.scheme !== "file") return programOfBuiltIn(document.uri);
    if (project?.program?.includes("/") === true) return resolve(project.workingDirectory, project.program);
    let programs = this.linked.get(document);
    if (programs === undefined) {
      programs = this.links()
        .programs(document.uri.fsPath)
        .catch(() => []);
      this.linked.set(document, programs);
    }
    return (await programs)[0];
  }

  private async read(path: string): Promise<LinkedProgram | undefined> {
    try {
      const { pageSize, sections, symbols } = await this.analysis.layout(path);
      return { path, pageSize, sections, symbols };
    } catch {
      return undefined; // No ELF file, or one that is being written: the script is shown without it.
    }
  }
}

function stampOf(path: string): string | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat?.isFile() === true ? `${path} ${stat.ino} ${stat.size} ${stat.mtimeMs}` : undefined;
}
