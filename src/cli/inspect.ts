/** `faultline inspect`: an ELF file's sections and symbols by page, and what is locked with what. */
import { DEFAULT_LOCKED_SECTIONS } from "../core/placement/locked-sections.js";
import { inspect as inspectImage } from "../core/report/inspection.js";
import { inspectionText } from "../core/report/inspection-text.js";
import { coloured, plain } from "../core/report/style.js";
import { english } from "../core/report/translate.js";
import { openImageFile } from "../host/images.js";
import { pageSizeHere } from "../host/page-size.js";
import { findProject } from "../host/project-file.js";
import { UserError } from "../host/user-error.js";
import { parsedArgs, wholeNumber } from "./arguments.js";
import { say } from "./say.js";
import { print, terminalWidth, wantsColour } from "./terminal.js";

export async function inspect(args: readonly string[]): Promise<number> {
  const { values, positionals } = parse(args);
  if (values.help === true) {
    process.stdout.write(HELP);
    return 0;
  }
  const [path] = positionals;
  if (path === undefined || positionals.length > 1)
    throw new UserError("Name one ELF file to look into: faultline inspect build/program");
  const pageSize = pageSizeOf(values["page-size"]);
  const top = wholeNumber("--top", values.top ?? String(DEFAULT_TOP));
  const project = findProject(process.cwd());
  for (const problem of project?.problems ?? []) say(problem);
  const opened = openImageFile(path);
  if (!opened.ok) throw new UserError(opened.message);
  try {
    const names = project?.project.lockedSections ?? DEFAULT_LOCKED_SECTIONS;
    const inspection = inspectImage(opened.image, pageSize, names);
    const style = wantsColour() ? coloured : plain;
    await print([
      values.json === true
        ? `${JSON.stringify(inspection, undefined, 1)}\n`
        : inspectionText(inspection, { style, translate: english, top, width: terminalWidth() }),
    ]);
  } finally {
    opened.close();
  }
  return 0;
}

function parse(args: readonly string[]) {
  return parsedArgs("inspect", {
    args: [...args],
    allowPositionals: true,
    options: {
      json: { type: "boolean" },
      top: { type: "string" },
      "page-size": { type: "string" },
      help: { type: "boolean", short: "h" },
    },
  });
}

function pageSizeOf(text: string | undefined): number {
  if (text === undefined) return pageSizeHere();
  const size = PAGE_SIZES.find((known) => String(known) === text);
  if (size === undefined) throw new UserError(`--page-size takes ${PAGE_SIZES.join(", ")}; not "${text}".`);
  return size;
}

/** Of every Linux architecture that Faultline reads. */
const PAGE_SIZES: readonly number[] = [4096, 16384, 65536];
const DEFAULT_TOP = 15;

const HELP = `usage: faultline inspect FILE [options]

FILE is a program, a shared library or an object file. The locked sections are those that lockedSections in
faultline.json names (${Object.values(DEFAULT_LOCKED_SECTIONS).join(", ")} without it).

  --page-size N   bytes in a page of the machine that is meant: ${PAGE_SIZES.join(", ")} (this machine's)
  --top N         rows of the symbol table, names of a list at the most (${DEFAULT_TOP})
  --json          everything as JSON (schemas/inspect.schema.json)

Exit status: 0 done, 2 the file could not be read.
`;
