/** `faultline script`: what a linker would say to a script, and which statement places which input section. */
import { readFileSync } from "node:fs";
import { listOf, objectOf, parsedJson, textOf } from "../core/base/json-fields.js";
import { dialectOf, type Dialect } from "../core/ldscript/dialect.js";
import { matchSections, type Placement } from "../core/ldscript/matcher.js";
import type { InputSection } from "../core/ldscript/matcher-input.js";
import { parse, type ParsedScript } from "../core/ldscript/parse.js";
import { placeIn, type Place } from "../core/ldscript/place.js";
import { problemSentence } from "../core/ldscript/problems.js";
import { printable } from "../core/report/printable.js";
import { english } from "../core/report/translate.js";
import { FileByteSource } from "../host/file-source.js";
import { inputsOf } from "../host/ldscript-inputs.js";
import { UserError } from "../host/user-error.js";
import { parsedArgs } from "./arguments.js";
import { firstLine } from "./say.js";
import { print } from "./terminal.js";

export async function script(args: readonly string[]): Promise<number> {
  const { values, positionals } = options(args);
  if (values.help === true) {
    process.stdout.write(HELP);
    return 0;
  }
  const [path, ...objects] = positionals;
  if (path === undefined || (objects.length > 0 && values.inputs === undefined))
    throw new UserError("Name one linker script: faultline script link.ld");
  if (values.match !== undefined && values.inputs !== undefined)
    throw new UserError("Give either --match or --inputs, not both.");
  const dialect = dialectOf(values.dialect ?? "gnu");
  if (dialect === undefined)
    throw new UserError(
      `--dialect takes gnu, lld or gold, with a version if you like (gnu-2.40); not "${values.dialect}".`,
    );
  const text = scriptText(path);
  const parsed = parse(text, "script", dialect);
  const inputs =
    values.match !== undefined
      ? describedInputs(values.match)
      : values.inputs !== undefined
        ? inputsOf([values.inputs, ...objects])
        : undefined;
  const asJson = values.json === true;
  if (inputs === undefined) await print([asJson ? problemsJson(path, parsed) : problemLines(path, parsed)]);
  else
    await print([
      asJson ? placementsJson(text, parsed, inputs, dialect) : placementLines(text, parsed, inputs, dialect),
    ]);
  return parsed.problems.some(({ severity }) => severity === "error") ? 1 : 0;
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
      help: { type: "boolean", short: "h" },
    },
  });
}

function scriptText(path: string): string {
  let bytes: Uint8Array;
  try {
    const source = FileByteSource.open(path);
    if (source.size > MOST_BYTES)
      throw new UserError(`${path} is too large for a linker script: name the script itself.`);
    bytes = source.read(0, source.size);
    source.close();
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`${path} cannot be read (${firstLine(error)}): correct the path.`);
  }
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  // What is no UTF-8 is read byte by byte: a linker knows no encoding.
  return text.includes("\ufffd") ? new TextDecoder("latin1").decode(bytes) : text;
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

function problemsJson(path: string, { problems }: ParsedScript): string {
  const told = problems.map((problem) => {
    const { line, column, code, severity } = problem;
    return { line, column, code, severity, message: problemSentence(problem, english) };
  });
  return `${JSON.stringify({ version: 1, path, problems: told }, undefined, 1)}\n`;
}

function problemLines(path: string, { problems }: ParsedScript): string {
  if (problems.length === 0) return `${printable(path)}: no problems.\n`;
  return problems
    .map((problem) => {
      const { line, column, severity } = problem;
      return `${printable(path)}:${line}:${column}: ${severity}: ${problemSentence(problem, english)}\n`;
    })
    .join("");
}

function placementsJson(text: string, parsed: ParsedScript, inputs: readonly InputSection[], dialect: Dialect): string {
  const place = placeIn(text);
  const rows = matchSections(parsed.tree, inputs, dialect).map(({ input, output, rule, shadowed }) => ({
    file: input.file,
    section: input.name,
    output,
    statement: rule === undefined ? undefined : place(rule.offset),
    shadowed: shadowed.map(({ offset }): Place => place(offset)),
  }));
  return `${JSON.stringify(rows, undefined, 1)}\n`;
}

function placementLines(text: string, parsed: ParsedScript, inputs: readonly InputSection[], dialect: Dialect): string {
  const place = placeIn(text);
  const line = ({ input, output, rule }: Placement): string => {
    const by = rule === undefined ? "no statement names it" : `line ${place(rule.offset).line}`;
    return `${printable(input.file)}: ${printable(input.name)} -> ${printable(output)} (${by})\n`;
  };
  return matchSections(parsed.tree, inputs, dialect).map(line).join("");
}

const MOST_BYTES = 1 << 26;

const HELP = `usage: faultline script FILE [options]
       faultline script FILE --match INPUTS.json [--json]
       faultline script FILE --inputs a.o b.o libx.a [--json]

Says what the linker would say to the linker script FILE, or which of its statements places each input section.

  --dialect NAME  whose rules: gnu, lld or gold, with a version if it is not the newest: gnu-2.40, lld-19 (gnu)
  --match FILE    input sections: { "main.o": [{ "name": ".text.f", "type": "PROGBITS", "flags": "AX" }],
                  "libx.a(m.o)": [...] }
  --inputs FILES  input sections of these objects and archives
  --json          as JSON (schemas/script.schema.json)

Exit status: 0 done, 1 the linker would refuse the script's syntax, 2 something could not be read.
`;
