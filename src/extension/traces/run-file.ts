/** A trace folder's run.json, read without trusting what lies there. */
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { decodeRun } from "../../core/trace/decode-run.js";
import type { RunRecord } from "../../core/trace/run.js";

/** undefined where the folder has none, or none that can be one. */
export async function runOf(trace: string): Promise<RunRecord | undefined> {
  // A named pipe under that name would hang its reader.
  const flags = constants.O_RDONLY | constants.O_NONBLOCK;
  const file = await open(join(trace, "run.json"), flags).catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    const stats = await file.stat();
    return stats.isFile() && stats.size <= MOST_RUN_BYTES ? decodeRun(await file.readFile("utf8")) : undefined;
  } finally {
    await file.close();
  }
}

/** Whether the trace's recording goes on, or was cut off: what is in it by now may not be all. */
export async function isUnfinished(trace: string): Promise<boolean> {
  const run = await runOf(trace);
  return run !== undefined && run.endedAt === undefined;
}

/** A run.json has a few kB, most of it names of environment variables. */
const MOST_RUN_BYTES = 1 << 20;
