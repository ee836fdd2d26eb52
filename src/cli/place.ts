/** `faultline place`: functions and globals into locked sections, by the source or a script, and whether that came true. */
import { existsSync } from "node:fs";
import { printable } from "../core/report/printable.js";
import { SECTION_KINDS, type SectionKind } from "../core/placement/locked-sections.js";
import { findProject } from "../host/project-file.js";
import { UserError } from "../host/user-error.js";
import { parsedArgs } from "./arguments.js";
import { forecast } from "./place-forecast.js";
import { DEFAULT_SCRIPT, programOf, writeScript } from "./place-script.js";
import { placeSymbols } from "./place-symbols.js";
import { verifyPlaced } from "./place-verify.js";
import { say } from "./say.js";

const HELP = `usage: faultline place SYMBOL… [--source | --script [--build]] [--kind KIND] [--in FILE] [--dry-run] [--json]
       faultline place SYMBOL… --remove [--in FILE] [--dry-run] [--json]
       faultline place --script [FILE] [-o SCRIPT] [--build] [--dry-run] [--json]
       faultline place --verify [FILE] [--json]
       faultline place --forecast [FILE] [--json]

SYMBOL… puts functions and globals into locked sections, by an attribute at their definitions in the source: the macro from
faultline.h with its #include, or the attribute spelled out where the compiler does not find that header; in Rust link_section.
Names are as in the report or in the symbol table; "file.c:name" or "file.c:12:name" says which of several. faultline.json keeps
them. All or nothing: where one cannot be placed so (its reason is told), or where a changed file, compiled alone as its build
does it, no longer compiles, no file is changed. --kind is text, rodata, data or bss: by default that of its section now.

--script with SYMBOL… has the linker script place them instead; --remove takes placements back, to the byte.

--script writes a linker script that places what faultline.json places by "script", for GNU ld and lld, to SCRIPT: the
linkerScript of faultline.json, else the script the build links with, else ${DEFAULT_SCRIPT} beside faultline.json. It says
what to compile and link with. Where that script is your own, statements are put into it, and nothing else of it changes.
--build edits the Makefile, CMakeLists.txt, meson.build or Cargo build script so that it passes what the script needs.
--dry-run shows the edits, --json gives them.

--verify looks in the linked file for what the placements of faultline.json name: each in its section, with the pages it lies on,
or why not (inlined, dropped, renamed, another object file's copy, a part left outside, …). Where --forecast told of the same
placements before the build, it says of each section what was forecast and what it is.

--forecast says what they will lock before anything is built: pages and bytes by section and placement, what shares their pages,
and whether it fits into RLIMIT_MEMLOCK.

FILE is the program of faultline.json if it is not given; --script takes from it how C++ and Rust names are spelled there.

Exits 0 (done; all are where they should be), 1 (some are not, or cannot be placed) or 2 (the file could not be looked into).
`;

export async function place(args: readonly string[]): Promise<number> {
  const { values, positionals } = parse(args);
  if (values.help === true) {
    process.stdout.write(HELP);
    return 0;
  }
  const verify = values.verify === true;
  const forecasting = values.forecast === true;
  // A script is made for a file, or placements are added to it.
  const names =
    verify || forecasting || (values.script === true && positionals.every((one) => existsSync(one))) ? [] : positionals;
  if (names.length > 0) return placeSymbols(names, { ...values, kind: kindNamed(values.kind) });
  const actions = [verify, forecasting, values.script === true].filter((wanted) => wanted);
  if (actions.length !== 1 || positionals.length > 1 || values.remove === true)
    throw new UserError(
      "Say what to place, faultline place SYMBOL…, or what to do: faultline place --script [FILE], --verify [FILE] or --forecast [FILE]",
    );
  const project = findProject(process.cwd());
  if (project === undefined)
    throw new UserError("There is no faultline.json here or above: its placements are what this is about.");
  for (const problem of project.problems) say(problem);
  const { placements } = project.project;
  if (placements.length === 0)
    throw new UserError(`${project.path} has no placements: add some ("placements": [{"symbol": …, "kind": "text"}]).`);
  const file = positionals[0] ?? values.in ?? programOf(project);
  if (values.script === true) return writeScript(project, file, values);
  if (forecasting) return forecast(file, placements, project.folder, values.json === true);
  return verifyPlaced(file, placements, project.folder, values.json === true);
}

function kindNamed(text: string | undefined): SectionKind | undefined {
  const kind = SECTION_KINDS.find((known) => known === text);
  if (text !== undefined && kind === undefined)
    throw new UserError(`--kind takes ${SECTION_KINDS.join(", ")}; not "${printable(text)}".`);
  return kind;
}

function parse(args: readonly string[]) {
  return parsedArgs("place", {
    args: [...args],
    allowPositionals: true,
    options: {
      verify: { type: "boolean" },
      forecast: { type: "boolean" },
      source: { type: "boolean" },
      remove: { type: "boolean" },
      build: { type: "boolean" },
      "dry-run": { type: "boolean" },
      kind: { type: "string" },
      in: { type: "string" },
      script: { type: "boolean" },
      output: { type: "string", short: "o" },
      json: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
  });
}
