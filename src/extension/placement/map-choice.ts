/** What of a memory map's cells a command about placements is meant for: chosen by a person where it is several. */
import { basename, dirname } from "node:path";
import * as vscode from "vscode";
import { labelText } from "../../core/report/label-text.js";
import type { MapSymbol } from "../../core/report/map-symbols.js";
import { findProject, type Project } from "../../host/project-file.js";
import { CommandId } from "../ids.js";
import { isSameName } from "./placement-target.js";

/** By image, since each has a placement of its own; undefined: the person thought better of it, or was told why there are none. */
export async function chosenOnMap(
  command: CommandId,
  symbols: readonly MapSymbol[],
): Promise<readonly (readonly MapSymbol[])[] | undefined> {
  const fitting = symbols.filter((symbol) => fits(command, symbol)).slice(0, MOST_SYMBOLS);
  if (fitting.length === 0) {
    await vscode.window.showInformationMessage(noneOf(command, symbols.length));
    return undefined;
  }
  const chosen = fitting.length === 1 ? fitting : await chooseOf(command, fitting);
  if (chosen === undefined || chosen.length === 0) return undefined;
  const images = new Set(chosen.map(({ image }) => image));
  return [...images].map((path) => chosen.filter(({ image }) => image === path));
}

async function chooseOf(command: CommandId, symbols: readonly MapSymbol[]): Promise<readonly MapSymbol[] | undefined> {
  const items = symbols.map((symbol) => ({
    label: labelText(symbol.object),
    description: symbol.kind === "function" ? vscode.l10n.t("function") : vscode.l10n.t("global"),
    detail: labelText(placeOf(symbol)),
    picked: true,
    symbol,
  }));
  const title = vscode.l10n.t("On the Selected Pages");
  const options = { canPickMany: true, matchOnDetail: true, title, placeHolder: questionOf(command) } as const;
  const chosen = await vscode.window.showQuickPick(items, options);
  return chosen?.map(({ symbol }) => symbol);
}

/** Of all that lies there, what the command would change. */
function fits(command: CommandId, { object, kind, section, image }: MapSymbol): boolean {
  const isIn = (names: readonly string[]): boolean => names.some((name) => isSameName(name, object));
  const project: Project | undefined = findProject(dirname(image))?.project;
  const isPlaced = isIn(project?.placements.map(({ symbol }) => symbol) ?? []);
  switch (command) {
    case CommandId.RemovePlacement:
      return isPlaced;
    case CommandId.MarkCritical:
      return kind === "function" && !isIn(project?.critical ?? []);
    case CommandId.PlaceWithReach:
      return kind === "function";
    default:
      return !isPlaced && !Object.values(project?.lockedSections ?? {}).some((name) => name === section);
  }
}

function questionOf(command: CommandId): string {
  switch (command) {
    case CommandId.RemovePlacement:
      return vscode.l10n.t("What to take out of its locked section");
    case CommandId.MarkCritical:
      return vscode.l10n.t("Which functions are critical");
    default:
      return vscode.l10n.t("What to place in locked sections");
  }
}

function noneOf(command: CommandId, there: number): string {
  if (there === 0)
    return vscode.l10n.t("Nothing on these pages is of a program of this workspace: select other pages.");
  switch (command) {
    case CommandId.RemovePlacement:
      return vscode.l10n.t("Nothing on these pages is placed by faultline.json: select other pages.");
    case CommandId.MarkCritical:
      return vscode.l10n.t("No function on these pages can be marked that is not critical already.");
    case CommandId.PlaceWithReach:
      return vscode.l10n.t("There is no function on these pages: select other pages.");
    default:
      return vscode.l10n.t("All of this workspace that is on these pages is placed already.");
  }
}

/** Where it is declared, or else which section it is in now. */
function placeOf({ source, section, image }: MapSymbol): string {
  if (source !== undefined) return `${basename(source.file)}:${source.line}`;
  return `${basename(image)} ${section ?? ""}`;
}

/** More nobody reads; a page holds fewer. */
const MOST_SYMBOLS = 1000;
