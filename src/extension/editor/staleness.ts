/** Whether a trace's numbers are still about the text and the program that are here. */
import type { Staleness } from "../../core/report/annotations.js";

/** Milliseconds since 1970; undefined where the file is not here. */
type Time = number | undefined;

export interface Evidence {
  /** The editor holds changes that are not saved. */
  readonly dirty: boolean;
  /** When the source was last written. */
  readonly source: Time;
  /** When the programs that were made from it were last written. */
  readonly images: readonly Time[];
  /** When the program was last known to be what was traced. */
  readonly tracedAt: number;
}

/** A program built again explains more than an edit: with it, a new trace is all that is needed. */
export function stalenessOf({ dirty, source, images, tracedAt }: Evidence): Staleness | undefined {
  const built = images.filter((time) => time !== undefined);
  if (built.some((time) => time > tracedAt)) return "rebuilt";
  if (dirty || (source !== undefined && source > tracedAt)) return "edited";
  // Older than every program it went into, or the program that was traced is not made from this text.
  const newest = built.length > 0 ? Math.max(...built) : Infinity;
  return source !== undefined && source > newest ? "edited" : undefined;
}
