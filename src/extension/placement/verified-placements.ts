/** Whether the placements of the workspace came true in its programs: looked up after every build and every change of them. */
import { stat } from "node:fs/promises";
import * as vscode from "vscode";
import type { Placement } from "../../core/placement/placement.js";
import type { Verification } from "../../core/placement/verify.js";
import { sourceMapper } from "../../core/report/source-map.js";
import type { Analysis } from "../analysis/analysis.js";
import { watchFiles } from "../editor/watched-files.js";
import { ContextKey } from "../ids.js";
import type { Services } from "../services.js";
import { placedProgram } from "./placed-program.js";
import { projectDocument, type ProjectDocument } from "./project-document.js";

export interface VerifiedProject {
  /** Of faultline.json. */
  readonly path: string;
  /** What was looked into; undefined: nothing is built. */
  readonly program: string | undefined;
  readonly placements: readonly VerifiedPlacement[];
  /** One sentence: why nothing could be looked up. */
  readonly problem: string | undefined;
}

export interface VerifiedPlacement {
  readonly placement: Placement;
  /** undefined: not looked up. */
  readonly verification: Verification | undefined;
  /** The program is older than faultline.json: what is missing may come with the next build. */
  readonly unbuilt: boolean;
  /** Where it is declared, as it is here; `line` 1-based. */
  readonly source: { readonly file: string; readonly line: number } | undefined;
}

export class VerifiedPlacements implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.changed.event;
  private projects: readonly VerifiedProject[] = [];
  private watchers: vscode.Disposable[] = [];
  private watched = "";
  private running: Promise<void> | undefined;
  private again = false;
  private disposed = false;
  private readonly subscriptions: vscode.Disposable[];

  constructor(
    private readonly services: Services,
    private readonly analysis: Analysis,
  ) {
    this.subscriptions = [
      vscode.workspace.onDidChangeWorkspaceFolders(() => void this.refresh()),
      services.traces.onDidChange(() => {
        // It may tell which program is meant.
        if (this.projects.some(({ program }) => program === undefined)) void this.refresh();
      }),
    ];
  }

  get current(): readonly VerifiedProject[] {
    return this.projects;
  }

  /** Resolves when all is looked up that was there when it was asked. */
  async refresh(): Promise<void> {
    if (this.running !== undefined) {
      this.again = true;
      return this.running;
    }
    this.running = this.run();
    try {
      await this.running;
    } finally {
      this.running = undefined;
    }
  }

  dispose(): void {
    this.disposed = true;
    vscode.Disposable.from(...this.subscriptions, ...this.watchers, this.changed).dispose();
  }

  private async run(): Promise<void> {
    do {
      this.again = false;
      const documents = await this.documents();
      const projects = await Promise.all(documents.map((document) => this.verified(document)));
      if (this.disposed) return;
      this.watch(projects, documents);
      this.projects = projects.filter(({ placements }) => placements.length > 0);
      void vscode.commands.executeCommand("setContext", ContextKey.HasPlacements, this.projects.length > 0);
      this.changed.fire();
    } while (this.again);
  }

  /** Each once, though several folders may have the same above them. */
  private async documents(): Promise<readonly ProjectDocument[]> {
    const folders = vscode.workspace.workspaceFolders ?? [];
    const found = await Promise.all(folders.map(({ uri }) => projectDocument(uri.fsPath)));
    return [...new Map(found.flatMap((one) => (one === undefined ? [] : [[one.path, one] as const]))).values()];
  }

  private async verified(document: ProjectDocument): Promise<VerifiedProject> {
    const { path, project } = document;
    const { placements, sourceMap } = project;
    const unknown = placements.map((placement) => {
      return { placement, verification: undefined, unbuilt: true, source: undefined };
    });
    if (placements.length === 0) return { path, program: undefined, placements: [], problem: undefined };
    const program = await placedProgram(document, path, undefined, this.services.traces);
    if (program === undefined) return { path, program, placements: unknown, problem: undefined };
    try {
      const result = await this.analysis.placement(program, { kind: "verify", placements, sourceMap });
      const written = await stat(path).catch(() => undefined);
      const unbuilt = written !== undefined && result.builtMs < written.mtimeMs;
      const here = sourceMapper(sourceMap);
      const verified = result.verifications.map((verification): VerifiedPlacement => {
        const { placement, declaration } = verification;
        const source =
          declaration && declaration.line > 0 ? { file: here(declaration.file), line: declaration.line } : undefined;
        return { placement, verification, unbuilt: unbuilt && verification.mismatches.length > 0, source };
      });
      return { path, program, placements: verified, problem: undefined };
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      return { path, program, placements: unknown, problem };
    }
  }

  private watch(projects: readonly VerifiedProject[], documents: readonly ProjectDocument[]): void {
    const files = [...documents.map(({ path }) => path), ...projects.flatMap(({ program }) => program ?? [])];
    if (files.join("\0") === this.watched) return;
    this.watched = files.join("\0");
    vscode.Disposable.from(...this.watchers).dispose();
    this.watchers = [watchFiles(files, () => void this.refresh())];
  }
}
