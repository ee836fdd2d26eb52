/** `faultline report`: a trace as text, JSON or one HTML page. */
import { writeFileSync } from "node:fs";
import { attribute } from "../core/attribution/attribute.js";
import type { Findings } from "../core/attribution/findings.js";
import { buildReport } from "../core/report/build-report.js";
import { reportJson } from "../core/report/json.js";
import { printable } from "../core/report/printable.js";
import type { Report } from "../core/report/report.js";
import { coloured, plain } from "../core/report/style.js";
import { english } from "../core/report/translate.js";
import { openReportInput, type ReportInput } from "../host/report-input.js";
import { UserError } from "../host/user-error.js";
import { parsedArgs, wholeNumber } from "./arguments.js";
import { say } from "./say.js";
import { isView, textOf, VIEWS } from "./report-text.js";
import { print, terminalWidth, wantsColour } from "./terminal.js";

export async function report(args: readonly string[]): Promise<number> {
  const { values, positionals } = parse(args);
  if (values.help === true) {
    process.stdout.write(HELP);
    return 0;
  }
  if (positionals.length > 1)
    throw new UserError(`One trace at a time: ${positionals.slice(1).join(" ")} is one too many.`);
  const by = values.by ?? "line";
  if (!isView(by)) throw new UserError(`--by takes ${VIEWS.join(", ")}; not "${by}".`);
  const top = wholeNumber("--top", values.top ?? String(DEFAULT_TOP));
  const input = openReportInput({
    path: positionals[0],
    here: process.cwd(),
    sourceRoots: values.sources ?? [],
  });
  for (const problem of input.problems) say(problem);
  const findings = attribute(input.trace, input.resolve);
  if (values.html !== undefined || values.json === true) {
    const data = buildReport(input.trace, findings, { mapSource: input.mapSource, translate: english });
    if (values.html !== undefined) await writeHtml(values.html, input, findings, data);
    if (values.json === true) await print(reportJson(data, values.samples === true ? input.trace.faults : undefined));
    if (values.json === true || values.by === undefined) return 0;
  }
  const style = wantsColour() ? coloured : plain;
  const width = terminalWidth();
  await print([
    textOf(by, input, findings, {
      style,
      width,
      top,
      translate: english,
      instructions: values["no-instructions"] !== true,
    }),
  ]);
  return 0;
}

function parse(args: readonly string[]) {
  return parsedArgs("report", {
    args: [...args],
    allowPositionals: true,
    options: {
      by: { type: "string" },
      json: { type: "boolean" },
      samples: { type: "boolean" },
      html: { type: "string" },
      top: { type: "string" },
      sources: { type: "string", multiple: true },
      "no-instructions": { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
  });
}

async function writeHtml(file: string, input: ReportInput, findings: Findings, data: Report): Promise<void> {
  const { htmlOf } = await import("./report-html.js");
  try {
    writeFileSync(file, htmlOf(input, findings, data), { mode: 0o600 });
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
    throw new UserError(`The page could not be written: ${error.message}.`);
  }
  process.stderr.write(`Memory map and annotated lines: ${printable(file)}\n`);
}

const DEFAULT_TOP = 15;

const HELP = `usage: faultline report [TRACE] [options]

TRACE is a trace folder, or a perf.data of perf or of faultline; without one, the newest in .faultline/traces.

  --by line|function|object|section|region|page|thread
                  what the rows are; line shows the sources, annotated
  --top N         rows of each table, annotated lines at the most (${DEFAULT_TOP})
  --json          everything as JSON (schemas/report.schema.json)
  --samples       with --json: every single fault, too
  --html FILE     one self-contained page: annotated lines and the memory map
  --sources DIR   show sources below DIR, too (may be repeated; faultline.json's sourceMap names others)
  --no-instructions
                  do not disassemble the faulting instructions

Exit status: 0 done, 2 the trace could not be read.
`;
