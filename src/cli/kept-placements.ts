/** The placements in faultline.json, as `faultline place` keeps them. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { editedText } from "../core/base/text-edit.js";
import { isSameName, type PlacedName, type Placement } from "../core/placement/placement.js";
import { isFile } from "../core/placement/placed-symbols.js";
import { placementsAdded, placementsRemoved } from "../core/placement/placements-edit.js";
import { parsedName } from "../host/asked-place.js";
import { readEditable, writeAll, type FileChange } from "../host/placement-files.js";
import { PROJECT_FILE, type ProjectFile } from "../host/project-file.js";
import { UserError } from "../host/user-error.js";

/** Writes faultline.json, which is made where there is none; gives its path where it changed. */
export function addToProject(
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

/** Changed, not written. Throws UserError where its text must be put right first. */
export function editedProject(
  project: ProjectFile,
  placements: readonly Placement[],
  sections: ProjectFile["project"]["lockedSections"],
): FileChange {
  const file = readEditable(project.path, [project.folder]);
  return { file, text: withPlacements(project.path, file.text, placements, sections) };
}

/** Taken out and put in, not written; undefined where nothing changes. Throws UserError as above. */
export function changedProject(
  project: ProjectFile,
  { added, removed }: Readonly<Record<"added" | "removed", readonly Placement[]>>,
  sections: ProjectFile["project"]["lockedSections"],
): FileChange | undefined {
  const file = readEditable(project.path, [project.folder]);
  const gone = placementsRemoved(file.text, removed);
  const rest = gone === undefined ? file.text : editedText(file.text, [gone]);
  const left = project.project.placements.filter((one) => !removed.includes(one));
  const missing = added.filter((wanted) => !left.some((one) => isSameName(one, wanted)));
  const text = missing.length === 0 ? rest : withPlacements(project.path, rest, missing, sections);
  return text === file.text ? undefined : { file, text };
}

function withPlacements(
  path: string,
  text: string,
  placements: readonly Placement[],
  sections: ProjectFile["project"]["lockedSections"],
): string {
  const edit = placementsAdded(text, placements, sections);
  if (edit !== undefined) return editedText(text, [edit]);
  throw new UserError(`${path} is not valid JSON, or its placements are no list: put that right, and try again.`);
}

/** As above. */
export function removeFromProject(project: ProjectFile | undefined, gone: readonly PlacedName[]): string | undefined {
  if (project === undefined) return undefined;
  const file = readEditable(project.path, [project.folder]);
  const edit = placementsRemoved(file.text, gone);
  if (edit === undefined) return undefined;
  writeAll([{ file, text: editedText(file.text, [edit]) }]);
  return project.path;
}

/** Those that "name" or "file.c:name" means. */
export function keptAs(placements: readonly Placement[], asked: string): readonly Placement[] {
  const { name, file } = parsedName(asked);
  return placements.filter(
    (one) => one.symbol === name && (file === undefined || one.file === undefined || isFile(one.file, file)),
  );
}
