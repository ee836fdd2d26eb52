/** The linker script of `faultline place --script`: generated, or statements in the one that faultline.json or the build names. */
import { existsSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import type { TextEdit } from "../core/base/text-edit.js";
import type { Image } from "../core/image/image.js";
import { refusalSentence } from "../core/ldscript/edit-refusal.js";
import { isGeneratedScript } from "../core/placement/generated-script.js";
import type { Placement } from "../core/placement/placement.js";
import { scriptlessText } from "../core/report/placement-text.js";
import { english } from "../core/report/translate.js";
import { openImageFile } from "../host/images.js";
import { findScripts } from "../host/ldscript-search.js";
import { readEditable, writeAll, type FileChange } from "../host/placement-files.js";
import { changedScript } from "../host/placement-script.js";
import type { ProjectFile } from "../host/project-file.js";
import { UserError } from "../host/user-error.js";
import { buildChange, type BuildChange } from "./place-build.js";
import { editLines } from "./place-outcome.js";
import { say } from "./say.js";
import { print } from "./terminal.js";

export const DEFAULT_SCRIPT = "locked-sections.ld";

export interface ScriptOptions {
  readonly build?: boolean;
  readonly output?: string;
  readonly json?: boolean;
  readonly "dry-run"?: boolean;
}

export interface PlannedScript {
  readonly file: FileChange["file"];
  /** Somebody's own: statements go into it. */
  readonly own: boolean;
  /** The whole script as it is to be; undefined: there is none, and none is needed. */
  readonly text: string | undefined;
  readonly edits: readonly TextEdit[];
}

/** `faultline place --script` without symbols. Exits 0 when every placement by a script is in it. */
export async function writeScript(project: ProjectFile, file: string, options: ScriptOptions): Promise<number> {
  const added = project.project.placements.filter(({ by }) => by === "script");
  if (added.length === 0)
    throw new UserError('No placement of faultline.json is by "script": add "by": "script" to those that are to be.');
  const opened = openImageFile(file);
  try {
    const image = opened.ok ? opened.image : undefined;
    const script = plannedScript(project, image, { kept: [], added, removed: [] }, options.output);
    const dryRun = options["dry-run"] === true;
    const build = options.build === true ? buildChange(project.folder, file, script.file.path) : undefined;
    if (!dryRun) writeAll([...changeOf(script), ...(build?.change === undefined ? [] : [build.change])]);
    const files = editedFiles(script, build);
    const answer = {
      version: 1,
      action: "place",
      applied: !dryRun,
      placements: added,
      files,
      refusals: [],
      checked: [],
    };
    if (options.json === true) await print([`${JSON.stringify(answer, undefined, 1)}\n`]);
    else if (dryRun) await print(dryLines(script, build).map((line) => `${line}\n`));
    tellScript(script, added.length, dryRun, build);
    return 0;
  } finally {
    if (opened.ok) opened.close();
  }
}

/** Writes nothing. Throws UserError, with what to do instead, where the script cannot be made so. */
export function plannedScript(
  { project, folder }: ProjectFile,
  image: Image | undefined,
  change: Record<"kept" | "added" | "removed", readonly Placement[]>,
  output: string | undefined,
): PlannedScript {
  const named = output ?? project.linkerScript;
  const linked = named === undefined ? linkedScript(folder, image) : undefined;
  const path = resolve(named ?? linked ?? join(folder, DEFAULT_SCRIPT));
  const file: FileChange["file"] = existsSync(path)
    ? readEditable(path, [folder, dirname(path)])
    : { path, text: undefined, encoding: "utf8" };
  if (file.text !== undefined && !isGeneratedScript(file.text) && ![project.linkerScript, linked].includes(path))
    throw new UserError(
      `${path} was written by somebody else and is left as it is: name it as "linkerScript" in faultline.json to have it edited, or another file with -o.`,
    );
  const answer = changedScript({ image, path, folder, script: file.text, linker: project.linker, ...change });
  switch (answer.kind) {
    case "script":
      return { ...answer, file };
    case "refused":
      throw new UserError(`${shown(path)} is left as it is. ${refusalSentence(answer.refusal, english)}`);
    case "scriptless":
      throw new UserError(scriptlessText(shown(image?.path ?? ""), answer.linker, answer.line, english));
  }
}

/** The user's own that the program is linked with, as in the editor: one of the default's name was made for this before. */
function linkedScript(folder: string, image: Image | undefined): string | undefined {
  if (image === undefined || existsSync(join(folder, DEFAULT_SCRIPT))) return undefined;
  const { chosen } = findScripts({ folders: [folder], anywhere: false, program: image.path, mayRun: true });
  return chosen[0]?.path;
}

/** Nothing where nothing changes. */
export function changeOf({ file, text }: PlannedScript): readonly FileChange[] {
  return text === undefined || text === file.text ? [] : [{ file, text }];
}

/** For JSON. */
export function editedFiles({ file, edits }: PlannedScript, build: BuildChange | undefined) {
  const own = { path: file.path, edits };
  return build?.change === undefined ? [own] : [own, { path: build.change.file.path, edits: build.change.edits }];
}

/** What would be changed. */
export function dryLines({ file, edits }: PlannedScript, build: BuildChange | undefined): readonly string[] {
  const change = build?.change;
  return [...editLines(file, edits), ...(change === undefined ? [] : editLines(change.file, change.edits))];
}

/** What to do next. */
export function tellScript(
  { file, own, edits }: PlannedScript,
  placements: number,
  dryRun: boolean,
  build: BuildChange | undefined,
): void {
  const path = shown(file.path);
  if (dryRun) return say("Nothing was changed (--dry-run).");
  if (build !== undefined) {
    say(`${path}: ${placements} placements.`);
    return say(build.sentence);
  }
  if (own) {
    say(`${path} ${edits.length === 0 ? "places them already" : "changed"}.`);
    return say("Compile with -ffunction-sections -fdata-sections, build, then: faultline place --verify");
  }
  say(`${path}: ${placements} placements. Compile with -ffunction-sections -fdata-sections.`);
  say(`Link with -Wl,-T,${path} (GNU ld and lld), build, then: faultline place --verify`);
}

/** Throws UserError where none is named. */
export function programOf({ project, path }: ProjectFile): string {
  if (project.program === undefined)
    throw new UserError(`${path} names no program: name the file, faultline place --verify FILE`);
  return resolve(project.workingDirectory, project.program);
}

function shown(path: string): string {
  return relative(process.cwd(), path);
}
