/** The linker script of `faultline place --script`: made of the placements that faultline.json gives to a script. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { generatedScript, isGeneratedScript, type ScriptPlacement } from "../core/placement/generated-script.js";
import type { Placement } from "../core/placement/placement.js";
import { objcopyLine } from "../core/placement/renamed-sections.js";
import { SymbolNames } from "../core/placement/symbol-names.js";
import { scriptlessText } from "../core/report/placement-text.js";
import { english } from "../core/report/translate.js";
import { openImageFile } from "../host/images.js";
import { scriptlessLinkerOf } from "../host/program-linker.js";
import type { ProjectFile } from "../host/project-file.js";
import { UserError } from "../host/user-error.js";
import { firstLine, say } from "./say.js";

export const DEFAULT_SCRIPT = "locked-sections.ld";

export interface MadeScript {
  readonly path: string;
  readonly text: string;
  readonly placements: number;
}

/** Exits 0 when every placement is in the script. */
export function writeScript(project: ProjectFile, file: string, output: string | undefined): number {
  const placements = project.project.placements.filter(({ by }) => by === "script");
  if (placements.length === 0)
    throw new UserError('No placement of faultline.json is by "script": add "by": "script" to those that are to be.');
  requireScripts(file, placements);
  return writeMade(madeScript(project, placements, file, output));
}

/** Writes nothing; throws UserError where there can be no such script. */
export function madeScript(
  { project, folder }: ProjectFile,
  placements: readonly Placement[],
  file: string,
  output: string | undefined,
): MadeScript {
  const named = spelled(file, placements);
  const path = resolve(output ?? project.linkerScript ?? join(folder, DEFAULT_SCRIPT));
  let text: string;
  try {
    text = generatedScript(named);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UserError(`${firstLine(error)}: build ${file} first, its symbol table says how it is spelled.`);
  }
  if (existsSync(path) && !isGeneratedScript(readFileSync(path, "utf8")))
    throw new UserError(
      `${path} was written by somebody else and is left as it is: name another file with -o, and link with both.`,
    );
  return { path, text, placements: placements.length };
}

export function writeMade({ path, text, placements }: MadeScript): number {
  writeFileSync(path, text);
  const shown = relative(process.cwd(), path);
  say(`${shown}: ${placements} placements. Compile with -ffunction-sections -fdata-sections.`);
  say(`Link with -Wl,-T,${shown} (GNU ld and lld), build, then: faultline place --verify`);
  return 0;
}

/** Throws UserError, with what to do instead, where the file was linked by one that takes no INSERT script. */
export function requireScripts(file: string, placements: readonly Placement[]): void {
  const linker = scriptlessLinkerOf(file);
  if (linker === undefined) return;
  throw new UserError(
    scriptlessText(relative(process.cwd(), file), linker, objcopyLine(spelled(file, placements)), english),
  );
}

/** As sections are named: by the symbol table where the program is built already. */
function spelled(file: string, placements: readonly Placement[]): readonly ScriptPlacement[] {
  const opened = openImageFile(file);
  if (!opened.ok) return placements;
  try {
    const names = new SymbolNames(opened.image);
    return placements.flatMap((placement) => {
      const own = new Set(names.find(placement.symbol).own.map(({ name }) => name));
      return own.size === 0 ? [placement] : [...own].map((symbol) => ({ ...placement, symbol }));
    });
  } finally {
    opened.close();
  }
}

/** Throws UserError where none is named. */
export function programOf({ project, path }: ProjectFile): string {
  if (project.program === undefined)
    throw new UserError(`${path} names no program: name the file, faultline place --verify FILE`);
  return resolve(project.workingDirectory, project.program);
}
