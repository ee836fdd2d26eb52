/** The open documents that took faults, and where their lines are now. Fed by the shown trace, edits, saves and builds. */
import { join } from "node:path";
import * as vscode from "vscode";
import { lineAnnotations, type LineAnnotation, type Staleness } from "../../core/report/annotations.js";
import type { FunctionRow } from "../../core/report/report.js";
import type { ShownTrace, TraceStore } from "../traces/trace-store.js";
import { imagesOf, localFiles, realFile, writtenAt, type LocalFiles } from "./local-files.js";
import { movedPlace, type Place } from "./moved-lines.js";
import { sourceEvidence } from "./source-evidence.js";
import { stalenessOf } from "./staleness.js";
import { watchFiles } from "./watched-files.js";

/** What a line of a document has, and where that line is now. */
export interface Placed<Value> {
  /** 0-based, below the document's line count. */
  readonly line: number;
  readonly value: Value;
}

interface Tracked {
  /** Real one. */
  readonly path: string;
  readonly annotations: readonly LineAnnotation[];
  readonly functions: readonly FunctionRow[];
  /** Paths of the programs its code is in. */
  readonly images: readonly string[];
  /** Of its text in each state that was compiled, where that was recorded. */
  readonly md5s: ReadonlySet<string>;
  /** By recorded line; lines that were deleted are missing. */
  places: Map<number, Place>;
  staleness: Staleness | undefined;
}

interface ShownFiles extends LocalFiles {
  readonly trace: ShownTrace;
  /** Milliseconds since 1970 when the program was last known to be what was traced. */
  readonly tracedAt: number;
}

export class AnnotatedDocuments implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  /** Annotations, their places or their staleness may be others now. */
  readonly onDidChange = this.changed.event;
  private readonly resolved = new vscode.EventEmitter<LocalFiles>();
  /** The files of a newly shown trace were looked for. */
  readonly onDidResolve = this.resolved.event;
  private readonly subscriptions: vscode.Disposable[];
  private readonly tracked = new Map<vscode.TextDocument, Tracked>();
  /** Being looked at, so that none is looked at twice. */
  private readonly pending = new Set<vscode.TextDocument>();
  private shown: ShownFiles | undefined;
  private watcher: vscode.Disposable | undefined;
  private repaint: NodeJS.Timeout | undefined;

  constructor(
    private readonly traces: TraceStore,
    private readonly fail: (error: unknown) => void,
  ) {
    this.subscriptions = [
      traces.onDidChange(() => this.start(this.showTrace())),
      vscode.window.onDidChangeVisibleTextEditors(() => this.start(this.trackVisible())),
      vscode.workspace.onDidChangeTextDocument((event) => this.follow(event)),
      vscode.workspace.onDidSaveTextDocument((document) => this.start(this.refresh(document))),
      vscode.workspace.onDidCloseTextDocument((document) => this.tracked.delete(document)),
      vscode.window.onDidChangeWindowState(({ focused }) => {
        if (focused) this.start(this.refreshAll());
      }),
    ];
    this.start(this.showTrace());
  }

  /** Files with faults that are not here, most faults first. */
  get missing(): LocalFiles["missing"] {
    return this.shown?.missing ?? [];
  }

  /** Whether no open document is known to have taken faults. */
  get isEmpty(): boolean {
    return this.tracked.size === 0;
  }

  /** What the document's annotations were made from, and its real path. */
  originOf(document: vscode.TextDocument): (ShownFiles & { readonly path: string }) | undefined {
    const tracked = this.tracked.get(document);
    return tracked === undefined || this.shown === undefined ? undefined : { ...this.shown, path: tracked.path };
  }

  annotationsOf(document: vscode.TextDocument): readonly Placed<LineAnnotation>[] {
    const tracked = this.tracked.get(document);
    return tracked === undefined ? [] : placed(document, tracked, tracked.annotations);
  }

  functionsOf(document: vscode.TextDocument): readonly Placed<FunctionRow>[] {
    const tracked = this.tracked.get(document);
    return tracked === undefined ? [] : placed(document, tracked, tracked.functions);
  }

  stalenessOf(document: vscode.TextDocument): Staleness | undefined {
    return this.tracked.get(document)?.staleness;
  }

  dispose(): void {
    for (const subscription of [...this.subscriptions, this.changed, this.resolved]) subscription.dispose();
    this.watcher?.dispose();
    clearTimeout(this.repaint);
    this.tracked.clear();
    this.shown = undefined;
  }

  private async showTrace(): Promise<void> {
    this.watcher?.dispose();
    this.watcher = undefined;
    const trace = this.traces.current;
    // Of a trace that grew, what was known stays in sight until more is.
    if (trace === undefined || trace.path !== this.shown?.trace.path) {
      this.tracked.clear();
      this.shown = undefined;
      this.changed.fire();
    }
    if (trace === undefined) return;
    const [files, tracedAt] = await Promise.all([localFiles(trace.report), endOf(trace)]);
    if (this.traces.current !== trace) return;
    this.shown = { trace, tracedAt, ...files };
    this.tracked.clear();
    const images = imagesOf([...files.files.values()].flatMap(({ rows }) => rows));
    this.watcher = watchFiles(images, () => this.start(this.refreshAll()));
    this.resolved.fire(files);
    await this.trackVisible();
    this.changed.fire();
  }

  private async trackVisible(): Promise<void> {
    const documents = new Set(vscode.window.visibleTextEditors.map(({ document }) => document));
    await Promise.all([...documents].map((document) => this.track(document)));
  }

  private async track(document: vscode.TextDocument): Promise<void> {
    if (document.uri.scheme !== "file" || this.tracked.has(document) || this.pending.has(document)) return;
    this.pending.add(document);
    try {
      // A trace that comes in the meantime has files of its own.
      for (let shown = this.shown; shown !== undefined && !this.tracked.has(document); shown = this.shown) {
        const tracked = await this.lookUp(document, shown);
        if (this.shown !== shown) continue;
        if (tracked === undefined || document.isClosed) break;
        this.tracked.set(document, tracked);
        this.changed.fire();
      }
    } finally {
      this.pending.delete(document);
    }
  }

  private async lookUp(
    document: vscode.TextDocument,
    { files, most, tracedAt }: ShownFiles,
  ): Promise<Tracked | undefined> {
    const name = document.uri.fsPath;
    const path = files.has(name) ? name : await realFile(name);
    const file = path === undefined ? undefined : files.get(path);
    if (path === undefined || file === undefined) return undefined;
    const made = { images: imagesOf(file.rows), md5s: file.md5s };
    const staleness = await this.examine(document, made, tracedAt);
    if (document.isClosed) return undefined;
    const lines = { annotations: lineAnnotations(file, most), functions: file.functions };
    return { path, ...lines, ...made, places: recordedPlaces(document, lines), staleness };
  }

  private follow({ document, contentChanges }: vscode.TextDocumentChangeEvent): void {
    const tracked = this.tracked.get(document);
    if (tracked === undefined) return;
    const changes = contentChanges.map(({ range, text }) => ({ start: range.start, end: range.end, text }));
    for (const [line, place] of changes.length === 0 ? [] : tracked.places) {
      const moved = movedPlace(place, changes);
      if (moved === undefined) tracked.places.delete(line);
      else tracked.places.set(line, moved);
    }
    if (!document.isDirty) this.start(this.refresh(document));
    else if (tracked.staleness === undefined) {
      tracked.staleness = "edited";
      this.changed.fire();
    } else {
      clearTimeout(this.repaint);
      this.repaint = setTimeout(() => this.changed.fire(), REPAINT_MS);
    }
  }

  private async refreshAll(): Promise<void> {
    await Promise.all([...this.tracked.keys()].map((document) => this.refresh(document)));
  }

  private async refresh(document: vscode.TextDocument): Promise<void> {
    const tracked = this.tracked.get(document);
    const tracedAt = this.shown?.tracedAt;
    if (tracked === undefined || tracedAt === undefined) return;
    const staleness = await this.examine(document, tracked, tracedAt);
    if (this.tracked.get(document) !== tracked) return;
    // Edits that were all undone leave the text that was traced.
    if (staleness === undefined) tracked.places = recordedPlaces(document, tracked);
    tracked.staleness = staleness;
    this.changed.fire();
  }

  private async examine(
    document: vscode.TextDocument,
    { images, md5s }: Pick<Tracked, "images" | "md5s">,
    tracedAt: number,
  ): Promise<Staleness | undefined> {
    const [source, ...built] = await Promise.all([sourceEvidence(document.uri.fsPath, md5s), ...images.map(writtenAt)]);
    return stalenessOf({ dirty: document.isDirty, ...source, images: built, tracedAt });
  }

  private start(work: Promise<void>): void {
    work.catch(this.fail);
  }
}

/** A trace that is opened later was last written when its recording ended. */
async function endOf({ path, openedAt }: ShownTrace): Promise<number> {
  const written = (await writtenAt(join(path, "perf.data"))) ?? (await writtenAt(path));
  return Math.min(openedAt, written ?? openedAt);
}

function recordedPlaces(
  document: vscode.TextDocument,
  { annotations, functions }: Pick<Tracked, "annotations" | "functions">,
): Map<number, Place> {
  const lines = [...annotations.map(({ line }) => line), ...functions.flatMap(({ line }) => line ?? [])];
  return new Map(
    lines
      .filter((line) => line <= document.lineCount)
      .map((line) => {
        const { firstNonWhitespaceCharacterIndex: character } = document.lineAt(line - 1);
        return [line, { line: line - 1, character }];
      }),
  );
}

function placed<Value extends { readonly line: number | undefined }>(
  document: vscode.TextDocument,
  { places }: Tracked,
  values: readonly Value[],
): readonly Placed<Value>[] {
  return values.flatMap((value) => {
    const line = places.get(value.line ?? 0)?.line;
    return line === undefined || line >= document.lineCount ? [] : [{ line, value }];
  });
}

/** While someone types, VS Code moves the decorations by itself. */
const REPAINT_MS = 150;
