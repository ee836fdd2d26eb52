/** Wiring only: makes the services once, and gives them to every part. */
import * as vscode from "vscode";
import type { Refusal } from "../core/trace/refusal.js";
import { analysisOf } from "./analysis/workspace-analysis.js";
import { registerEditor, type EditorPart } from "./editor/register.js";
import { beginLinkerScripts } from "./ldscript/begin.js";
import { registerMemlock, type MemlockPart } from "./memlock/register.js";
import { RecordingSession } from "./run/recording-session.js";
import { registerPlacement, type PlacementPart } from "./placement/register.js";
import { registerRun, UNFINISHED } from "./run/register.js";
import type { Services } from "./services.js";
import { registerViews } from "./views/register.js";
import { registerWebviews } from "./webview/register.js";
import { ShownMaps } from "./webview/shown-maps.js";
import { TraceStore } from "./traces/trace-store.js";

/** What the tests inside the extension host are given; nobody else is. */
interface Parts {
  readonly services: Services;
  readonly editor: EditorPart;
  readonly memlock: MemlockPart;
  readonly placement: PlacementPart;
}

export function activate(context: vscode.ExtensionContext): Parts | undefined {
  const log = vscode.window.createOutputChannel("Faultline", { log: true });
  const analysis = analysisOf(context, log);
  const traces = new TraceStore(analysis);
  const refused = new vscode.EventEmitter<Refusal>();
  const recordings = new RecordingSession({
    cli: context.asAbsolutePath("dist/cli.js"),
    log: (text) => log.info(text),
    onRefused: (refusal) => refused.fire(refusal),
    onFolder: (folder) => void context.workspaceState.update(UNFINISHED, folder),
  });
  const newAnalysis = () => analysisOf(context, log);
  const services: Services = {
    context,
    log,
    traces,
    analysis,
    newAnalysis,
    recordings,
    maps: new ShownMaps((image) => analysis.layout(image)),
  };
  const editor = registerEditor(services);
  const memlock = registerMemlock(services);
  const placement = registerPlacement(services, (document, line) => editor.rowsAt(document, line));
  context.subscriptions.push(
    ...[log, analysis, traces, recordings, refused],
    registerRun(services, recordings, refused.event),
    editor,
    memlock,
    placement,
    registerViews(services),
    registerWebviews(services),
    beginLinkerScripts(services),
  );
  return context.extensionMode === vscode.ExtensionMode.Test ? { services, editor, memlock, placement } : undefined;
}
