/** What every part of the extension is given. Wired once, in extension.ts. */
import type * as vscode from "vscode";
import type { Analysis } from "./analysis/analysis.js";
import type { Recordings } from "./run/recordings.js";
import type { TraceStore } from "./traces/trace-store.js";
import type { ShownMaps } from "./webview/shown-maps.js";

export interface Services {
  readonly context: vscode.ExtensionContext;
  readonly log: vscode.LogOutputChannel;
  /** The trace that is shown, and changes of it. */
  readonly traces: TraceStore;
  /** Reading, attribution and symbolising, off this thread. */
  readonly analysis: Analysis;
  /** Another such thread, for questions that nobody else is to wait behind; whoever asks for it disposes of it. */
  newAnalysis(): Analysis;
  /** The recording under way, its live counts, and its commands. */
  readonly recordings: Recordings;
  /** What the memory maps that are open show. */
  readonly maps: ShownMaps;
}
