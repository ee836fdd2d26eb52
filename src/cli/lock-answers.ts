/** What `faultline lock` answers: sentences on standard error, or one JSON object on standard output. */
import type { LockForecast } from "../core/memlock/lock-forecast.js";
import { lockFailureText, lockWarningText } from "../core/report/lock-text.js";
import { printable } from "../core/report/printable.js";
import { bytes } from "../core/report/quantities.js";
import { english } from "../core/report/translate.js";
import type { LockOutcome, UndoOutcome } from "../recorder/lock-process.js";
import { say } from "./say.js";

export function printForecast(forecast: LockForecast, json: boolean): number {
  if (json) process.stdout.write(`${JSON.stringify(forecast)}\n`);
  else {
    for (const phrase of forecast.missing) say(`${printable(phrase)}: would not be locked.`);
    for (const warning of forecast.warnings) say(lockWarningText(warning, english));
    say(`Nothing was done. It is about ${printable(forecast.what)}: ${bytes(forecast.bytes)}.`);
  }
  return 0;
}

/** @param forecast what was told before; undefined: it did not come to that. */
export function told(pid: number, outcome: LockOutcome, forecast: LockForecast | undefined, json: boolean): number {
  const { warnings = [], missing = [] } = forecast ?? {};
  if (json) process.stdout.write(`${JSON.stringify({ version: 1, pid, ...outcome, warnings, missing })}\n`);
  // Why not is said in any case: whoever reads the JSON may want to show a sentence.
  if (!json || outcome.kind !== "locked") for (const line of outcomeLines(pid, outcome)) say(line);
  return outcome.kind === "locked" ? 0 : 1;
}

function outcomeLines(pid: number, outcome: LockOutcome): readonly string[] {
  const restored = (whole: boolean): string =>
    whole
      ? "Everything is locked as it was before."
      : `Not everything could be restored: faultline lock --pid ${pid} --undo tries again.`;
  switch (outcome.kind) {
    case "locked":
      return [
        `Locked ${bytes(outcome.newBytes)} more; process ${pid} has ${bytes(outcome.lockedBytes)} locked. faultline lock --pid ${pid} --undo takes it back.`,
      ];
    case "refused":
      return [`Nothing was locked: at 0x${outcome.at.toString(16)} ${REFUSED[outcome.reason]}.`];
    case "failed":
      return [lockFailureText(pid, outcome, english), restored(outcome.restored)];
    case "absent":
      return [
        `${bytes(outcome.bytes)} did not come into memory although the kernel said so: is a file shorter than it was?`,
        restored(outcome.restored),
      ];
  }
}

const REFUSED = {
  hole: "nothing is mapped",
  inaccessible: "is memory that nothing may touch (PROT_NONE)",
  special: "is memory of the kernel or a device, which cannot be locked",
} as const;

export function toldUndo(pid: number, outcome: UndoOutcome, json: boolean): number {
  if (json) process.stdout.write(`${JSON.stringify({ version: 1, pid, ...outcome })}\n`);
  else {
    switch (outcome.kind) {
      case "nothing":
        say(`Nothing was locked in process ${pid} by faultline lock.`);
        break;
      case "undone":
        say(`Taken back; process ${pid} has ${bytes(outcome.lockedBytes)} locked, as before.`);
        break;
      case "partly":
        say(
          `${bytes(outcome.leftBytes)} are still locked in another way than before: try again, faultline lock --pid ${pid} --undo`,
        );
    }
  }
  return outcome.kind === "undone" ? 0 : 1;
}
