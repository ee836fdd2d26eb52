/** Paints the annotations into the visible editors: heat in the gutter and the overview ruler, text after the line. */
import * as vscode from "vscode";
import { INLINE_PARTS, inlineText, type InlinePart, type LineAnnotation } from "../../core/report/annotations.js";
import { ColorId, SettingId } from "../ids.js";
import type { AnnotatedDocuments } from "./annotated-documents.js";

export function registerDecorations(
  { extensionUri }: vscode.ExtensionContext,
  documents: AnnotatedDocuments,
): vscode.Disposable {
  let types: DecorationTypes | undefined;
  const made = () => (types ??= decorationTypes(extensionUri));
  // The window takes a while over their styles: neither while we are started, nor when the first trace is waited for.
  const soon = setTimeout(made);
  const paint = () => {
    if (types === undefined && documents.isEmpty) return;
    for (const editor of vscode.window.visibleTextEditors) paintEditor(editor, made(), documents);
  };
  return vscode.Disposable.from(
    documents.onDidChange(paint),
    vscode.window.onDidChangeVisibleTextEditors(paint),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration(SettingId.GutterEnabled)) {
        disposeAll(types);
        types = undefined;
        paint();
      } else if (SHOWN_BY.some((id) => event.affectsConfiguration(id))) paint();
    }),
    {
      dispose: () => {
        clearTimeout(soon);
        disposeAll(types);
      },
    },
  );
}

/** The texts after the lines of a document, as the settings want them; "" where there is none. */
export function textsAfter(
  document: vscode.TextDocument,
  documents: AnnotatedDocuments,
): (annotation: LineAnnotation) => string {
  const settings = vscode.workspace.getConfiguration(undefined, document.uri);
  if (!settings.get<boolean>(SettingId.InlineEnabled, true)) return () => "";
  const parts = chosenParts(settings.get<unknown>(SettingId.InlineText));
  const staleness = documents.stalenessOf(document);
  return (annotation) => inlineText(annotation, parts, staleness, vscode.l10n.t);
}

interface DecorationTypes {
  /** By heat. */
  readonly heat: readonly vscode.TextEditorDecorationType[];
  readonly stale: vscode.TextEditorDecorationType;
  readonly text: vscode.TextEditorDecorationType;
}

function decorationTypes(extension: vscode.Uri): DecorationTypes {
  const gutter = vscode.workspace.getConfiguration().get<boolean>(SettingId.GutterEnabled, true);
  const icons = (name: string) => {
    const icon = (theme: string) => ({
      gutterIconPath: vscode.Uri.joinPath(extension, "media", `${name}-${theme}.svg`),
    });
    return { light: icon("light"), dark: icon("dark"), gutterIconSize: "contain" };
  };
  const mark = (name: string, options: vscode.DecorationRenderOptions) =>
    vscode.window.createTextEditorDecorationType({
      rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
      ...(gutter ? { ...icons(name), ...options } : {}),
    });
  return {
    heat: ColorId.Heat.map((color, level) =>
      mark(`heat${level + 1}`, {
        overviewRulerColor: new vscode.ThemeColor(color),
        overviewRulerLane: vscode.OverviewRulerLane.Center,
      }),
    ),
    stale: mark("heat-stale", {}),
    text: vscode.window.createTextEditorDecorationType({
      rangeBehavior: vscode.DecorationRangeBehavior.ClosedOpen,
      after: { margin: "0 0 0 3ch" },
    }),
  };
}

function disposeAll(types: DecorationTypes | undefined): void {
  if (types === undefined) return;
  for (const type of [...types.heat, types.stale, types.text]) type.dispose();
}

function paintEditor(
  editor: vscode.TextEditor,
  { heat, stale, text }: DecorationTypes,
  documents: AnnotatedDocuments,
): void {
  const { document } = editor;
  const lines = documents.annotationsOf(document);
  const isStale = documents.stalenessOf(document) !== undefined;
  const textAfter = textsAfter(document, documents);
  const marks = heat.map((): vscode.Range[] => []);
  const staleMarks: vscode.Range[] = [];
  const texts: vscode.DecorationOptions[] = [];
  for (const { line, value: annotation } of lines) {
    const { range, firstNonWhitespaceCharacterIndex: start } = document.lineAt(line);
    if (annotation.heat !== undefined) {
      (isStale ? staleMarks : marks[annotation.heat]!).push(new vscode.Range(line, start, line, start));
    }
    const contentText = textAfter(annotation);
    if (contentText === "" || texts.length >= MOST_TEXTS) continue;
    texts.push({ range, renderOptions: { after: { contentText, ...look(annotation, isStale) } } });
  }
  heat.forEach((type, level) => editor.setDecorations(type, marks[level]!));
  editor.setDecorations(stale, staleMarks);
  editor.setDecorations(text, texts);
}

/** Dimmer where the faults count elsewhere, or may no longer be about this text. */
function look({ heat }: LineAnnotation, isStale: boolean): vscode.ThemableDecorationAttachmentRenderOptions {
  const dim = isStale || heat === undefined;
  return {
    // What line numbers are drawn in can still be read, in every theme.
    color: new vscode.ThemeColor(dim ? "editorLineNumber.foreground" : ColorId.Inline),
    fontStyle: dim ? "italic" : "normal",
  };
}

/** Settings are text that people write: what is no part is left out. */
function chosenParts(setting: unknown): readonly InlinePart[] {
  if (!Array.isArray(setting)) return DEFAULT_PARTS;
  return [...new Set<unknown>(setting)].flatMap((name) => INLINE_PARTS.find((part) => part === name) ?? []);
}

const SHOWN_BY = [SettingId.InlineText, SettingId.InlineEnabled];
const DEFAULT_PARTS: readonly InlinePart[] = ["faults", "major", "time"];
/** Each is a style rule of its own in the window; no hand-written file has as many hot lines. */
const MOST_TEXTS = 5000;
