/** What was locked in a process by `faultline lock`, so that it can be taken back: written before anything is locked. */
import { listOf, numberOf, objectOf, parsedJson, textOf } from "../base/json-fields.js";
import type { LockChange, LockState } from "./lock-plan.js";

export interface LockJournal {
  readonly version: 1;
  readonly pid: number;
  /** With the pid, names the process for good. */
  readonly startTicks: number;
  /** As /proc/PID/comm had it. */
  readonly name: string;
  /** ISO 8601. */
  readonly at: string;
  /** mlockall was called: everything that was not locked before is to be unlocked. */
  readonly all: boolean;
  /** Of ranges: what changed. Of everything: what was locked before. */
  readonly changes: readonly LockChange[];
}

export function encodeJournal(journal: LockJournal): string {
  return `${JSON.stringify(journal, undefined, 1)}\n`;
}

/** undefined: it is no journal of this version. A damaged change would unlock what was locked by others: none is used. */
export function decodeJournal(text: string): LockJournal | undefined {
  const root = objectOf(parsedJson(text));
  const pid = numberOf(root?.["pid"]);
  const startTicks = numberOf(root?.["startTicks"]);
  if (root === undefined || root["version"] !== 1 || pid === undefined || startTicks === undefined) return undefined;
  const changes = listOf(root["changes"]).map(changeOf);
  if (!changes.every((change) => change !== undefined)) return undefined;
  return {
    version: 1,
    pid,
    startTicks,
    name: textOf(root["name"]) ?? "",
    at: textOf(root["at"]) ?? "",
    all: root["all"] === true,
    changes,
  };
}

function changeOf(value: unknown): LockChange | undefined {
  const entry = objectOf(value);
  const start = numberOf(entry?.["start"]);
  const end = numberOf(entry?.["end"]);
  const before = STATES.find((state) => state === entry?.["before"]);
  if (start === undefined || end === undefined || before === undefined || !(end > start)) return undefined;
  return { start, end, before };
}

const STATES: readonly LockState[] = ["none", "locked", "on-fault"];
