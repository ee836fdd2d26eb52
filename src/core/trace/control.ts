/** What a recorder and the editor that started it tell each other: one JSON object a line, over a socket of the editor's. */
import { listOf, numberOf, objectOf, parsedJson, textOf, type JsonObject } from "../base/json-fields.js";
import type { ContainerKind, Refusal, RefusalCode, RefusedCall } from "./refusal.js";

export type RecorderMessage =
  /** Recording has begun; from here on the trace folder can be read. */
  | {
      readonly kind: "started";
      readonly pid: number;
      readonly folder: string;
      /** Without perf events, pages are counted, and recording cannot pause. */
      readonly counted: "faults" | "pages";
    }
  /** So far: completed faults, major ones among them, records lost, bytes of perf.data. */
  | {
      readonly kind: "counts";
      readonly faults: number;
      readonly major: number;
      readonly lost: number;
      readonly bytes: number;
    }
  /** `goesOn`: the program runs all the same, and only pages are counted. */
  | { readonly kind: "refused"; readonly refusal: Refusal; readonly goesOn: boolean }
  /** It could not be done, for a reason that is no refusal: one sentence. */
  | { readonly kind: "failed"; readonly sentence: string }
  /** The trace is complete and closed; `removed` after a cancel. */
  | { readonly kind: "ended"; readonly folder: string; readonly removed: boolean };

/**
 * stop ends the recording: a program that was started for it gets SIGTERM, an attached one is left as it is.
 * cancel does the same and removes the trace.
 */
export type EditorMessage = { readonly kind: "pause" | "resume" | "stop" | "cancel" };

/** With its line end. */
export function encodeControl(message: RecorderMessage | EditorMessage): string {
  return `${JSON.stringify(message)}\n`;
}

/** undefined for what a later version may say. */
export function decodeRecorderMessage(line: string): RecorderMessage | undefined {
  const fields = objectOf(parsedJson(line));
  if (fields === undefined) return undefined;
  const kind = textOf(fields["kind"]);
  switch (kind) {
    case "started":
      return {
        kind,
        pid: numberOf(fields["pid"]) ?? 0,
        folder: textOf(fields["folder"]) ?? "",
        counted: fields["counted"] === "pages" ? "pages" : "faults",
      };
    case "counts":
      return {
        kind,
        faults: numberOf(fields["faults"]) ?? 0,
        major: numberOf(fields["major"]) ?? 0,
        lost: numberOf(fields["lost"]) ?? 0,
        bytes: numberOf(fields["bytes"]) ?? 0,
      };
    case "refused":
      return { kind, refusal: decodeRefusal(objectOf(fields["refusal"]) ?? {}), goesOn: fields["goesOn"] === true };
    case "failed":
      return { kind, sentence: textOf(fields["sentence"]) ?? "" };
    case "ended":
      return { kind, folder: textOf(fields["folder"]) ?? "", removed: fields["removed"] === true };
    default:
      return undefined;
  }
}

export function decodeEditorMessage(line: string): EditorMessage | undefined {
  const kind = EDITOR_KINDS.find((one) => one === objectOf(parsedJson(line))?.["kind"]);
  return kind === undefined ? undefined : { kind };
}

const EDITOR_KINDS = ["pause", "resume", "stop", "cancel"] as const;

/** A line nobody ends is not kept for ever. */
export const MAX_CONTROL_LINE = 1 << 20;

/** Whole lines out of text that comes in any pieces; one longer than the limit is dropped. */
export class ControlLines {
  private partial = "";
  private tooLong = false;

  push(text: string): readonly string[] {
    const [first = "", ...others] = text.split("\n");
    const lines: string[] = [];
    let last = this.partial + first;
    for (const next of others) {
      if (!this.tooLong && last.length <= MAX_CONTROL_LINE && last !== "") lines.push(last);
      this.tooLong = false;
      last = next;
    }
    this.tooLong ||= last.length > MAX_CONTROL_LINE;
    this.partial = this.tooLong ? "" : last;
    return lines;
  }
}

function decodeRefusal(fields: JsonObject): Refusal {
  const openFiles = objectOf(fields["openFiles"]);
  const paranoid = fields["paranoid"];
  return {
    code: CODES.find((code) => code === fields["code"]) ?? "unexpected",
    call: CALLS.find((call) => call === fields["call"]) ?? "perf_event_open",
    errno: textOf(fields["errno"]) ?? "",
    userOnly: fields["userOnly"] === true,
    uid: numberOf(fields["uid"]) ?? 0,
    privileged: fields["privileged"] === true,
    // -1 is a level, too: everything is allowed.
    paranoid: paranoid === -1 ? -1 : numberOf(paranoid),
    container: CONTAINERS.find((container) => container === fields["container"]),
    unit: textOf(fields["unit"]),
    pid: numberOf(fields["pid"]),
    owner: textOf(fields["owner"]),
    path: textOf(fields["path"]),
    ringPages: numberOf(fields["ringPages"]),
    pageSize: numberOf(fields["pageSize"]) || SMALLEST_PAGE,
    mlockKb: numberOf(fields["mlockKb"]),
    openFiles:
      openFiles === undefined
        ? undefined
        : { soft: numberOf(openFiles["soft"]) ?? 0, hard: numberOf(openFiles["hard"]) ?? 0 },
    invocation: listOf(fields["invocation"]).flatMap((word) => textOf(word) ?? []),
  };
}

const SMALLEST_PAGE = 4096;

const CALLS: readonly RefusedCall[] = ["perf_event_open", "mmap-ring", "tracepoint", "attach", "launch"];

/** All of them: a record's keys cannot miss one. */
const CODES = keysOf<RefusalCode>({
  "kernel-mode": true,
  paranoid: true,
  "other-user": true,
  "protected-process": true,
  seccomp: true,
  "security-module": true,
  "no-perf-events": true,
  "no-such-event": true,
  gone: true,
  "too-many-files": true,
  "too-many-files-in-system": true,
  "ring-budget": true,
  "no-memory": true,
  "tracefs-not-mounted": true,
  "tracefs-unreadable": true,
  "no-such-tracepoint": true,
  "tracepoint-privilege": true,
  "program-not-found": true,
  "program-not-executable": true,
  "program-malformed": true,
  ptrace: true,
  unexpected: true,
});

const CONTAINERS = keysOf<ContainerKind>({
  docker: true,
  podman: true,
  devcontainer: true,
  kubernetes: true,
  lxc: true,
  "systemd-nspawn": true,
  "systemd-service": true,
  flatpak: true,
  gvisor: true,
  wsl1: true,
  other: true,
});

function keysOf<K extends string>(all: Readonly<Record<K, true>>): readonly K[] {
  return Object.keys(all) as K[];
}
