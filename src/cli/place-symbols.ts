/** `faultline place SYMBOL…`: placements made and taken back, in the source or for the linker script, and kept in faultline.json. */
import { statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { editedText } from "../core/base/text-edit.js";
import type { Image } from "../core/image/image.js";
import { DEFAULT_LOCKED_SECTIONS, kindOf, type SectionKind } from "../core/placement/locked-sections.js";
import type { Placement } from "../core/placement/placement.js";
import { placementsAdded, placementsRemoved } from "../core/placement/placements-edit.js";
import { SymbolNames } from "../core/placement/symbol-names.js";
import { printable } from "../core/report/printable.js";
import { sourceRefusalText } from "../core/report/source-refusals.js";
import { english } from "../core/report/translate.js";
import { openImageFile } from "../host/images.js";
import { readEditable, writeAll, type FileChange } from "../host/placement-files.js";
import type { Plan } from "../host/placement-plan.js";
import { placeInSource, type SourceOutcome, type SourceRequest } from "../host/placement-source.js";
import { findProject, PROJECT_FILE, type ProjectFile } from "../host/project-file.js";
import { UserError } from "../host/user-error.js";
import { programOf, writeScript } from "./place-script.js";
import { say } from "./say.js";
import { print } from "./terminal.js";

export interface SymbolOptions {
  readonly source?: boolean;
  readonly script?: boolean;
  readonly remove?: boolean;
  readonly kind: SectionKind | undefined;
  readonly in?: string;
  readonly output?: string;
  readonly json?: boolean;
  readonly "dry-run"?: boolean;
}

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
    const byScript = (symbol: string): boolean => placed.some((one) => one.symbol === symbol && one.by === "script");
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
  const placements = plan.placements.map(({ symbol, kind, section }): Placement => ({
    symbol,
    kind,
    section,
    by: "source",
  }));
  if (remove) return removeFromProject(project, new Set(placements.map(({ symbol }) => symbol)));
  const isKept = (one: Placement): boolean =>
    known.some(({ symbol, kind }) => symbol === one.symbol && kind === one.kind);
  return addToProject(
    project,
    placements.filter((one) => !isKept(one)),
    sections,
  );
}

function addToProject(
  project: ProjectFile | undefined,
  placements: readonly Placement[],
  sections: ProjectFile["project"]["lockedSections"],
): string | undefined {
  if (placements.length === 0) return undefined;
  if (project === undefined) {
    const path = join(process.cwd(), PROJECT_FILE);
    writeFileSync(path, editedText("", [placementsAdded("", placements, sections)!]), { flag: "wx" });
    return path;
  }
  writeAll([editedProject(project, placements, sections)]);
  return project.path;
}

/** Throws UserError where its text must be put right first. */
function editedProject(
  project: ProjectFile,
  placements: readonly Placement[],
  sections: ProjectFile["project"]["lockedSections"],
): FileChange {
  const file = readEditable(project.path, [project.folder]);
  const edit = placementsAdded(file.text, placements, sections);
  if (edit === undefined)
    throw new UserError(
      `${project.path} is not valid JSON, or its placements are no list: put that right, and try again.`,
    );
  return { file, text: editedText(file.text, [edit]) };
}

function removeFromProject(project: ProjectFile | undefined, symbols: ReadonlySet<string>): string | undefined {
  if (project === undefined) return undefined;
  const file = readEditable(project.path, [project.folder]);
  const edit = placementsRemoved(file.text, symbols);
  if (edit === undefined) return undefined;
  writeAll([{ file, text: editedText(file.text, [edit]) }]);
  return project.path;
}

/** Way 2: the script is written anew from what faultline.json then places by a script. */
async function placeByScript(
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
  const missing = options.remove === true ? [] : found.filter(({ own }) => own.length === 0);
  const placements = found.flatMap(({ symbol, own }): Placement[] => {
    const section = own[0] === undefined ? undefined : image.sectionAt(own[0].address);
    const kind = options.kind ?? (section === undefined ? "text" : kindOf(section));
    return [{ symbol, kind, section: lockedSections[kind], by: "script" }];
  });
  const refusals = missing.map(({ symbol }) => ({ wanted: symbol, refusal: { code: "unknown" as const } }));
  const outcome = {
    kind: refusals.length > 0 ? "refused" : "done",
    plan: { placements: [], files: [], refusals },
    checked: [],
  } as const;
  const action = options.remove === true ? "remove" : "place";
  const dryRun = options["dry-run"] === true;
  if (outcome.kind === "done" && !dryRun) {
    if (action === "remove") removeFromProject(project, new Set(symbols));
    else {
      const known = new Set(project.project.placements.map(({ symbol }) => symbol));
      addToProject(
        project,
        placements.filter(({ symbol }) => !known.has(symbol)),
        lockedSections,
      );
    }
  }
  if (options.json === true)
    await print([`${JSON.stringify({ ...asJson(outcome, action, dryRun), placements }, undefined, 1)}\n`]);
  else if (refusals.length > 0) await print([textOf(outcome, action, dryRun)]);
  if (outcome.kind !== "done") return 1;
  if (dryRun) return 0;
  const after = findProject(project.folder);
  if (after?.project.placements.some(({ by }) => by === "script") === true)
    return writeScript(after, options.in ?? programOf(after), options.output);
  say("No placement is left for the linker script: take it out of what the program is linked with.");
  return 0;
}

function asJson(outcome: SourceOutcome, action: "place" | "remove", dryRun: boolean) {
  const { plan } = outcome;
  return {
    version: 1,
    action,
    applied: outcome.kind === "done" && !dryRun,
    placements: plan.placements,
    files: plan.files.map(({ file, edits }) => ({ path: file.path, edits })),
    refusals: plan.refusals.map(({ wanted, refusal }) => ({
      symbol: wanted,
      ...refusal,
      message: sourceRefusalText(refusal, wanted, english),
    })),
    checked: outcome.kind === "done" ? outcome.checked : [],
    error: outcome.kind === "not-compiled" ? { source: outcome.source, message: outcome.error } : undefined,
  };
}

function jsonOf(outcome: SourceOutcome, action: "place" | "remove", dryRun: boolean): string {
  return `${JSON.stringify(asJson(outcome, action, dryRun), undefined, 1)}\n`;
}

function textOf(outcome: SourceOutcome, action: "place" | "remove", dryRun: boolean): string {
  const { plan } = outcome;
  const here = (path: string): string => {
    const shorter = relative(process.cwd(), path);
    return printable(shorter.startsWith("..") ? path : shorter);
  };
  const lines = plan.placements.map(
    ({ symbol, kind, section, file, line, already }) =>
      `${outcome.kind === "done" ? "✓" : " "} ${printable(symbol)}  ${kind}, ${printable(section)}  ${here(file)}:${line}${already ? `  ${action === "place" ? "(already)" : "(not by an attribute here)"}` : ""}`,
  );
  const refused = plan.refusals.map(({ wanted, refusal }) => `✗ ${sourceRefusalText(refusal, wanted, english)}`);
  const end =
    outcome.kind === "refused"
      ? ["Nothing was changed."]
      : outcome.kind === "not-compiled"
        ? [
            `✗ ${here(outcome.source)} does not compile any more, so the change was taken back:`,
            `  ${printable(outcome.error)}`,
          ]
        : dryRun
          ? plan.files.flatMap(({ file, edits }) =>
              edits.map(({ offset, length, text }) => {
                const line = file.text.slice(0, offset).split("\n").length;
                const what =
                  length > 0
                    ? `without ${JSON.stringify(file.text.slice(offset, offset + length))}`
                    : `with ${JSON.stringify(text)}`;
                return `${here(file.path)}:${line}: ${printable(what)}`;
              }),
            )
          : [];
  return `${[...lines, ...refused, ...end].join("\n")}\n`;
}

function tellNext(
  { plan, checked }: Extract<SourceOutcome, { kind: "done" }>,
  dryRun: boolean,
  kept: string | undefined,
  remove: boolean,
): void {
  if (dryRun) {
    say("Nothing was changed (--dry-run).");
    return;
  }
  for (const { source, result, reason } of checked)
    if (result === "unknown") say(`${relative(process.cwd(), source)} was not compiled alone: ${reason}.`);
  const files = plan.files.length;
  const changed = [
    ...(files > 0 ? [`${files} source ${files === 1 ? "file" : "files"}`] : []),
    ...(kept === undefined ? [] : [relative(process.cwd(), kept)]),
  ];
  if (changed.length === 0) say("Nothing had to be changed.");
  else say(`${changed.join(" and ")} changed. ${remove ? "Build again." : "Build, then: faultline place --verify"}`);
}
