/** What the linked program says about the output sections of a script: addresses, sizes, pages. */
import { statSync } from "node:fs";
import { resolve } from "node:path";
import type { ImageSection } from "../../core/image/image.js";
import type { BinaryLayout } from "../../core/report/binary-layout.js";
import type { Analysis } from "../analysis/analysis.js";
import type { ScriptDocument } from "./script-documents.js";

export interface LinkedProgram {
  readonly path: string;
  readonly pageSize: number;
  readonly sections: readonly ImageSection[];
  readonly symbols: BinaryLayout["symbols"];
}

export class LinkedSections {
  private known: { readonly stamp: string; readonly program: Promise<LinkedProgram | undefined> } | undefined;

  constructor(private readonly analysis: Analysis) {}

  /** The program that faultline.json names, if it is built; undefined otherwise. */
  of({ project }: ScriptDocument): Promise<LinkedProgram | undefined> {
    if (project?.program?.includes("/") !== true) return Promise.resolve(undefined);
    const path = resolve(project.workingDirectory, project.program);
    const stamp = stampOf(path);
    if (stamp === undefined) return Promise.resolve(undefined);
    if (this.known?.stamp !== stamp) this.known = { stamp, program: this.read(path) };
    return this.known.program;
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
