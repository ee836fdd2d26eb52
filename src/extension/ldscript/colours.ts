/** Colours by what the words of a script mean where they stand. */
import * as vscode from "vscode";
import { coloursOf, type Meaning } from "../../core/ldscript/language/colours.js";
import { type ScriptDocuments } from "./script-documents.js";
import { SCRIPTS } from "./selector.js";

/** Standard types only, so that every theme has a colour for them. */
const TYPES: Readonly<Record<Meaning, string>> = {
  command: "keyword",
  function: "function",
  comment: "comment",
  number: "number",
  string: "string",
  operator: "operator",
  location: "macro",
  "section-pattern": "property",
  "file-pattern": "string",
  symbol: "variable",
  region: "enumMember",
  "output-section": "class",
  segment: "struct",
  class: "type",
  file: "string",
};

export function registerColours(scripts: ScriptDocuments): vscode.Disposable {
  const legend = new vscode.SemanticTokensLegend([...new Set(Object.values(TYPES))], ["definition"]);
  return vscode.languages.registerDocumentSemanticTokensProvider(
    SCRIPTS,
    {
      provideDocumentSemanticTokens(document) {
        const script = scripts.of(document);
        const builder = new vscode.SemanticTokensBuilder(legend);
        for (const { offset, length, meaning, isDefinition } of script === undefined
          ? []
          : coloursOf(script.opened.tree)) {
          const start = document.positionAt(offset);
          const end = document.positionAt(offset + length);
          // A token of the editor ends with its line; comments are coloured by the grammar as well.
          if (start.line === end.line)
            builder.push(new vscode.Range(start, end), TYPES[meaning], isDefinition ? ["definition"] : []);
        }
        return builder.build();
      },
    },
    legend,
  );
}
