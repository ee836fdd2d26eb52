/** How large the linked program's output sections are, above each: off until asked for. */
import * as vscode from "vscode";
import { bytes } from "../../core/report/quantities.js";
import { SettingId } from "../ids.js";
import type { LinkedSections } from "./linked-sections.js";
import { rangeOf, type ScriptDocuments } from "./script-documents.js";
import { SCRIPTS } from "./selector.js";

export function registerSectionLens(scripts: ScriptDocuments, linked: LinkedSections): vscode.Disposable {
  const changed = new vscode.EventEmitter<void>();
  return vscode.Disposable.from(
    changed,
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration(SettingId.ScriptLensEnabled)) changed.fire();
    }),
    vscode.languages.registerCodeLensProvider(SCRIPTS, {
      onDidChangeCodeLenses: changed.event,
      async provideCodeLenses(document) {
        const settings = vscode.workspace.getConfiguration(undefined, document.uri);
        const script = settings.get<boolean>(SettingId.ScriptLensEnabled, false) ? scripts.of(document) : undefined;
        const program = script === undefined ? undefined : await linked.of(document, script);
        if (script === undefined || program === undefined) return [];
        return script.names().flatMap(({ kind, name, isDefinition, offset, length }) => {
          const section = program.sections.find((each) => each.name === name);
          if (kind !== "output-section" || !isDefinition || section === undefined) return [];
          const title = `${bytes(section.size)} · 0x${section.address.toString(16)}`;
          return [new vscode.CodeLens(rangeOf(document, offset, offset + length), { title, command: "" })];
        });
      },
    }),
  );
}
