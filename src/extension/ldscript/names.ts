/** From a name in a script to its definition and its uses; from an INCLUDE to the file. */
import * as vscode from "vscode";
import { nameAt, namesOf, sameAs, type ScriptName } from "../../core/ldscript/language/names.js";
import { placeIn } from "../../core/ldscript/place.js";
import type { IncludedScript } from "../../core/ldscript/included.js";
import { rangeOf, type ScriptDocument, type ScriptDocuments } from "./script-documents.js";
import { SCRIPTS } from "./selector.js";

export function registerNames(scripts: ScriptDocuments): vscode.Disposable {
  const found = (document: vscode.TextDocument, position: vscode.Position) => {
    const script = scripts.of(document);
    const name = script === undefined ? undefined : nameAt(script.names(), document.offsetAt(position));
    return script === undefined || name === undefined ? undefined : { script, name };
  };
  return vscode.Disposable.from(
    vscode.languages.registerDefinitionProvider(SCRIPTS, {
      provideDefinition(document, position) {
        const at = found(document, position);
        return at === undefined ? [] : definitionsOf(document, at.script, at.name);
      },
    }),
    vscode.languages.registerReferenceProvider(SCRIPTS, {
      provideReferences(document, position, { includeDeclaration }) {
        const at = found(document, position);
        if (at === undefined) return [];
        return everywhere(document, at.script, at.name, (name) => includeDeclaration || !name.isDefinition);
      },
    }),
    vscode.languages.registerDocumentHighlightProvider(SCRIPTS, {
      provideDocumentHighlights(document, position) {
        const at = found(document, position);
        if (at === undefined) return [];
        return sameAs(at.script.names(), at.name).map(
          ({ offset, length, isDefinition }) =>
            new vscode.DocumentHighlight(
              rangeOf(document, offset, offset + length),
              isDefinition ? vscode.DocumentHighlightKind.Write : vscode.DocumentHighlightKind.Read,
            ),
        );
      },
    }),
  );
}

function definitionsOf(document: vscode.TextDocument, script: ScriptDocument, name: ScriptName): vscode.Location[] {
  if (name.kind !== "file") return everywhere(document, script, name, ({ isDefinition }) => isDefinition);
  const include = [...script.opened.included.scripts].find(([{ file }]) => file === name.token)?.[1];
  return include === undefined ? [] : [new vscode.Location(vscode.Uri.file(include.path), new vscode.Position(0, 0))];
}

/** In the script and in what it includes. */
function everywhere(
  document: vscode.TextDocument,
  script: ScriptDocument,
  wanted: ScriptName,
  isWanted: (name: ScriptName) => boolean,
): vscode.Location[] {
  const here = sameAs(script.names(), wanted)
    .filter(isWanted)
    .map(({ offset, length }) => new vscode.Location(document.uri, rangeOf(document, offset, offset + length)));
  const included = [...script.opened.included.scripts.values()].flatMap((other) =>
    sameAs(namesOf(other.tree), wanted)
      .filter(isWanted)
      .map((name) => locationIn(other, name)),
  );
  return [...here, ...included];
}

function locationIn({ path, text }: IncludedScript, { offset, length }: ScriptName): vscode.Location {
  const place = placeIn(text);
  const position = (at: number) => {
    const { line, column } = place(at);
    return new vscode.Position(line - 1, column - 1);
  };
  return new vscode.Location(vscode.Uri.file(path), new vscode.Range(position(offset), position(offset + length)));
}
