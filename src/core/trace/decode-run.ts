/** run.json back to a RunRecord: tolerant, since a killed recorder or a curious editor may have left anything there. */
import { listOf, numberOf, objectOf, parsedJson, textOf, type JsonObject } from "../base/json-fields.js";
import type { BlindSpot, RunRecord } from "./run.js";

/** Never fails: text that is no run record gives undefined, damaged fields their neutral value. */
export function decodeRun(text: string): RunRecord | undefined {
  const root = objectOf(parsedJson(text));
  if (root === undefined || root["version"] !== 1) return undefined;
  const machine = objectOf(root["machine"]);
  const limits = objectOf(root["limits"]);
  const exit = objectOf(root["exit"]);
  return {
    version: 1,
    command: texts(root["command"]),
    workingDirectory: textOf(root["workingDirectory"]) ?? "/",
    environmentNames: texts(root["environmentNames"]),
    mode: MODES.find((mode) => mode === root["mode"]) ?? "launch",
    pid: numberOf(root["pid"]) ?? 0,
    startedAt: textOf(root["startedAt"]) ?? "",
    endedAt: textOf(root["endedAt"]),
    startTime: numberOf(root["startTime"]) ?? 0,
    endTime: numberOf(root["endTime"]),
    exit: exit === undefined ? undefined : { code: numberOf(exit["code"]), signal: textOf(exit["signal"]) },
    events: texts(root["events"]),
    pageSize: PAGE_SIZES.find((size) => size === root["pageSize"]) ?? PAGE_SIZES[0],
    ringPages: numberOf(root["ringPages"]) ?? 0,
    lost: numberOf(root["lost"]) ?? 0,
    faults: faultsOf(objectOf(root["faults"])),
    userOnly: root["userOnly"] === true,
    rusage: countersOf(objectOf(root["rusage"])),
    limits: { memlockSoft: numberOf(limits?.["memlockSoft"]), memlockHard: numberOf(limits?.["memlockHard"]) },
    machine: {
      arch: textOf(machine?.["arch"]) ?? "",
      kernel: textOf(machine?.["kernel"]) ?? "",
      cpus: numberOf(machine?.["cpus"]) ?? 0,
      perfEventParanoid: paranoidOf(machine?.["perfEventParanoid"]),
      swapTotalKb: numberOf(machine?.["swapTotalKb"]) ?? 0,
    },
    blind: listOf(root["blind"]).flatMap((spot) => blindSpotOf(objectOf(spot)) ?? []),
  };
}

const MODES = ["launch", "attach", "pagemap"] as const;
/** What Linux can be built with on the architectures perf knows. */
const PAGE_SIZES = [4096, 16384, 65536] as const;

function faultsOf(entry: JsonObject | undefined): RunRecord["faults"] {
  const counters = countersOf(entry);
  return counters === undefined ? undefined : { ...counters, refused: numberOf(entry?.["refused"]) };
}

function countersOf(entry: JsonObject | undefined): RunRecord["rusage"] {
  const minor = numberOf(entry?.["minor"]);
  const major = numberOf(entry?.["major"]);
  return minor === undefined || major === undefined ? undefined : { minor, major };
}

/** -1 is a level, too: everything is allowed. */
function paranoidOf(value: unknown): number | undefined {
  return value === -1 ? -1 : numberOf(value);
}

function blindSpotOf(entry: JsonObject | undefined): BlindSpot | undefined {
  const kind = textOf(entry?.["kind"]);
  switch (kind) {
    case "kernel-mode":
      return { kind, reason: entry?.["reason"] === "asked" ? "asked" : "unprivileged" };
    case "setuid":
    case "unreadable":
      return { kind, path: textOf(entry?.["path"]) ?? "" };
    case "page-size":
      return { kind, pageSize: numberOf(entry?.["pageSize"]) ?? PAGE_SIZES[0] };
    case "no-perf-events":
      return { kind, reason: textOf(entry?.["reason"]) ?? "" };
    case "paused":
      return { kind, milliseconds: numberOf(entry?.["milliseconds"]) ?? 0 };
    case "get-user-pages":
    case "service-time":
    case "interrupted":
      return { kind };
    default:
      return undefined; // Of a later version: better left out than misread.
  }
}

function texts(value: unknown): readonly string[] {
  return listOf(value).flatMap((item) => textOf(item) ?? []);
}
