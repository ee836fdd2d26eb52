/** `faultline script`: what a linker would say to a script and what it takes without a word, and which statement places what. */
import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { listOf, objectOf, parsedJson, textOf } from "../core/base/json-fields.js";
import { diagnose } from "../core/ldscript/diagnoses/diagnose.js";
import { dialectOf, type Dialect } from "../core/ldscript/dialect.js";
import { matchSections, type Placement } from "../core/ldscript/matcher.js";
import type { InputSection } from "../core/ldscript/matcher-input.js";
import { openScript, type OpenedScript } from "../core/ldscript/opened-script.js";
import { placeIn } from "../core/ldscript/place.js";
import { problemSentence, type Problem } from "../core/ldscript/problems.js";
import type { Rule } from "../core/ldscript/rules.js";
import { printable } from "../core/report/printable.js";
import { english } from "../core/report/translate.js";
import { DEFAULT_LOCKED_SECTIONS } from "../core/placement/locked-sections.js";
import { builtInScript, includeReader, scriptText } from "../host/ldscript-file.js";
import { inputsOf } from "../host/ldscript-inputs.js";
import { findProject } from "../host/project-file.js";
import { UserError } from "../host/user-error.js";
import { parsedArgs } from "./arguments.js";
import { firstLine } from "./say.js";
import { printScripts, printWhere } from "./script-search.js";
import { print } from "./terminal.js";

export async function script(args: readonly string[]): Promise<number> {
  const { values, positionals } = options(args);
  if (values.help === true) {
    process.stdout.write(HELP);
    return 0;
  }
  const [path, ...objects] = positionals;
  const searched = { asJson: values.json === true, program: values.in };
  if (values.where !== undefined) return printWhere(values.where, path, searched);
  if (values.find === true || path === undefined)
    return printScripts({ ...searched, program: values.find === true ? (path ?? values.in) : values.in });
  if (objects.length > 0 && values.inputs === undefined)
    throw new UserError("Name one linker script: faultline script link.ld");
  if (values.match !== undefined && values.inputs !== undefined)
    throw new UserError("Give either --match or --inputs, not both.");
  const dialect = dialectOf(values.dialect ?? "gnu");
  if (dialect === undefined)
    throw new UserError(
      `--dialect takes gnu, lld or gold, with a version if you like (gnu-2.40); not "${values.dialect}".`,
    );
  const inputs =
    values.match !== undefined
      ? describedInputs(values.match)
      : values.inputs !== undefined
        ? inputsOf([values.inputs, ...objects])
        : undefined;
  const opened = openScript(scriptText(path), {
    dialect,
    readInclude: includeReader([...(values["library-path"] ?? []), dirname(path)]),
    defaultScript: inputs !== undefined && dialect.name === "gnu" ? builtInScript("ld") : undefined,
  });
  const asJson = values.json === true;
  const showsProblems = inputs === undefined || values.problems === true;
  const problems = diagnose(opened, {
    dialect,
    inputs: showsProblems ? inputs : undefined,
    lockedSections: Object.values(findProject(dirname(path))?.project.lockedSections ?? DEFAULT_LOCKED_SECTIONS),
    dropsUnreferenced: values["gc-sections"] === true,
  });
  if (showsProblems) await print([asJson ? problemsJson(path, problems) : problemLines(path, problems)]);
  else await print([asJson ? placementsJson(opened, inputs, dialect) : placementLines(opened, inputs, dialect)]);
  return problems.some(({ severity }) => severity === "error") ? 1 : 0;
}

function options(args: readonly string[]) {
  return parsedArgs("script", {
    args: [...args],
    allowPositionals: true,
    options: {
      json: { type: "boolean" },
      dialect: { type: "string" },
      match: { type: "string" },
      inputs: { type: "string" },
      problems: { type: "boolean" },
      "gc-sections": { type: "boolean" },
      "library-path": { type: "string", short: "L", multiple: true },
      find: { type: "boolean" },
      where: { type: "string" },
      in: { type: "string" },
      help: { type: "boolean", short: "h" },
    },
  });
}

/** { "main.o": [{ "name": ".text", "type": "PROGBITS", "flags": "AX" }] } */
function describedInputs(path: string): InputSection[] {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new UserError(`${path} cannot be read (${firstLine(error)}): correct the path.`);
  }
  const files = objectOf(parsedJson(text));
  if (files === undefined) throw new UserError(`${path} is not a JSON object of files and their sections: see --help.`);
  return Object.entries(files).flatMap(([file, sections]) =>
    listOf(sections).map((value) => {
      const section = objectOf(value);
      const name = textOf(section?.["name"]);
      if (name === undefined)
        throw new UserError(`${path} has a section without a name in ${printable(file)}: name it.`);
      return { file, name, type: textOf(section?.["type"]) ?? "PROGBITS", flags: textOf(section?.["flags"]) ?? "" };
    }),
  );
}

function problemsJson(path: string, problems: readonly Problem[]): string {
  const told = problems.map((problem) => {
    const { line, column, code, severity } = problem;
    return { line, column, code, severity, message: problemSentence(problem, english) };
  });
  return `${JSON.stringify({ version: 1, path, problems: told }, undefined, 1)}\n`;
}

function problemLines(path: string, problems: readonly Problem[]): string {
  if (problems.length === 0) return `${printable(path)}: no problems.\n`;
  return problems
    .map((problem) => {
      const { line, column, severity } = problem;
      return `${printable(path)}:${line}:${column}: ${severity}: ${problemSentence(problem, english)}\n`;
    })
    .join("");
}

interface StatementPlace {
  /** Absent of the script's own statements. */
  readonly path?: string;
  readonly line: number;
  readonly column: number;
}

/** Line and column of statements, in the file each is written in. */
function placesIn({ text }: OpenedScript): (rule: Rule) => StatementPlace {
  const own = placeIn(text);
  return ({ source, offset }) =>
    source === undefined ? own(offset) : { path: source.path, ...placeIn(source.text)(offset) };
}

function placementsJson(opened: OpenedScript, inputs: readonly InputSection[], dialect: Dialect): string {
  const place = placesIn(opened);
  const rows = matchSections(opened.tree, inputs, dialect, opened.included).map(
    ({ input, output, rule, shadowed }) => ({
      file: input.file,
      section: input.name,
      output,
      statement: rule === undefined ? undefined : place(rule),
      shadowed: shadowed.map(place),
    }),
  );
  return `${JSON.stringify(rows, undefined, 1)}\n`;
}

function placementLines(opened: OpenedScript, inputs: readonly InputSection[], dialect: Dialect): string {
  const place = placesIn(opened);
  const told = new Map<Rule | undefined, string>([[undefined, "(no statement names it)\n"]]);
  const by = (rule: Rule): string => {
    const { path, line } = place(rule);
    return `(${path === undefined ? "" : `${printable(path)}, `}line ${line})\n`;
  };
  const line = ({ input, output, rule }: Placement): string => {
    let end = told.get(rule);
    if (end === undefined) told.set(rule, (end = by(rule!)));
    return `${printable(input.file)}: ${printable(input.name)} -> ${printable(output)} ${end}`;
  };
  return matchSections(opened.tree, inputs, dialect, opened.included).map(line).join("");
}

const HELP = `usage: faultline script FILE [options]
       faultline script FILE --match INPUTS.json [--problems] [--json]
       faultline script FILE --inputs a.o b.o libx.a [--problems] [--json]
       faultline script [--find [PROGRAM]] [--json]
       faultline script [FILE] --where SYMBOL [--in PROGRAM] [--json]

Says what the linker would say to the linker script FILE, and what it takes without a word that was hardly meant; or which
of its statements places each input section. A script of SECTIONS with INSERT is matched with GNU ld's own behind it.
Without FILE it says which script the program is linked with, and what tells so: link commands, build files, the program.

  --dialect NAME  whose rules: gnu, lld or gold, with a version if it is not the newest: gnu-2.40, lld-19 (gnu)
  --match FILE    input sections: { "main.o": [{ "name": ".text.f", "type": "PROGBITS", "flags": "AX" }],
                  "libx.a(m.o)": [...] }
  --inputs FILES  input sections of these objects and archives
  --problems      with --match or --inputs: the problems, with those that only the inputs show, and not the placements
  --find          the scripts that the folder's build files name; with a star the one that PROGRAM is linked with
  --where SYMBOL  which statement places the function or global, and which others would take it
  --in PROGRAM    the program that is linked (program of faultline.json)
  --gc-sections   the link drops what nothing refers to
  -L FOLDER       where INCLUDE finds files, beside the working directory and the script's folder; as often as needed
  --json          as JSON (schemas/script.schema.json)

Exit status: 0 done, 1 the linker would refuse the script's syntax, or nothing was found, 2 something could not be read.
`;
