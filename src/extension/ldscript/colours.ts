/** Colours by what the words of a script mean where they stand. */
import * as vscode from "vscode";
import { coloursOf, type Meaning } from "../../core/ldscript/language/colours.js";
import { placesInOrder } from "../../core/ldscript/place.js";
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

/** The bit of the only modifier. */
const DEFINITION = 1;

export function registerColours(scripts: ScriptDocuments): vscode.Disposable {
  const types = [...new Set(Object.values(TYPES))];
  const legend = new vscode.SemanticTokensLegend(types, ["definition"]);
  return vscode.languages.registerDocumentSemanticTokensProvider(
    SCRIPTS,
    {
      provideDocumentSemanticTokens(document) {
        const script = scripts.of(document);
        const builder = new vscode.SemanticTokensBuilder(legend);
        if (script === undefined) return builder.build();
        const { text, tree } = script.opened;
        const place = placesInOrder(text);
        for (const { offset, length, meaning, isDefinition } of coloursOf(tree)) {
          const { line, column } = place(offset);
          // A token of the editor ends with its line; comments are coloured by the grammar as well.
          const isQuoted = text[offset] === '"';
          if ((meaning === "comment" || isQuoted) && text.slice(offset, offset + length).includes("\n")) continue;
          builder.push(line - 1, column - 1, length, types.indexOf(TYPES[meaning]), isDefinition ? DEFINITION : 0);
        }
        return builder.build();
      },
    },
    legend,
  );
}
