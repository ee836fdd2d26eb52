/** `faultline place --verify`: whether the placements of faultline.json came true in the linked file. */
import { relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { placementsText } from "../core/report/placement-text.js";
import { coloured, plain } from "../core/report/style.js";
import { english } from "../core/report/translate.js";
import { verifyPlacements } from "../core/placement/verify.js";
import { openImageFile } from "../host/images.js";
import { pageSizeHere } from "../host/page-size.js";
import { findProject, type ProjectFile } from "../host/project-file.js";
import { UserError } from "../host/user-error.js";
import { firstLine, say } from "./say.js";
import { print, wantsColour } from "./terminal.js";

const HELP = `usage: faultline place --verify [FILE] [--json]

Looks in the linked file for what the placements of faultline.json name: each in its section, with the pages it lies on,
or why not (inlined, dropped, renamed, another object file's copy, a part left outside, …).

FILE is the program of faultline.json if it is not given.

Exits 0 (all are where they should be), 1 (some are not) or 2 (the file could not be looked into).
`;

export async function place(args: readonly string[]): Promise<number> {
  const { values, positionals } = parse(args);
  if (values.help === true) {
    process.stdout.write(HELP);
    return 0;
  }
  if (values.verify !== true || positionals.length > 1)
    throw new UserError("Say what to do: faultline place --verify [FILE]");
  const project = findProject(process.cwd());
  if (project === undefined)
    throw new UserError("There is no faultline.json here or above: its placements are what is verified.");
  for (const problem of project.problems) say(problem);
  const { placements } = project.project;
  if (placements.length === 0)
    throw new UserError(`${project.path} has no placements: add some ("placements": [{"symbol": …, "kind": "text"}]).`);
  const file = positionals[0] ?? programOf(project);
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

function programOf({ project, path }: ProjectFile): string {
  if (project.program === undefined)
    throw new UserError(`${path} names no program: name the file, faultline place --verify FILE`);
  return resolve(project.workingDirectory, project.program);
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { verify: { type: "boolean" }, json: { type: "boolean" }, help: { type: "boolean", short: "h" } },
    });
  } catch (error) {
    throw new UserError(`${firstLine(error)} (faultline place --help)`);
  }
}
