/** Running and recording: its commands, its context keys, and the trace that was under way when the editor went. */
import * as vscode from "vscode";
import { objectOf, textOf } from "../../core/base/json-fields.js";
import type { Refusal } from "../../core/trace/refusal.js";
import { CommandId, ContextKey } from "../ids.js";
import type { Services } from "../services.js";
import { Executables } from "./executables.js";
import { registerGrowingTrace } from "./growing-trace.js";
import type { RecordingSession } from "./recording-session.js";
import { TraceCommands } from "./trace-commands.js";

/** @param onRefused tells when the recorder of `session` was refused perf events, but goes on. */
export function registerRun(
  services: Services,
  session: RecordingSession,
  onRefused: vscode.Event<Refusal>,
): vscode.Disposable {
  const { traces, log } = services;
  const executables = new Executables();
  const commands = new TraceCommands(services, session, (folder) => executables.in(folder));
  void vscode.commands.executeCommand("setContext", ContextKey.Unsupported, process.platform !== "linux");
  const register = (id: CommandId, run: (...args: unknown[]) => unknown): vscode.Disposable =>
    vscode.commands.registerCommand(id, run);
  return vscode.Disposable.from(
    executables,
    onRefused((refusal) => void commands.tellGoingOn(refusal)),
    traces.onDidChange(() => {
      void vscode.commands.executeCommand("setContext", ContextKey.HasTrace, traces.current !== undefined);
    }),
    register(CommandId.Trace, () => commands.traceProgram()),
    register(CommandId.TraceProcess, () => commands.traceProcess()),
    register(CommandId.ChooseProgram, () => commands.choose()),
    register(CommandId.OpenTrace, async (where) => {
      const path = pathOf(where) ?? (await askForTrace());
      if (path !== undefined) await commands.open(path);
    }),
    register(CommandId.ClearTrace, () => traces.clear()),
    register(CommandId.PauseRecording, () => session.pause()),
    register(CommandId.ResumeRecording, () => session.resume()),
    register(CommandId.StopRecording, () => session.stop()),
    register(CommandId.CancelRecording, () => session.cancel()),
    registerGrowingTrace(services),
    resumed(services, log),
  );
}

/** What menus, links and other parts give: a path, a Uri, or an item of the library, which has a path. */
function pathOf(where: unknown): string | undefined {
  if (where instanceof vscode.Uri) return where.scheme === "file" ? where.fsPath : undefined;
  const path = textOf(where) ?? textOf(objectOf(where)?.["path"]);
  return path?.startsWith("/") === true ? path : undefined;
}

async function askForTrace(): Promise<string | undefined> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const [chosen] =
    (await vscode.window.showOpenDialog({
      title: vscode.l10n.t("A trace folder or perf.data"),
      openLabel: vscode.l10n.t("Open Trace"),
      canSelectFiles: true,
      canSelectFolders: true,
      ...(folder === undefined ? {} : { defaultUri: vscode.Uri.joinPath(folder, ".faultline", "traces") }),
    })) ?? [];
  return chosen?.fsPath;
}

/** Key under which the trace being written is kept, for the day the editor goes first. */
export const UNFINISHED = "faultline.unfinished";

/** The trace so far of a recording whose editor went away. */
function resumed({ context, traces }: Services, log: vscode.LogOutputChannel): vscode.Disposable {
  const folder = context.workspaceState.get<unknown>(UNFINISHED);
  if (typeof folder === "string") {
    void context.workspaceState.update(UNFINISHED, undefined);
    traces.open(folder).catch((error: unknown) => log.warn(String(error)));
  }
  return { dispose: () => undefined };
}
