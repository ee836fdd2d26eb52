/** Way 2 of `faultline place SYMBOL…`: by the linker script, which is written anew. */
import type { Image } from "../core/image/image.js";
import { kindOf } from "../core/placement/locked-sections.js";
import type { Placement } from "../core/placement/placement.js";
import { scriptRefusal } from "../core/placement/script-refusal.js";
import { SymbolNames } from "../core/placement/symbol-names.js";
import { PROJECT_FILE, type ProjectFile } from "../host/project-file.js";
import { UserError } from "../host/user-error.js";
import { addToProject, removeFromProject } from "./kept-placements.js";
import { asJson, textOf, type PlacedOutcome, type SymbolOptions } from "./place-outcome.js";
import { madeScript, requireScripts, writeMade, type MadeScript } from "./place-script.js";
import { say } from "./say.js";
import { print } from "./terminal.js";

/** Exits 0 when all are in the script, 1 when one cannot be, and then nothing has changed. */
export async function placeByScript(
  symbols: readonly string[],
  image: Image,
  project: ProjectFile | undefined,
  options: SymbolOptions,
): Promise<number> {
  if (project === undefined)
    throw new UserError(`There is no ${PROJECT_FILE} here or above: make one that names the program ("program": …).`);
  const { lockedSections } = project.project;
  const names = new SymbolNames(image);
  const found = symbols.map((symbol) => ({ symbol, own: names.find(symbol).own }));
  const placements = found.flatMap(({ symbol, own }): Placement[] => {
    const section = own[0] === undefined ? undefined : image.sectionAt(own[0].address);
    const kind = options.kind ?? (section === undefined ? "text" : kindOf(section));
    return [{ symbol, kind, section: lockedSections[kind], by: "script" }];
  });
  const { remove = false, output, json = false } = options;
  const dryRun = options["dry-run"] === true;
  const refusals = found.flatMap(({ symbol, own }) => {
    const refusal = remove ? undefined : scriptRefusal(image, symbol, own, undefined);
    return refusal === undefined ? [] : [{ wanted: symbol, refusal }];
  });
  const outcome: PlacedOutcome =
    refusals.length > 0
      ? { kind: "refused", plan: { placements: [], files: [], refusals } }
      : { kind: "done", plan: { placements: [], files: [], refusals: [] }, checked: [] };
  const script = outcome.kind === "refused" ? undefined : scriptAfter(project, image.path, placements, remove, output);
  if (outcome.kind === "done" && !dryRun) {
    const known = new Set(project.project.placements.map(({ symbol }) => symbol));
    const added = placements.filter(({ symbol }) => !known.has(symbol));
    if (remove) removeFromProject(project, new Set(symbols));
    else addToProject(project, added, lockedSections);
  }
  const action = remove ? "remove" : "place";
  if (json) await print([`${JSON.stringify({ ...asJson(outcome, action, dryRun), placements }, undefined, 1)}\n`]);
  else if (refusals.length > 0) await print([textOf(outcome, action, dryRun)]);
  if (outcome.kind !== "done") return 1;
  if (dryRun) return 0;
  if (script !== undefined) return writeMade(script);
  say("No placement is left for the linker script: take it out of what the program is linked with.");
  return 0;
}

/** Of what faultline.json will then place by a script; undefined: nothing. What cannot be made is not to be kept either. */
function scriptAfter(
  project: ProjectFile,
  program: string,
  placements: readonly Placement[],
  remove: boolean,
  output: string | undefined,
): MadeScript | undefined {
  const wanted = new Set(placements.map(({ symbol }) => symbol));
  const known = project.project.placements;
  const others = known.filter(({ symbol, by }) => by === "script" && !wanted.has(symbol));
  const bySource = new Set(known.flatMap(({ symbol, by }) => (by === "source" ? [symbol] : [])));
  const all = remove ? others : [...others, ...placements.filter(({ symbol }) => !bySource.has(symbol))];
  if (all.length === 0) return undefined;
  if (!remove) requireScripts(program, all);
  return madeScript(project, all, program, output);
}
