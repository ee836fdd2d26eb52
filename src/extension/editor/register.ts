/** The editor's part: annotated lines, their hovers and lenses, and the way from a report to a source. */
import * as vscode from "vscode";
import type { HeatLevel } from "../../core/report/heat-level.js";
import type { Staleness } from "../../core/report/annotations.js";
import type { LineRow } from "../../core/report/report.js";
import type { Services } from "../services.js";
import { AnnotatedDocuments } from "./annotated-documents.js";
import { registerCodeLens } from "./code-lens.js";
import { registerDecorations, textsAfter } from "./decorations.js";
import { registerHover } from "./hover.js";
import { registerLocateSource } from "./locate-source.js";
import { registerRevealSource } from "./reveal-source.js";

export interface EditorPart extends vscode.Disposable {
  /** What is painted into the editors of a document: VS Code lets nobody read decorations back. */
  annotationsFor(document: vscode.TextDocument): readonly ShownAnnotation[];
  /** What took faults on a line of a document, 0-based, where the line is now. */
  rowsAt(document: vscode.TextDocument, line: number): readonly LineRow[];
}

export interface ShownAnnotation {
  /** 0-based, where the line is now. */
  readonly line: number;
  /** Undefined where only inlined code took faults: then the gutter has no mark. */
  readonly heat: HeatLevel | undefined;
  /** After the line; "" where the settings want none. */
  readonly text: string;
  readonly staleness: Staleness | undefined;
}

export function registerEditor(services: Services): EditorPart {
  const { context, log, traces } = services;
  const documents = new AnnotatedDocuments(traces, (error) => log.error(String(error)));
  const parts = vscode.Disposable.from(
    registerDecorations(context, documents),
    registerHover(documents),
    registerCodeLens(documents),
    registerRevealSource(traces),
    registerLocateSource(services, documents),
    documents,
  );
  return {
    annotationsFor: (document) => {
      const textAfter = textsAfter(document, documents);
      const staleness = documents.stalenessOf(document);
      return documents
        .annotationsOf(document)
        .map(({ line, value }) => ({ line, heat: value.heat, text: textAfter(value), staleness }));
    },
    rowsAt: (document, line) =>
      documents.annotationsOf(document).flatMap((placed) => (placed.line === line ? placed.value.rows : [])),
    dispose: () => parts.dispose(),
  };
}
