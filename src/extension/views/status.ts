/** What the status bar says: the recording under way, else the trace that is shown, else that there is none. */
import { printable } from "../../core/report/printable.js";
import { grouped } from "../../core/report/quantities.js";
import type { Report } from "../../core/report/report.js";
import { amount, commandWords, costWords, traceWords, verdict } from "../../core/report/trace-summary.js";
import type { Translate } from "../../core/report/translate.js";
import { CommandId } from "../ids.js";
import type { Services } from "../services.js";

export type RecordingStatus = NonNullable<Services["recordings"]["current"]>;

export interface Status {
  /** With an icon in front; nothing in it comes from a file. */
  readonly text: string;
  /** Plain text. */
  readonly tooltip: string;
  readonly command: CommandId | undefined;
  /** Records were lost: told in the status bar's warning colour. */
  readonly warning: boolean;
}

export function statusOf(
  recording: RecordingStatus | undefined,
  report: Pick<Report, "command" | "counted" | "faults" | "completeness" | "pages"> | undefined,
  canTrace: boolean,
  translate: Translate,
): Status {
  if (recording !== undefined) return recordingStatus(recording, translate);
  if (report !== undefined) return traceStatus(report, translate);
  return {
    text: "$(pulse) Faultline",
    tooltip: canTrace
      ? translate("No trace yet: click to trace page faults")
      : translate("No trace: click to open one"),
    command: canTrace ? CommandId.Trace : CommandId.OpenTrace,
    warning: false,
  };
}

function recordingStatus(recording: RecordingStatus, translate: Translate): Status {
  const { state, command, faults, major, lost } = recording;
  const counts = withLosses(costWords({ faults, major, timeNs: 0 }, "faults", translate), lost, translate);
  const program = commandWords(command);
  switch (state) {
    case "starting":
      return {
        text: `$(loading~spin) ${translate("Starting")}`,
        tooltip: translate("Starting {0}: click to stop", program),
        command: CommandId.StopRecording,
        warning: false,
      };
    case "recording":
      return {
        text: `$(record) ${counts}`,
        tooltip: translate("Recording page faults of {0}: click to stop", program),
        command: CommandId.StopRecording,
        warning: lost > 0,
      };
    case "paused":
      return {
        text: `$(debug-pause) ${counts}`,
        tooltip: translate("The recording of {0} is paused: click to stop", program),
        command: CommandId.StopRecording,
        warning: lost > 0,
      };
    case "ending":
      return {
        text: `$(loading~spin) ${counts}`,
        tooltip: translate("The trace of {0} is being written", program),
        command: undefined,
        warning: lost > 0,
      };
  }
}

function traceStatus(
  report: Pick<Report, "command" | "counted" | "faults" | "completeness" | "pages">,
  translate: Translate,
): Status {
  const { counted, completeness, command, pages } = report;
  const counts = counted === "pages" ? amount(pages.length, "pages", translate) : traceWords(report, translate);
  return {
    text: `$(pulse) ${withLosses(counts, completeness.lost, translate)}`,
    tooltip: [
      commandWords(command),
      verdict(completeness, translate),
      ...completeness.notes.map(({ message }) => printable(message)),
      translate("Click to show the memory map"),
    ]
      .filter((line) => line !== "")
      .join("\n"),
    command: CommandId.ShowMemoryMap,
    warning: completeness.lost > 0,
  };
}

function withLosses(counts: string, lost: number, translate: Translate): string {
  return lost > 0 ? `${counts} · ${translate("{0} lost", grouped(lost))}` : counts;
}
