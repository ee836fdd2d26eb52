/** What the command line tells beside its output: sentences on standard error, under its name. */
import { printable } from "../core/report/printable.js";

/** Prints the sentence, or the lines of one with remedies; a name in it cannot reach the terminal's controls. */
export function say(sentence: string): void {
  const lines = sentence.split("\n").map((line) => printable(line, LONGEST_LINE));
  process.stderr.write(`faultline: ${lines.join("\n")}\n`);
}

/** Node explains some mistakes in options in several lines, of which the first says it. */
export function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split("\n")[0]!;
}

/** A remedy repeats the whole command line: longer ones than the kernel takes need not be shown. */
const LONGEST_LINE = 1 << 17;
