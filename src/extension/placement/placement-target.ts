/** What commands about placements are given: by quick fixes, trees, the map, or nothing, which means the cursor. */
import { realpath } from "node:fs/promises";
import * as vscode from "vscode";
import { listOf, objectOf, textOf } from "../../core/base/json-fields.js";
import type { SourceLanguage } from "../../core/placement/source-answer.js";
import { definitionAt } from "../../core/placement/source-cursor.js";
import type { WantedName } from "./placement-order.js";

export interface PlacementTarget {
  readonly wanted: readonly WantedName[];
  /** The image a report found it in. */
  readonly image: string | undefined;
  /** A file or folder the project is looked for from. */
  readonly near: string;
}

/** The definition around a position; undefined: there is none, or the language is not known. */
export function wantedAt(
  document: vscode.TextDocument,
  position: vscode.Position,
  file: string,
): WantedName | undefined {
  const language = LANGUAGES.get(document.languageId);
  if (language === undefined || document.uri.scheme !== "file") return undefined;
  const text = document.getText();
  if (text.length > MOST_TEXT) return undefined;
  const found = definitionAt(text, language, document.offsetAt(position));
  if (found === undefined) return undefined;
  const { name, qualifiers, kind, line } = found;
  return { name: [...qualifiers, name].join("::"), kind, at: { file, line } };
}

/** Commands may be called by anyone, with anything: what makes no sense is left out. */
export async function placementTarget(argument: unknown, others: unknown): Promise<PlacementTarget | undefined> {
  const chosen = Array.isArray(others) && others.length > 1 ? others : [argument];
  const targets = (await Promise.all(chosen.map(targetOf))).flatMap((target) => target ?? []);
  const [first] = targets;
  if (first !== undefined) return { ...first, wanted: targets.flatMap(({ wanted }) => wanted) };
  return argument === undefined || argument instanceof vscode.Uri ? atCursor() : undefined;
}

async function atCursor(): Promise<PlacementTarget | undefined> {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined) return undefined;
  const file = await real(editor.document.uri.fsPath);
  const wanted = wantedAt(editor.document, editor.selection.active, file);
  return wanted && { wanted: [wanted], image: undefined, near: file };
}

/** Of a quick fix, or of a tree's row with its names as the map and the source target have them. */
async function targetOf(argument: unknown): Promise<PlacementTarget | undefined> {
  const fields = objectOf(argument);
  if (fields === undefined) return undefined;
  const given = listOf(fields["wanted"]).flatMap((one) => wantedOf(one) ?? []);
  const near = textOf(fields["near"]);
  const image = textOf(fields["image"]) ?? textOf(fields["region"]);
  if (given.length > 0 && near !== undefined) return { wanted: given, image, near };
  const name = textOf(fields["object"]) ?? textOf(fields["symbol"]);
  if (name === undefined || name === "") return undefined;
  const source = objectOf(fields["source"]) ?? fields;
  const file = textOf(source["file"]);
  const line = source["line"];
  const at = file === undefined || typeof line !== "number" || line < 1 ? undefined : { file: await real(file), line };
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
  const root = at?.file ?? near ?? folder;
  // What a report names it has from the symbol table: nothing is to be read from its place.
  return root === undefined ? undefined : { wanted: [{ name, kind: kindOf(fields["kind"]), at }], image, near: root };
}

function wantedOf(value: unknown): WantedName | undefined {
  const fields = objectOf(value);
  const name = textOf(fields?.["name"]);
  if (fields === undefined || name === undefined) return undefined;
  const at = objectOf(fields["at"]);
  const file = textOf(at?.["file"]);
  const line = at?.["line"];
  return {
    name,
    kind: kindOf(fields["kind"]),
    at: file === undefined || typeof line !== "number" ? undefined : { file, line },
  };
}

function kindOf(value: unknown): WantedName["kind"] {
  if (value === "function") return "function";
  return value === "variable" ? "variable" : undefined;
}

/** With or without parameters and namespace, as people write it. */
export function isSameName(one: string, other: string): boolean {
  const [a, b] = [one, other].map((text) => text.replace(/\(.*$/s, ""));
  return a === b || a?.endsWith(`::${b}`) === true || b?.endsWith(`::${a}`) === true;
}

async function real(path: string): Promise<string> {
  return realpath(path).catch(() => path);
}

export const LANGUAGES: ReadonlyMap<string, SourceLanguage> = new Map([
  ["c", "c"],
  ["cpp", "c++"],
  ["cuda-cpp", "c++"],
  ["rust", "rust"],
]);
/** The cursor's surroundings are read at each of its moves: a larger file is generated, and has its names by reports. */
const MOST_TEXT = 2 << 20;
