/** `faultline place`: a linker script from the placements of faultline.json, and whether they came true in the linked file. */
import { writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { placementsText } from "../core/report/placement-text.js";
import { coloured, plain } from "../core/report/style.js";
import { english } from "../core/report/translate.js";
import { generatedScript, type ScriptPlacement } from "../core/placement/generated-script.js";
import type { Placement } from "../core/placement/placement.js";
import { SymbolNames } from "../core/placement/symbol-names.js";
import { verifyPlacements } from "../core/placement/verify.js";
import { openImageFile } from "../host/images.js";
import { pageSizeHere } from "../host/page-size.js";
import { findProject, type ProjectFile } from "../host/project-file.js";
import { UserError } from "../host/user-error.js";
import { parsedArgs } from "./arguments.js";
import { firstLine, say } from "./say.js";
import { print, wantsColour } from "./terminal.js";

const DEFAULT_SCRIPT = "locked-sections.ld";

const HELP = `usage: faultline place --script [FILE] [-o SCRIPT]
       faultline place --verify [FILE] [--json]

--script writes a linker script that places what faultline.json places by "script", for GNU ld and lld, to SCRIPT: the
linkerScript of faultline.json, or ${DEFAULT_SCRIPT} beside it. It says what to compile and link with.

--verify looks in the linked file for what the placements of faultline.json name: each in its section, with the pages it lies on,
or why not (inlined, dropped, renamed, another object file's copy, a part left outside, …).

FILE is the program of faultline.json if it is not given; --script takes from it how C++ and Rust names are spelled there.

Exits 0 (all are where they should be), 1 (some are not) or 2 (the file could not be looked into).
`;

export async function place(args: readonly string[]): Promise<number> {
  const { values, positionals } = parse(args);
  if (values.help === true) {
    process.stdout.write(HELP);
    return 0;
  }
  if ((values.verify === true) === (values.script === true) || positionals.length > 1)
    throw new UserError("Say what to do: faultline place --script [FILE], or faultline place --verify [FILE]");
  const project = findProject(process.cwd());
  if (project === undefined)
    throw new UserError("There is no faultline.json here or above: its placements are what this is about.");
  for (const problem of project.problems) say(problem);
  const { placements } = project.project;
  if (placements.length === 0)
    throw new UserError(`${project.path} has no placements: add some ("placements": [{"symbol": …, "kind": "text"}]).`);
  const file = positionals[0] ?? programOf(project);
  if (values.script === true) return writeScript(project, file, values.output);
  const opened = openImageFile(file);
  if (!opened.ok) throw new UserError(opened.message);
  try {
    const verifications = verifyPlacements(opened.image, placements, pageSizeHere());
    const here = process.cwd();
    await print([
      values.json === true
        ? `${JSON.stringify({ version: 1, path: file, placements: verifications }, undefined, 1)}\n`
        : placementsText(file, verifications, {
            style: wantsColour() ? coloured : plain,
            translate: english,
            displayPath: (path) => {
              const shorter = relative(here, path);
              return shorter.startsWith("..") ? path : shorter;
            },
          }),
    ]);
    return verifications.every(({ mismatches }) => mismatches.length === 0) ? 0 : 1;
  } finally {
    opened.close();
  }
}

/** Exits 0 when every placement is in the script. */
function writeScript({ project, folder }: ProjectFile, file: string, output: string | undefined): number {
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

function programOf({ project, path }: ProjectFile): string {
  if (project.program === undefined)
    throw new UserError(`${path} names no program: name the file, faultline place --verify FILE`);
  return resolve(project.workingDirectory, project.program);
}

function parse(args: readonly string[]) {
  return parsedArgs("place", {
    args: [...args],
    allowPositionals: true,
    options: {
      verify: { type: "boolean" },
      script: { type: "boolean" },
      output: { type: "string", short: "o" },
      json: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
  });
}
