/** `faultline script --find` and `--where`: which script a program is linked with, and which statement places a symbol. */
import { relative, resolve } from "node:path";
import { SymbolNames } from "../core/placement/symbol-names.js";
import { printable } from "../core/report/printable.js";
import { scriptsText, whereText, type WhereReport } from "../core/report/script-search-text.js";
import { english } from "../core/report/translate.js";
import { openImageFile } from "../host/images.js";
import { findScripts, type FoundScripts } from "../host/ldscript-search.js";
import { decidingScript, placedSymbols } from "../host/ldscript-where.js";
import { linkedInputs } from "../host/linked-inputs.js";
import { findProject } from "../host/project-file.js";
import { UserError } from "../host/user-error.js";
import { print } from "./terminal.js";

export interface SearchOptions {
  readonly asJson: boolean;
  /** As named on the command line; undefined: the project's. */
  readonly program: string | undefined;
}

/** Exit status 1: no script of the user's own is used. */
export async function printScripts({ asJson, program }: SearchOptions): Promise<number> {
  const found = search(program);
  await print([asJson ? scriptsJson(found) : scriptsText(reportOf(found), english, shown)]);
  return found.chosen.length > 0 ? 0 : 1;
}

/** Exit status 1: it is not known what places the symbol. @param script undefined: the one that is found. */
export async function printWhere(
  symbol: string,
  script: string | undefined,
  { asJson, program }: SearchOptions,
): Promise<number> {
  const found = search(program);
  if (found.program === undefined)
    throw new UserError(
      "Name the program: faultline script --where SYMBOL --in PROGRAM, or program in faultline.json.",
    );
  const report = whereOf(symbol, script === undefined ? undefined : resolve(script), found);
  await print([asJson ? `${JSON.stringify(report, undefined, 1)}\n` : whereText(report, english, shown)]);
  return report.placed.some(({ statement }) => statement !== undefined) ? 0 : 1;
}

function whereOf(symbol: string, path: string | undefined, found: FoundScripts): WhereReport {
  const program = found.program!.path;
  const opened = openImageFile(program);
  if (!opened.ok) throw new UserError(opened.message);
  try {
    const { image } = opened;
    const symbols = new SymbolNames(image).find(symbol).own;
    if (symbols.length === 0)
      throw new UserError(`${program} has no symbol "${printable(symbol)}": name a function or global of its own.`);
    const script = decidingScript(found, path === undefined ? undefined : { path });
    const head = { version: 1, symbol, program, linker: found.dialect.name } as const;
    if (script === undefined) return { ...head, script: undefined, from: undefined, placed: [] };
    const linked = linkedInputs(found);
    const placed = placedSymbols(found, linked, script, symbols, (address) => image.sectionAt(address)?.name);
    return { ...head, script: { path: script.path, isBuiltIn: script.isBuiltIn }, from: linked?.from, placed };
  } finally {
    opened.close();
  }
}

function search(named: string | undefined): FoundScripts {
  const project = findProject(process.cwd());
  const own = project?.project.program;
  const built = own?.includes("/") === true ? resolve(project!.project.workingDirectory, own) : undefined;
  const program = named === undefined ? built : resolve(named);
  return findScripts({ folders: [project?.folder ?? process.cwd()], anywhere: true, program, mayRun: true });
}

function reportOf({ program, scripts, chosen, dialect, builtIn }: FoundScripts) {
  return { program: program?.path, linker: dialect.name, scripts, chosen, builtIn: builtIn?.path };
}

function scriptsJson(found: FoundScripts): string {
  const { program, linker, scripts, chosen, builtIn } = reportOf(found);
  const listed = scripts.map((script) => ({ ...script, chosen: chosen.includes(script) }));
  return `${JSON.stringify({ version: 1, program, linker, scripts: listed, builtIn }, undefined, 1)}\n`;
}

/** From the working directory, where it is below it. */
function shown(path: string): string {
  const short = relative(process.cwd(), path);
  return printable(short.startsWith("..") || !path.startsWith("/") ? path : short);
}
