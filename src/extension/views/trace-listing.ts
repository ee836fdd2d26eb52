/** The traces on disk, read without trusting what lies there. */
import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { runOf } from "../traces/run-file.js";
import type { TraceFacts } from "./trace-entry.js";

/** Where the recorder puts traces, below a workspace folder. */
export const TRACES_FOLDER = ".faultline/traces";

/** The trace folders below `folder`, in no order. A folder that has none, or cannot be read, has an empty list. */
export async function tracesBelow(folder: string, workspaceFolder: string | undefined): Promise<readonly TraceFacts[]> {
  const traces = join(folder, TRACES_FOLDER);
  const names = (await namesIn(traces)).slice(0, MOST_TRACES);
  const facts = await Promise.all(names.map((name) => traceFacts(join(traces, name), name, workspaceFolder)));
  return facts.filter((fact) => fact !== undefined);
}

async function traceFacts(
  path: string,
  name: string,
  workspaceFolder: string | undefined,
): Promise<TraceFacts | undefined> {
  const stats = await lstat(path).catch(() => undefined);
  if (stats?.isDirectory() !== true) return undefined;
  const [names, run] = await Promise.all([namesIn(path), runOf(path)]);
  if (!names.some((file) => file === "perf.data" || file === "pages.json")) return undefined;
  return { path, name, run, modified: stats.mtimeMs, workspaceFolder };
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch(() => []); // Not there yet, or just deleted: nothing is in it.
}

/** The recorder keeps fifty; people may keep more under names of their own. */
const MOST_TRACES = 1000;
