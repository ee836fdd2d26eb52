/** The whole report from a trace and its findings: what --json prints and the HTML page shows. */
import type { Findings } from "../attribution/findings.js";
import type { Trace } from "../trace/trace.js";
import { completenessOf, lostRecords } from "./completeness.js";
import { callSiteRows, compiledSources, lineRows } from "./line-rows.js";
import type { FaultCounts, Report } from "./report.js";
import type { SourceMapper } from "./source-map.js";
import { functionRows, objectRows, pageRows, regionRows, sectionRows, threadRows } from "./table-rows.js";
import type { Translate } from "./translate.js";

export interface ReportOptions {
  readonly mapSource: SourceMapper;
  readonly translate: Translate;
}

export function buildReport(trace: Trace, findings: Findings, options: ReportOptions): Report {
  const { mapSource, translate } = options;
  const { faults } = trace;
  const counts = faultCounts(trace, findings);
  const counted = countedIn(trace);
  const bySite = counted === "faults";
  return {
    version: 1,
    command: trace.run?.command ?? trace.command,
    arch: trace.arch,
    pageSize: trace.pageSize,
    counted,
    spanNs: faults.length > 0 ? faults.time[faults.length - 1]! - faults.time[0]! : 0,
    faults: counts,
    completeness: completenessOf(trace, findings, counts, translate),
    lines: bySite ? lineRows(findings, mapSource, true) : [],
    callSites: bySite ? callSiteRows(findings, mapSource) : [],
    sources: bySite ? compiledSources(findings, mapSource) : [],
    functions: bySite ? functionRows(findings, mapSource) : [],
    objects: objectRows(findings, mapSource, true),
    sections: sectionRows(findings),
    regions: regionRows(findings),
    pages: pageRows(findings, trace),
    threads: threadRows(findings),
  };
}

export function countedIn({ run }: Trace): Report["counted"] {
  return run?.mode === "pagemap" ? "pages" : "faults";
}

export function faultCounts(trace: Trace, findings: Findings): FaultCounts {
  return countedIn(trace) === "pages" ? ownCounters(trace) : recordedFaults(trace, findings);
}

/** Without events, the process's own counters are all that is known of its faults. */
function ownCounters({ run }: Trace): FaultCounts {
  const { minor, major } = run?.rusage ?? { minor: 0, major: 0 };
  return { total: minor + major, minor, major, user: 0, kernel: 0, refused: 0, lost: 0, timeNs: 0 };
}

function recordedFaults(trace: Trace, { cells }: Findings): FaultCounts {
  const sum = (column: Float64Array) => column.reduce((total, value) => total + value, 0);
  const kernel = sum(cells.kernel);
  return {
    total: trace.faults.length,
    minor: sum(cells.minor),
    major: sum(cells.major),
    user: trace.faults.length - kernel,
    kernel,
    refused: trace.refused.length,
    lost: lostRecords(trace),
    timeNs: sum(cells.timeNs),
  };
}
