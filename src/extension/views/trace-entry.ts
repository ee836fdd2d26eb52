/** A recorded trace as the library lists it. */
import { printable } from "../../core/report/printable.js";
import { grouped } from "../../core/report/quantities.js";
import { amount, commandWords } from "../../core/report/trace-summary.js";
import type { Translate } from "../../core/report/translate.js";
import type { RunRecord } from "../../core/trace/run.js";

/** What is found on disk. */
export interface TraceFacts {
  /** Absolute path of the trace folder. */
  readonly path: string;
  /** The folder's own name. */
  readonly name: string;
  /** Undefined where run.json is missing or damaged. */
  readonly run: RunRecord | undefined;
  /** Milliseconds since 1970. */
  readonly modified: number;
  /** The workspace folder it is below, where there are several. */
  readonly workspaceFolder: string | undefined;
}

export interface TraceEntry {
  readonly path: string;
  readonly name: string;
  readonly label: string;
  readonly description: string;
  readonly tooltip: string;
  /** Milliseconds since 1970; newest first. */
  readonly when: number;
}

/** @param time says a moment, milliseconds since 1970, in the person's language. */
export function traceEntry(facts: TraceFacts, time: (when: number) => string, translate: Translate): TraceEntry {
  const { path, name, run, modified, workspaceFolder } = facts;
  const started = Date.parse(run?.startedAt ?? "");
  const when = Number.isNaN(started) ? modified : started;
  const command = commandWords(run?.command ?? []);
  const hasOwnName = !GIVEN_NAME.test(name) || command === "";
  const parts = [
    ...(hasOwnName ? [command] : []),
    time(when),
    faultsOf(run, translate),
    ...(run !== undefined && run.lost > 0 ? [translate("{0} lost", grouped(run.lost))] : []),
    printable(workspaceFolder ?? ""),
  ];
  return {
    path,
    name,
    label: hasOwnName ? printable(name) : command,
    description: parts.filter((part) => part !== "").join(" · "),
    tooltip: [printable((run?.command ?? []).join(" ")), time(when), endOf(run, translate), printable(path)]
      .filter((part) => part !== "")
      .join("\n"),
    when,
  };
}

/** Why a trace folder cannot have this name, undefined when it can. */
export function nameProblem(name: string, taken: readonly string[], translate: Translate): string | undefined {
  if (name.trim() === "") return translate("A trace needs a name.");
  if (/[/\0]/.test(name) || name === "." || name === "..") return translate("A name cannot have a slash in it.");
  if (new TextEncoder().encode(name).length > MOST_NAME_BYTES) return translate("That name is too long.");
  return taken.includes(name) ? translate("There is a trace of that name.") : undefined;
}

function faultsOf(run: RunRecord | undefined, translate: Translate): string {
  const counts = run?.faults ?? run?.rusage;
  if (counts === undefined) return translate("not counted");
  const faults = amount(counts.minor + counts.major, "faults", translate);
  return counts.major > 0 ? `${faults} · ${translate("{0} major", grouped(counts.major))}` : faults;
}

function endOf(run: RunRecord | undefined, translate: Translate): string {
  if (run === undefined) return translate("The recording's own notes (run.json) are missing.");
  if (run.endedAt === undefined) return translate("The recording was cut off; what was written by then can be opened.");
  const { code, signal } = run.exit ?? {};
  if (signal !== undefined) return translate("Ended by {0}", printable(signal));
  return code === undefined ? "" : translate("Ended with exit code {0}", code);
}

/** `<time>-<program>`, which the recorder gives: the command says more. */
const GIVEN_NAME = /^\d{8}T\d{6}Z-/;
/** NAME_MAX of Linux file systems. */
const MOST_NAME_BYTES = 255;
