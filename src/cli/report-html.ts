/** The HTML page of a trace: assembled here, since core cannot embed the page's script. */
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Findings } from "../core/attribution/findings.js";
import { buildMap } from "../core/report/build-map.js";
import type { Report } from "../core/report/report.js";
import { sourceExcerpts } from "../core/report/source-excerpt.js";
import type { ReportInput } from "../host/report-input.js";
import { htmlReport } from "./html.js";

export function htmlOf(input: ReportInput, findings: Findings, report: Report): string {
  const { trace, resolve, mapSource, readSource } = input;
  return htmlReport({
    report,
    map: buildMap(trace, findings, resolve, mapSource),
    sources: sourceExcerpts(report, (file) => {
      const text = readSource(file);
      return text === undefined ? { kind: "missing", lookedFor: file } : { kind: "text", text };
    }),
    title: basename(report.command[0] ?? "trace"),
    script: readFileSync(join(__dirname, "report.js"), "utf8"),
  });
}
