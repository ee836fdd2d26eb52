/** Standard output as commands use it: how wide, in colours or not, and readers that leave. */
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** Colours where somebody looks: on a terminal, unless NO_COLOR says no (https://no-color.org). */
export function wantsColour(): boolean {
  return process.stdout.isTTY === true && !process.env["NO_COLOR"] && process.env["TERM"] !== "dumb";
}

/** Columns of text, also where nobody says how many there are. */
export function terminalWidth(): number {
  return Math.max(MIN_WIDTH, process.stdout.columns ?? DEFAULT_WIDTH);
}

/** Waits for a slow reader; one that went away (`| head`) ends the printing quietly. */
export async function print(pieces: Iterable<string>): Promise<void> {
  try {
    await pipeline(Readable.from(pieces), process.stdout, { end: false });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EPIPE")) throw error;
  }
}

const DEFAULT_WIDTH = 110;
const MIN_WIDTH = 60;
