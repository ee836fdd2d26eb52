/** `faultline place SYMBOL…`: placements made and taken back, in the source or for the linker script, and kept in faultline.json. */
import { statSync } from "node:fs";
import type { Image } from "../core/image/image.js";
import { DEFAULT_LOCKED_SECTIONS } from "../core/placement/locked-sections.js";
import { isSameName, type Placement } from "../core/placement/placement.js";
import { keptPlacement } from "../host/kept-placement.js";
import { openImageFile } from "../host/images.js";
import type { Plan } from "../host/placement-plan.js";
import { placeInSource, type SourceRequest } from "../host/placement-source.js";
import { findProject, PROJECT_FILE, type ProjectFile } from "../host/project-file.js";
import { UserError } from "../host/user-error.js";
import { addToProject, editedProject, keptAs, removeFromProject } from "./kept-placements.js";
import { placeByScript } from "./place-by-script.js";
import { jsonOf, tellNext, textOf, type SymbolOptions } from "./place-outcome.js";
import { programOf } from "./place-script.js";
import { say } from "./say.js";
import { print } from "./terminal.js";

/** Exits 0 when all are placed, or taken back; 1 when one cannot be, and then nothing has changed. */
export async function placeSymbols(symbols: readonly string[], options: SymbolOptions): Promise<number> {
  if (options.source === true && options.script === true)
    throw new UserError("Say --source or --script: a symbol is placed one way.");
  const project = findProject(process.cwd());
  for (const problem of project?.problems ?? []) say(problem);
  const path = options.in ?? (project === undefined ? undefined : programOf(project));
  if (path === undefined)
    throw new UserError(
      `There is no ${PROJECT_FILE} here or above: name the program, faultline place SYMBOL --in FILE.`,
    );
  const opened = openImageFile(path);
  if (!opened.ok) throw new UserError(`${opened.message} Build the program first, with -g.`);
  try {
    const unique = [...new Set(symbols)];
    const placed = project?.project.placements ?? [];
    const byScript = (symbol: string): boolean => keptAs(placed, symbol).some(({ by }) => by === "script");
    if (options.script === true || (options.remove === true && unique.every(byScript)))
      return await placeByScript(unique, opened.image, project, options);
    return await placeBySource(unique, opened.image, path, project, options);
  } finally {
    opened.close();
  }
}

async function placeBySource(
  symbols: readonly string[],
  image: Image,
  path: string,
  project: ProjectFile | undefined,
  options: SymbolOptions,
): Promise<number> {
  const request: SourceRequest = {
    image,
    builtMs: statSync(path).mtimeMs,
    symbols,
    action: options.remove === true ? "remove" : "place",
    kind: options.kind,
    sections: project?.project.lockedSections ?? DEFAULT_LOCKED_SECTIONS,
    folders: [project?.folder ?? process.cwd(), ...Object.values(project?.project.sourceMap ?? {})],
    sourceMap: project?.project.sourceMap ?? {},
    kept: new Set(project?.project.placements.map(({ symbol }) => symbol)),
  };
  const dryRun = options["dry-run"] === true;
  // What cannot be kept is not begun.
  if (project !== undefined) editedProject(project, [], request.sections);
  const outcome = placeInSource(request, dryRun);
  const kept = outcome.kind === "done" && !dryRun ? keep(outcome.plan, project, options.remove === true) : undefined;
  await print([
    options.json === true ? jsonOf(outcome, request.action, dryRun) : textOf(outcome, request.action, dryRun),
  ]);
  if (outcome.kind === "done" && options.json !== true) tellNext(outcome, dryRun, kept, options.remove === true);
  return outcome.kind === "done" ? 0 : 1;
}

/** Writes faultline.json, which is made where there is none; gives its path where it changed. */
function keep(plan: Plan, project: ProjectFile | undefined, remove: boolean): string | undefined {
  const sections = project?.project.lockedSections ?? DEFAULT_LOCKED_SECTIONS;
  const known = project?.project.placements ?? [];
  const folder = project?.folder ?? process.cwd();
  const placements = plan.placements.map((one) => keptPlacement(one, folder));
  if (remove) return removeFromProject(project, placements);
  const isKept = (one: Placement): boolean => known.some((kept) => isSameName(kept, one) && kept.kind === one.kind);
  return addToProject(
    project,
    placements.filter((one) => !isKept(one)),
    sections,
  );
}
