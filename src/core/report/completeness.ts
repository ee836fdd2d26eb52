/** How complete a trace is: what was counted, what was dropped, what could not be seen, each as a sentence. */
import type { Findings, UnavailableImage } from "../attribution/findings.js";
import type { Trace, TraceProblem } from "../trace/trace.js";
import type { BlindSpot } from "../trace/run.js";
import { blindSpotSentence } from "./blind-spots.js";
import type { Completeness, FaultCounts } from "./report.js";
import type { Translate } from "./translate.js";

export function completenessOf(
  trace: Trace,
  findings: Findings,
  counts: FaultCounts,
  translate: Translate,
): Completeness {
  const blind = trace.run?.blind ?? [];
  const notes = [
    ...(counts.lost > 0 ? [{ code: "lost", message: lostSentence(counts.lost, blind, translate) }] : []),
    ...foreignEvents(trace, translate),
    ...earlierFaults(trace, translate),
    ...trace.problems.map((problem) => ({ code: problem.kind, message: problemSentence(problem, translate) })),
    ...blind.map((spot) => ({ code: spot.kind, message: blindSpotSentence(spot, translate) })),
    ...findings.unavailable.map((image) => ({ code: image.reason, message: unavailableSentence(image, translate) })),
  ];
  return {
    complete:
      counts.lost === 0 &&
      recordsFaults(trace) &&
      trace.problems.length === 0 &&
      blind.every(({ kind }) => kind === "get-user-pages" || kind === "service-time"),
    completed: trace.run?.mode === "pagemap" ? 0 : counts.total,
    refused: counts.refused,
    lost: counts.lost,
    rusage: trace.run?.rusage,
    notes,
  };
}

/** The recorder counts what it could not write, too; of a trace cut short perf.data alone cannot tell. */
export function lostRecords({ lost, run }: Trace): number {
  return Math.max(lost, run?.lost ?? 0);
}

/** perf's names of fault events, with their modifiers ("page-faults:u"), and the tracepoints of page faults. */
const FAULT_EVENT = /(^|:)(page-faults|faults|minor-faults|major-faults|page_fault_(user|kernel))(:|$)/;

/** A trace of pages has no events; one with faults in it recorded them, whatever its events are called. */
function recordsFaults({ events, faults, refused }: Trace): boolean {
  return (
    events.length === 0 || faults.length > 0 || refused.length > 0 || events.some((name) => FAULT_EVENT.test(name))
  );
}

/** Of a process that ran already, a recording knows only its own time. */
function earlierFaults({ run }: Trace, translate: Translate): Completeness["notes"] {
  if (run?.mode !== "attach") return [];
  const message = translate("The process was running already: the faults it took before are not in this trace.");
  return [{ code: "attached", message }];
}

function foreignEvents(trace: Trace, translate: Translate): Completeness["notes"] {
  if (recordsFaults(trace)) return [];
  const message = translate(
    "Page faults were not recorded, but {0}: record again with faultline record, or with perf record -e page-faults -c 1 -d.",
    trace.events.join(", "),
  );
  return [{ code: "no-fault-events", message }];
}

function lostSentence(lost: number, blind: readonly BlindSpot[], translate: Translate): string {
  if (blind.some(({ kind }) => kind === "interrupted")) {
    return translate("{0} records could not be written any more when the recording was cut short.", lost);
  }
  return translate(
    "{0} records were dropped because the ring buffers were full; record again with larger rings (--ring), or without call chains.",
    lost,
  );
}

function problemSentence(problem: TraceProblem, translate: Translate): string {
  switch (problem.kind) {
    case "truncated":
      return translate(
        "The trace ends in the middle of a record at byte {0}: its writer was stopped; everything before is shown.",
        problem.offset,
      );
    case "malformed":
      return translate(
        "The trace is damaged at byte {0} ({1}): everything before is shown.",
        problem.offset,
        problem.subject,
      );
    case "sampled":
      return translate(
        "Only some {0} were recorded, as perf samples by default: record each of them, with perf record -c 1.",
        problem.event,
      );
    case "unsupported":
      return translate("The trace has records that are not read: {0}.", problem.subject);
  }
}

function unavailableSentence({ path, reason, detail }: UnavailableImage, translate: Translate): string {
  const because = detail === undefined ? "" : ` (${detail})`;
  switch (reason) {
    case "file-changed":
      return translate("{0} changed since the trace{1}: its code is not named; trace again.", path, because);
    case "file-missing":
      return translate(
        "{0} cannot be read here{1}: its code is not named; open the trace where the program is.",
        path,
        because,
      );
    case "no-symbols":
      return translate("{0} has no symbols{1}: section and offset are shown.", path, because);
    case "not-an-image":
      return translate("{0} is not an ELF file{1}.", path, because);
  }
}
