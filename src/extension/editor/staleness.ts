/** Whether a trace's numbers are still about the text and the program that are here. */
import type { Staleness } from "../../core/report/annotations.js";
import type { SourceEvidence } from "./source-evidence.js";

/** Milliseconds since 1970; undefined where the file is not here. */
type Time = number | undefined;

export interface Evidence extends SourceEvidence {
  /** The editor holds changes that are not saved. */
  readonly dirty: boolean;
  /** When the programs that were made from it were last written. */
  readonly images: readonly Time[];
  /** When the program was last known to be what was traced. */
  readonly tracedAt: number;
}

/**
 * A program built again explains more than an edit: with it, a new trace is all that is needed. What the source holds is
 * compared with what was compiled where the compiler recorded that (DWARF 5); otherwise the times decide, but for a file
 * that came with its folder after the program was built: a clone's or copy's times say nothing.
 */
export function stalenessOf({ dirty, contents, source, arrivedAt, images, tracedAt }: Evidence): Staleness | undefined {
  const built = images.filter((time) => time !== undefined);
  if (built.some((time) => time > tracedAt)) return "rebuilt";
  if (dirty) return "edited";
  if (contents !== "unknown") return contents === "other" ? "edited" : undefined;
  // Older than every program it went into, or the program that was traced is not made from this text.
  const newest = built.length > 0 ? Math.max(...built) : tracedAt;
  if (source === undefined || source <= Math.min(newest, tracedAt)) return undefined;
  return arrivedAt !== undefined && arrivedAt > newest ? undefined : "edited";
}
