/** A trace in a few words: what a status bar, a list and the head of a view say of it. */
import { printable } from "./printable.js";
import { duration, grouped } from "./quantities.js";
import type { Completeness, Report } from "./report.js";
import type { Translate } from "./translate.js";

export interface Cost {
  readonly faults: number;
  readonly major: number;
  readonly timeNs: number;
}

/** "12 faults · 3 major · 1.8 ms"; what is zero or unknown is left out. */
export function costWords(cost: Cost, counted: Report["counted"], translate: Translate): string {
  return costParts(cost, counted, translate).join(" · ");
}

/** "12 · 3 major · 1.8 ms": for one of many rows below a heading that says what is counted, where a word costs the room. */
export function rowCostWords(cost: Cost, counted: Report["counted"], translate: Translate): string {
  if (counted === "pages") return costWords(cost, counted, translate);
  const [, ...rest] = costParts(cost, counted, translate);
  return [grouped(cost.faults), ...rest].join(" · ");
}

/** "12 faults", or "12 pages" where only pages could be counted. */
export function amount(count: number, counted: Report["counted"], translate: Translate): string {
  if (counted === "pages") return translate(count === 1 ? "{0} page" : "{0} pages", grouped(count));
  return translate(count === 1 ? "{0} fault" : "{0} faults", grouped(count));
}

/** The cost of the whole trace. Where perf events were refused these are the process's own counters: faults all the same. */
export function traceWords({ faults }: Pick<Report, "faults">, translate: Translate): string {
  return costWords({ faults: faults.total, major: faults.major, timeNs: faults.timeNs }, "faults", translate);
}

/** Whether anything may be missing, in one sentence: losses before all else. */
export function verdict({ complete, lost }: Completeness, translate: Translate): string {
  if (lost > 0) {
    return lost === 1
      ? translate("Incomplete: {0} record was lost.", grouped(lost))
      : translate("Incomplete: {0} records were lost.", grouped(lost));
  }
  return complete
    ? translate("Complete: no record was lost.")
    : translate("No record was lost, but not every fault could be seen.");
}

/** The command as one line for a label. */
export function commandWords(command: readonly string[], most = MOST_COMMAND_CHARACTERS): string {
  return printable(command.join(" "), most);
}

function costParts({ faults, major, timeNs }: Cost, counted: Report["counted"], translate: Translate): string[] {
  return [
    amount(faults, counted, translate),
    ...(major > 0 ? [translate("{0} major", grouped(major))] : []),
    ...(timeNs > 0 ? [duration(timeNs)] : []),
  ];
}

const MOST_COMMAND_CHARACTERS = 80;
