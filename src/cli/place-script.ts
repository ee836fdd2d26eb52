/** The linker script of `faultline place --script`: made of the placements that faultline.json gives to a script. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { generatedScript, isGeneratedScript, type ScriptPlacement } from "../core/placement/generated-script.js";
import type { Placement } from "../core/placement/placement.js";
import { SymbolNames } from "../core/placement/symbol-names.js";
import { openImageFile } from "../host/images.js";
import type { ProjectFile } from "../host/project-file.js";
import { UserError } from "../host/user-error.js";
import { firstLine, say } from "./say.js";

export const DEFAULT_SCRIPT = "locked-sections.ld";

/** Exits 0 when every placement is in the script. */
export function writeScript({ project, folder }: ProjectFile, file: string, output: string | undefined): number {
  const placements = project.placements.filter(({ by }) => by === "script");
  if (placements.length === 0)
    throw new UserError('No placement of faultline.json is by "script": add "by": "script" to those that are to be.');
  const named = spelled(file, placements);
  const script = resolve(output ?? project.linkerScript ?? join(folder, DEFAULT_SCRIPT));
  let text: string;
  try {
    text = generatedScript(named);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UserError(`${firstLine(error)}: build ${file} first, its symbol table says how it is spelled.`);
  }
  if (existsSync(script) && !isGeneratedScript(readFileSync(script, "utf8")))
    throw new UserError(
      `${script} was written by somebody else and is left as it is: name another file with -o, and link with both.`,
    );
  writeFileSync(script, text);
  const shown = relative(process.cwd(), script);
  say(`${shown}: ${placements.length} placements. Compile with -ffunction-sections -fdata-sections.`);
  say(`Link with -Wl,-T,${shown} (GNU ld and lld), build, then: faultline place --verify`);
  return 0;
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
