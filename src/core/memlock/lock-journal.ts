/** What was locked in a process by `faultline lock`, so that it can be taken back: written before anything is locked. */
import { listOf, numberOf, objectOf, parsedJson, textOf } from "../base/json-fields.js";
import type { LockChange, LockState, PriorLocks } from "./lock-plan.js";

export interface LockJournal extends PriorLocks {
  readonly version: 2;
  readonly pid: number;
  /** With the pid, names the process for good. */
  readonly startTicks: number;
  /** As /proc/PID/comm had it. */
  readonly name: string;
  /** ISO 8601. */
  readonly at: string;
}

export function encodeJournal(journal: LockJournal): string {
  return `${JSON.stringify(journal, undefined, 1)}\n`;
}

/** undefined: it is no journal of this version. A damaged change would unlock what was locked by others: none is used. */
export function decodeJournal(text: string): LockJournal | undefined {
  const root = objectOf(parsedJson(text));
  const pid = numberOf(root?.["pid"]);
  const startTicks = numberOf(root?.["startTicks"]);
  const changes = changesOf(root?.["changes"]);
  const own = changesOf(root?.["own"]);
  if (root?.["version"] !== 2 || pid === undefined || startTicks === undefined) return undefined;
  if (changes === undefined || own === undefined || typeof root["future"] !== "boolean") return undefined;
  const [name = "", at = ""] = [textOf(root["name"]), textOf(root["at"])];
  return { version: 2, pid, startTicks, name, at, changes, future: root["future"], own };
}

/** undefined: not all of them are ranges, in address order and apart. */
function changesOf(value: unknown): readonly LockChange[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const changes = listOf(value).map(changeOf);
  let end = 0;
  for (const change of changes) {
    if (change === undefined || !(change.start >= end)) return undefined;
    end = change.end;
  }
  return changes.every((change) => change !== undefined) ? changes : undefined;
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
