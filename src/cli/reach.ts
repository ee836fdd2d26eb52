/** `faultline reach`: everything in the file that a run of a function could touch. */
import { resolve } from "node:path";
import { EVERY_CALL, reach as reachOf } from "../core/reach/reach.js";
import type { CodeRange } from "../core/reach/function-index.js";
import type { ReachFile } from "../core/reach/reach-file.js";
import { addressOf, rootsNamed } from "../core/reach/roots.js";
import { printable } from "../core/report/printable.js";
import { reachReport } from "../core/report/reach-report.js";
import { reachText } from "../core/report/reach-text.js";
import { coloured, plain } from "../core/report/style.js";
import { english } from "../core/report/translate.js";
import { pageSizeHere } from "../host/page-size.js";
import { findProject } from "../host/project-file.js";
import { openReachFiles } from "../host/reach-files.js";
import { UserError } from "../host/user-error.js";
import { parsedArgs, wholeNumber } from "./arguments.js";
import { say } from "./say.js";
import { print, terminalWidth, wantsColour } from "./terminal.js";

export async function reach(args: readonly string[]): Promise<number> {
  const { values, positionals } = parse(args);
  if (values.help === true) {
    process.stdout.write(HELP);
    return 0;
  }
  const [wanted] = positionals;
  if (wanted === undefined || positionals.length > 1)
    throw new UserError("Name one function: faultline reach FUNCTION --in build/program");
  const top = wholeNumber("--top", values.top ?? String(DEFAULT_TOP));
  const depth = values.depth === undefined ? EVERY_CALL : depthOf(values.depth);
  const files = openReachFiles(values.in ?? programOfProject(), values.objects ?? []);
  try {
    const roots = rootsOf(files.file, wanted);
    const found = reachOf(files.file, roots, {
      depth,
      candidates: values.candidates === true,
      lazyLibraries: files.bindsLazily(),
      library: values.libraries === true ? files.library : undefined,
    });
    const report = reachReport(
      wanted,
      found,
      values.libraries === true ? files.images() : [files.file.image],
      pageSizeHere(),
    );
    const style = wantsColour() ? coloured : plain;
    await print([
      values.json === true
        ? `${JSON.stringify(report, undefined, 1)}\n`
        : reachText(report, { style, translate: english, top, width: terminalWidth() }),
    ]);
    return 0;
  } finally {
    files.close();
  }
}

function rootsOf(file: ReachFile, wanted: string): readonly CodeRange[] {
  const roots = rootsNamed(file, wanted);
  if (roots.length > 0) return roots;
  const path = printable(file.image.path);
  throw new UserError(
    addressOf(wanted) === undefined
      ? `There is no function ${printable(wanted)} in ${path}: faultline inspect ${path} lists what is there; an address (0x…) will do, too.`
      : `There is no function at ${wanted} in ${path}.`,
  );
}

function programOfProject(): string {
  const project = findProject(process.cwd());
  for (const problem of project?.problems ?? []) say(problem);
  if (project?.project.program === undefined)
    throw new UserError("Name the file that the function is in: faultline reach FUNCTION --in build/program");
  return resolve(project.project.workingDirectory, project.project.program);
}

/** 0 is the function alone. */
function depthOf(text: string): number {
  return text === "0" ? 0 : wholeNumber("--depth", text);
}

function parse(args: readonly string[]) {
  return parsedArgs("reach", {
    args: [...args],
    allowPositionals: true,
    options: {
      in: { type: "string" },
      objects: { type: "string", multiple: true },
      depth: { type: "string" },
      libraries: { type: "boolean" },
      candidates: { type: "boolean" },
      top: { type: "string" },
      json: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
  });
}

const DEFAULT_TOP = 20;

const HELP = `usage: faultline reach FUNCTION [--in FILE] [options]

Lists what a run of FUNCTION could touch in FILE (the program of faultline.json if it is not given): the functions it calls
or takes the address of, theirs, and so on, with the globals, literals, jump tables and linkage slots they refer to, by
section and page. FUNCTION is a name or an address (0x…). It is read from the code by objdump or llvm-objdump, and from the
relocations that the linker kept (-Wl,--emit-relocs).

Calls through pointers are listed as unknown, with the functions they could lead to. Data that the function is handed
pointers to is unknown, too: what it could be is counted.

  --in FILE      the program or shared library the function is in
  --objects FILE an object file it was linked from, whose relocations are read as well; any number of times
  --depth N      calls to follow from FUNCTION: 0 for what it touches itself (all)
  --libraries    follow calls into shared libraries, too
  --candidates   take candidates of calls through pointers for called, and data whose address is taken for touched
  --top N        rows of a table at the most (${DEFAULT_TOP})
  --json         everything as JSON (schemas/reach.schema.json)

Exit status: 0 done, 2 the file could not be read, or has no such function.
`;
