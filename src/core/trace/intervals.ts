/** Intervals (the spans of time a verdict is about) and stimuli (what provokes one), as faultline.json names them. */
import { listOf, objectOf, textOf, type JsonObject } from "../base/json-fields.js";

/** A moment of the run. */
export type Moment =
  /** So long after the start. */
  | { readonly kind: "after"; readonly milliseconds: number }
  /** A thread takes this name (prctl PR_SET_NAME): at most 15 bytes. */
  | { readonly kind: "mark"; readonly mark: string }
  /** The stimulus of this name is given. */
  | { readonly kind: "stimulus"; readonly stimulus: string }
  /** The program has written this. `on` is "stdout", "stderr", "answer" (what a socket sends back) or the path of a FIFO. */
  | { readonly kind: "output"; readonly output: string; readonly on: string }
  /** There was no fault, and no thread ran, for so long. */
  | { readonly kind: "quiet"; readonly milliseconds: number };

export interface Interval {
  readonly name: string;
  /** undefined: the start of the program. */
  readonly from: Moment | undefined;
  /** undefined: the end of the program. */
  readonly to: Moment | undefined;
}

export type StimulusAction =
  /** Run; its standard output goes to `to`. */
  | { readonly kind: "command"; readonly argv: readonly string[] }
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  /** "SIGUSR1" */
  | { readonly kind: "signal"; readonly signal: string };

export interface Stimulus {
  readonly name: string;
  /** The program's arguments when it is started for this stimulus; undefined: its usual ones. */
  readonly arguments: readonly string[] | undefined;
  readonly action: StimulusAction;
  readonly to: StimulusPath;
}

/** Where bytes and a command's output go. */
export type StimulusPath =
  | { readonly kind: "stdin" }
  | { readonly kind: "nowhere" }
  | { readonly kind: "fifo"; readonly path: string }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  | { readonly kind: "unix"; readonly path: string };

/** The verdict of a program nobody described is about its whole run. */
export const WHOLE_RUN: Interval = { name: "the whole run", from: undefined, to: undefined };

/** What faultline.json says; what is wrong is left out and told in `problems`, as "intervals[0].to must be …". */
export function readIntervals(value: unknown, problems: string[]): Interval[] {
  return namedEntries(value, "intervals", problems).flatMap(({ entry, name, where }) => {
    const from = momentOf(entry["from"], `${where}.from`, problems);
    const to = momentOf(entry["to"], `${where}.to`, problems);
    return from === WRONG || to === WRONG ? [] : [{ name, from, to }];
  });
}

export function readStimuli(value: unknown, problems: string[]): Stimulus[] {
  return namedEntries(value, "stimuli", problems).flatMap(({ entry, name, where }) => {
    const action = actionOf(entry);
    if (action === undefined) {
      problems.push(`${where} must have one of "command", "bytes" (in hexadecimal) and "signal" (SIG…)`);
      return [];
    }
    const to = stimulusPath(textOf(entry["to"]) ?? "stdin");
    if (to === undefined) {
      problems.push(`${where}.to must be "stdin", "nowhere", a path, "tcp:HOST:PORT" or "unix:PATH"`);
      return [];
    }
    const given = entry["arguments"];
    return [{ name, arguments: given === undefined ? undefined : texts(given), action, to }];
  });
}

const WRONG = Symbol("wrong");

function namedEntries(value: unknown, field: string, problems: string[]) {
  if (value === undefined) return [];
  if (!Array.isArray(value)) {
    problems.push(`"${field}" must be a list`);
    return [];
  }
  return listOf(value).flatMap((item, index) => {
    const where = `${field}[${index}]`;
    const entry = objectOf(item);
    const name = textOf(entry?.["name"]);
    if (entry !== undefined && name !== undefined && name !== "") return [{ entry, name, where }];
    problems.push(`${where} must be an object with a name`);
    return [];
  });
}

function momentOf(value: unknown, where: string, problems: string[]): Moment | undefined | typeof WRONG {
  if (value === undefined) return undefined;
  const moment = momentIn(objectOf(value) ?? {});
  if (moment !== undefined) return moment;
  problems.push(`${where} must have one of "afterMs", "mark", "stimulus", "output" and "quietMs"`);
  return WRONG;
}

/** The kernel keeps 15 bytes of a thread's name. */
const MAX_MARK_BYTES = 15;

function momentIn(entry: JsonObject): Moment | undefined {
  const after = entry["afterMs"];
  if (typeof after === "number" && after >= 0) return { kind: "after", milliseconds: after };
  const quiet = entry["quietMs"];
  if (typeof quiet === "number" && quiet > 0) return { kind: "quiet", milliseconds: quiet };
  const mark = textOf(entry["mark"]);
  if (mark !== undefined && mark !== "" && mark.length <= MAX_MARK_BYTES) return { kind: "mark", mark };
  const stimulus = textOf(entry["stimulus"]);
  if (stimulus !== undefined) return { kind: "stimulus", stimulus };
  const output = textOf(entry["output"]);
  if (output !== undefined && output !== "") return { kind: "output", output, on: textOf(entry["on"]) ?? "stdout" };
  return undefined;
}

function actionOf(entry: JsonObject): StimulusAction | undefined {
  const argv = texts(entry["command"]);
  if (argv !== undefined && argv.length > 0) return { kind: "command", argv };
  const bytes = textOf(entry["bytes"]);
  if (bytes !== undefined && /^([0-9a-fA-F]{2}( |$))+$/.test(bytes)) {
    return { kind: "bytes", bytes: Uint8Array.from(bytes.trim().split(" "), (pair) => Number.parseInt(pair, 16)) };
  }
  const signal = textOf(entry["signal"]);
  return signal !== undefined && /^SIG[A-Z0-9+]+$/.test(signal) ? { kind: "signal", signal } : undefined;
}

function stimulusPath(text: string): StimulusPath | undefined {
  if (text === "stdin" || text === "nowhere") return { kind: text };
  const [, host, port] = /^tcp:(.+):(\d{1,5})$/.exec(text) ?? [];
  if (host !== undefined && Number(port) < 65_536) return { kind: "tcp", host, port: Number(port) };
  if (text.startsWith("tcp:") || text === "") return undefined;
  return text.startsWith("unix:") ? { kind: "unix", path: text.slice("unix:".length) } : { kind: "fifo", path: text };
}

function texts(value: unknown): string[] | undefined {
  return Array.isArray(value) && value.every((item) => typeof item === "string" && !item.includes("\0"))
    ? (value as string[])
    : undefined;
}
