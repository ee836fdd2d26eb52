/** The webviews' part: the memory map's panel, and the editors for perf.data and for any ELF file. */
import * as vscode from "vscode";
import type { Services } from "../services.js";
import { registerLayoutEditor } from "./layout-editor.js";
import { registerMapPanel } from "./map-panel.js";
import { registerPerfDataEditor } from "./perf-data-editor.js";

export function registerWebviews(services: Services): vscode.Disposable {
  return vscode.Disposable.from(
    registerMapPanel(services),
    registerPerfDataEditor(services),
    registerLayoutEditor(services),
  );
}
