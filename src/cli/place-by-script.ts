/** Way 2 of `faultline place SYMBOL…`: by the linker script. It and faultline.json change together, or neither does. */
import { relative } from "node:path";
import type { Image, ImageSymbol } from "../core/image/image.js";
import { kindOf } from "../core/placement/locked-sections.js";
import { filesOfShared, isFile, symbolsOf } from "../core/placement/placed-symbols.js";
import { isSameName, type PlacedName, type Placement } from "../core/placement/placement.js";
import { scriptRefusal, type ScriptRefusal } from "../core/placement/script-refusal.js";
import { SymbolNames } from "../core/placement/symbol-names.js";
import { printable } from "../core/report/printable.js";
import { sourceMapper } from "../core/report/source-map.js";
import { parsedName, type AskedName } from "../host/asked-place.js";
import { projectPath } from "../host/kept-placement.js";
import { writeAll } from "../host/placement-files.js";
import { PROJECT_FILE, type ProjectFile } from "../host/project-file.js";
import { UserError } from "../host/user-error.js";
import { changedProject, keptAs } from "./kept-placements.js";
import { asJson, textOf, type PlacedOutcome, type SymbolOptions } from "./place-outcome.js";
import { buildChange } from "./place-build.js";
import { changeOf, dryLines, editedFiles, plannedScript, tellScript, type PlannedScript } from "./place-script.js";
import { say } from "./say.js";
import { print } from "./terminal.js";

/** Exits 0 when all are in the script, or taken out of it; 1 when one cannot be, and then nothing has changed. */
export async function placeByScript(
  symbols: readonly string[],
  image: Image,
  project: ProjectFile | undefined,
  options: SymbolOptions,
): Promise<number> {
  if (project === undefined)
    throw new UserError(`There is no ${PROJECT_FILE} here or above: make one that names the program ("program": …).`);
  if (options.remove === true)
    return await change(project, image, { added: [], removed: keptOf(project, symbols) }, options);
  const { placements, refusals } = wantedPlacements(symbols, image, project, options);
  if (refusals.length > 0) {
    const outcome: PlacedOutcome = { kind: "refused", plan: { placements: [], files: [], refusals } };
    const json = { ...asJson(outcome, "place", options["dry-run"] === true), placements };
    await print([options.json === true ? `${JSON.stringify(json, undefined, 1)}\n` : textOf(outcome, "place", false)]);
    return 1;
  }
  const removed = project.project.placements.filter((known) =>
    placements.some((one) => isSameName(one, known) && (one.kind !== known.kind || one.section !== known.section)),
  );
  return await change(project, image, { added: placements, removed }, options);
}

async function change(
  project: ProjectFile,
  image: Image,
  { added, removed }: Readonly<Record<"added" | "removed", readonly Placement[]>>,
  options: SymbolOptions,
): Promise<number> {
  const kept = project.project.placements.filter(
    (known) => known.by === "script" && ![...added, ...removed].some((one) => isSameName(one, known)),
  );
  const script = plannedScript(project, image, { kept, added, removed }, options.output);
  const dryRun = options["dry-run"] === true;
  const ownChange = changedProject(project, { added, removed }, project.project.lockedSections);
  const remove = options.remove === true;
  const build =
    options.build === true && !remove ? buildChange(project.folder, image.path, script.file.path) : undefined;
  if (!dryRun) writeAll([...changeOf(script), ...[ownChange, build?.change].flatMap((one) => one ?? [])]);
  const placements = remove ? removed : added;
  if (options.json === true) {
    const outcome: PlacedOutcome = { kind: "done", plan: { placements: [], files: [], refusals: [] }, checked: [] };
    const files = editedFiles(script, build);
    const answer = { ...asJson(outcome, remove ? "remove" : "place", dryRun), placements, files };
    await print([`${JSON.stringify(answer, undefined, 1)}\n`]);
  } else
    await print(
      [...linesOf(placements, script, remove, dryRun), ...(dryRun ? dryLines(script, build) : [])].map(
        (line) => `${line}\n`,
      ),
    );
  if (remove && !dryRun) tellRemoved(script, kept.length);
  else tellScript(script, kept.length + added.length, dryRun, build);
  return 0;
}

/** Throws UserError for one that an attribute in the source places: it can be placed one way. */
function wantedPlacements(symbols: readonly string[], image: Image, project: ProjectFile, options: SymbolOptions) {
  const asked = symbols.map(parsedName);
  const names = new SymbolNames(image, asked.map(({ name }) => name)); // prettier-ignore
  const placements: Placement[] = [];
  const refusals: { wanted: string; refusal: ScriptRefusal }[] = [];
  for (const one of asked) {
    const { own } = names.find(one.name);
    const refusal = scriptRefusal(image, one.name, own, undefined);
    const file = refusal ?? ownFile(image, own, one, project);
    if (typeof file === "object") refusals.push({ wanted: one.asked, refusal: file });
    else
      placements.push(
        placementOf(image, names, { symbol: one.name, ...(file === undefined ? {} : { file }) }, project, options),
      );
  }
  const bySource = project.project.placements.find(
    (known) => known.by === "source" && placements.some((one) => isSameName(one, known)),
  );
  if (bySource === undefined) return { placements, refusals };
  const { symbol } = bySource;
  throw new UserError(`${symbol} is placed in the source: take that back first, faultline place ${symbol} --remove`);
}

function placementOf(
  image: Image,
  names: SymbolNames,
  name: PlacedName,
  { project }: ProjectFile,
  options: SymbolOptions,
): Placement {
  const [own] = symbolsOf(image, names, name).own;
  const section = own && image.sectionAt(own.address);
  const kind = options.kind ?? (section === undefined ? "text" : kindOf(section));
  return { ...name, kind, section: project.lockedSections[kind], by: "script" };
}

/** Of several static ones of a name that which was asked for; undefined: there is one. */
function ownFile(
  image: Image,
  own: readonly ImageSymbol[],
  { name, file }: AskedName,
  { project, folder }: ProjectFile,
): string | ScriptRefusal | undefined {
  const map = sourceMapper(project.sourceMap);
  const files = filesOfShared(image, own).map((recorded) => projectPath(folder, map(recorded)));
  if (files.length === 0) return undefined;
  const fitting = files.filter((one) => file !== undefined && isFile(one, file));
  const exact = fitting.find((one) => one === file) ?? (fitting.length === 1 ? fitting[0] : undefined);
  return exact ?? { code: "ambiguous", choices: files.map((one) => `${one}:${name}`) };
}

/** Throws UserError where one is not there. */
function keptOf({ project, path }: ProjectFile, symbols: readonly string[]): readonly Placement[] {
  return symbols.flatMap((wanted) => {
    const kept = keptAs(project.placements, wanted).filter(({ by }) => by === "script");
    if (kept.length > 0) return kept;
    throw new UserError(`${path} places no ${printable(wanted)} by a script: see its "placements".`);
  });
}

function linesOf(placements: readonly Placement[], { file }: PlannedScript, remove: boolean, dryRun: boolean) {
  const script = printable(relative(process.cwd(), file.path));
  return placements.map(({ symbol, kind, section }) => {
    const where = `${kind}, ${printable(section)}`;
    return `${dryRun ? " " : "✓"} ${printable(symbol)}  ${remove ? `was ${where} by ${script}` : `${where}  ${script}`}`;
  });
}

function tellRemoved({ file, own }: PlannedScript, left: number): void {
  const path = relative(process.cwd(), file.path);
  if (own || left > 0) return say(`${path} and ${PROJECT_FILE} changed. Build again.`);
  say(`${PROJECT_FILE} changed. ${path} places nothing any more: build again, with it or without it.`);
}
