/** The placements in faultline.json, as `faultline place` keeps them. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { editedText } from "../core/base/text-edit.js";
import type { Placement } from "../core/placement/placement.js";
import { placementsAdded, placementsRemoved } from "../core/placement/placements-edit.js";
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
  const edit = placementsAdded(file.text, placements, sections);
  if (edit === undefined)
    throw new UserError(
      `${project.path} is not valid JSON, or its placements are no list: put that right, and try again.`,
    );
  return { file, text: editedText(file.text, [edit]) };
}

/** As above. */
export function removeFromProject(project: ProjectFile | undefined, symbols: ReadonlySet<string>): string | undefined {
  if (project === undefined) return undefined;
  const file = readEditable(project.path, [project.folder]);
  const edit = placementsRemoved(file.text, symbols);
  if (edit === undefined) return undefined;
  writeAll([{ file, text: editedText(file.text, [edit]) }]);
  return project.path;
}
