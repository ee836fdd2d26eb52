/** What was found about a program's linker script, for a terminal. */
import { reasonTexts, type FoundScript } from "../ldscript/search/found-script.js";
import type { StatementPlace } from "../ldscript/search/placed-by.js";
import { printable } from "./printable.js";
import { bytes } from "./quantities.js";
import type { Translate } from "./translate.js";

export interface ScriptsReport {
  readonly program: string | undefined;
  readonly linker: string;
  /** The likeliest first. */
  readonly scripts: readonly FoundScript[];
  readonly chosen: readonly FoundScript[];
  /** How the linker was asked for its own. */
  readonly builtIn: string | undefined;
}

export type InputsFrom = { readonly kind: "map"; readonly path: string } | { readonly kind: "command" | "beside" };

export interface WhereReport {
  readonly version: 1;
  /** As it was asked for. */
  readonly symbol: string;
  readonly program: string;
  readonly linker: string;
  /** undefined: the linker has no script, or could not be asked for it. */
  readonly script: { readonly path: string; readonly isBuiltIn: boolean } | undefined;
  /** What told the inputs of the link; undefined: nothing did. */
  readonly from: InputsFrom | undefined;
  readonly placed: readonly PlacedReport[];
}

export interface PlacedReport {
  readonly symbol: string;
  readonly file: string;
  readonly section: string;
  readonly size: number | undefined;
  readonly output: string;
  /** Where the linked file has it. */
  readonly linked: string | undefined;
  readonly statement: StatementPlace | undefined;
  readonly shadowed: readonly StatementPlace[];
}

type Shown = (path: string) => string;

/** One line for each script, and what is used where there is none. */
export function scriptsText(report: ScriptsReport, translate: Translate, shown: Shown): string {
  const { program, scripts, chosen } = report;
  const listed = program === undefined ? scripts.filter(({ reasons }) => reasons.length > 0) : scripts;
  const lines = listed.map((script) => {
    const mark = chosen.includes(script) ? "* " : "  ";
    const reasons = reasonTexts(script, program, translate, shown);
    return `${mark}${shown(script.path)}${reasons.length === 0 ? "" : `: ${reasons.join("; ")}`}`;
  });
  if (chosen.length === 0) lines.push(noScriptText(report, translate, shown));
  return `${lines.join("\n")}\n`;
}

function noScriptText({ program, linker, builtIn }: ScriptsReport, translate: Translate, shown: Shown): string {
  if (program === undefined)
    return translate("No build file here names a linker script: name the program, or the script in faultline.json.");
  const name = shown(program);
  if (builtIn !== undefined)
    return translate("{0} is linked with the linker's own script, as far as can be seen ({1}).", name, builtIn);
  return linker === "gnu"
    ? translate("{0} is linked with the linker's own script, and its linker is not here to be asked.", name)
    : translate("{0} is linked by {1} without a script: its layout is built in.", name, linker);
}

export function whereText(report: WhereReport, translate: Translate, shown: Shown): string {
  const refusal = whereRefusal(report, translate, shown);
  if (refusal !== undefined) return `${refusal}\n`;
  const script = report.script!.path;
  return report.placed
    .map((placed) => {
      const { statement, shadowed } = placed;
      const lines = [placedLine(placed, script, translate, shown), staleText(placed, translate)];
      if (statement !== undefined) lines.push(`  ${printable(statement.text)}`);
      for (const place of shadowed)
        lines.push(translate("  would take it, too: {0}: {1}", placeText(place, script, shown), printable(place.text)));
      return lines.flatMap((line) => (line === undefined ? [] : `${line}\n`)).join("");
    })
    .join("");
}

/** Why there is no answer. */
export function whereRefusal(
  { symbol, program, linker, script, from, placed }: WhereReport,
  translate: Translate,
  shown: Shown,
): string | undefined {
  if (script === undefined)
    return linker === "gnu"
      ? translate("No linker script of {0} was found: name it as linkerScript in faultline.json.", shown(program))
      : translate("{0} is linked by {1} without a script: its layout is built in.", shown(program), linker);
  if (from === undefined || placed.length === 0)
    return translate(
      "Which section {0} came in is not known: link with -Wl,-Map={1}.map, or keep the objects.",
      printable(symbol),
      shown(program),
    );
  return undefined;
}

function placedLine(
  { symbol, file, section, size, output, statement }: PlacedReport,
  script: string,
  translate: Translate,
  shown: Shown,
): string {
  const what = `${printable(file)}(${printable(section)})${size === undefined ? "" : `, ${bytes(size)}`}`;
  if (statement === undefined)
    return translate(
      "{0}: in {1}, which no statement names: the linker puts it into {2}.",
      printable(symbol),
      what,
      printable(output),
    );
  const place = placeText(statement, script, shown);
  return translate("{0}: in {1}, placed into {2} by {3}", printable(symbol), what, printable(output), place);
}

/** The script, as it is now, says something else than the linked file. */
export function staleText({ output, linked }: PlacedReport, translate: Translate): string | undefined {
  if (linked === undefined || linked === output) return undefined;
  return translate(
    "  The linked file has it in {0}: the script was changed since, or another one is used.",
    printable(linked),
  );
}

function placeText({ path, line, column }: StatementPlace, script: string, shown: Shown): string {
  return `${shown(path ?? script)}:${line}:${column}`;
}
