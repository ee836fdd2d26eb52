/** A perf.data that is opened like any file: it becomes the trace that is shown, with its map in the editor. */
import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import * as vscode from "vscode";
import { CustomEditorId } from "../ids.js";
import type { Services } from "../services.js";
import type { ShownTrace } from "../traces/trace-store.js";
import { connectMap } from "./map-connection.js";
import { contentOf } from "./map-content.js";
import { fileDocument, localPath, type FileDocument } from "./file-document.js";

export function registerPerfDataEditor(services: Services): vscode.Disposable {
  const provider: vscode.CustomReadonlyEditorProvider<FileDocument> = {
    openCustomDocument: fileDocument,
    resolveCustomEditor: (document, panel) => {
      let trace: ShownTrace | undefined;
      const map = connectMap(services, panel, async () => {
        // Once: the page asks again when it was hidden, and another trace may be shown elsewhere by then.
        trace ??= await services.traces.open(tracePath(localPath(document.uri)));
        return contentOf(services, trace);
      });
      // It grew while it was shown, or was opened again.
      const listener = services.traces.onDidChange(() => {
        const { current } = services.traces;
        if (trace === undefined || current?.path !== trace.path || current === trace) return;
        trace = current;
        map.refresh();
      });
      panel.onDidDispose(() => {
        listener.dispose();
        map.dispose();
      });
    },
  };
  return vscode.window.registerCustomEditorProvider(CustomEditorId.PerfData, provider);
}

/** The folder, where the file is in a trace folder of ours: it holds more than the records. */
function tracePath(file: string): string {
  const folder = dirname(file);
  return basename(file) === "perf.data" && existsSync(join(folder, "run.json")) ? folder : file;
}
