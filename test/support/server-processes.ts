/** The processes that a VS Code for tests has started, directly or not: all that have its home in their environment. */
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

export interface ServerProcess {
  readonly pid: number;
  /** Words of its command line, joined by blanks. */
  readonly command: string;
}

/** Those whose HOME is that folder, dead ones that nobody has waited for left out. */
export function processesAt(home: string): readonly ServerProcess[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const [environment, command] = [read(`/proc/${name}/environ`), read(`/proc/${name}/cmdline`)];
      if (!environment.split("\0").includes(`HOME=${home}`)) return [];
      return [{ pid: Number(name), command: command.replaceAll("\0", " ").trim() }];
    });
}

export const isExtensionHost = ({ command }: ServerProcess): boolean => command.includes("--type=extensionHost");
/** The recorder, also behind the `env` that becomes it. */
export const isRecorder = ({ command }: ServerProcess): boolean => command.includes("cli.js record");

/** Its own: servers, hosts and watchers, but not what extensions and tasks have started. */
export const isVscode = ({ command }: ServerProcess): boolean => command.includes("/code-server/");

/** The one process at the home that the predicate means, as soon as it is there. */
export async function processAt(home: string, means: (one: ServerProcess) => boolean): Promise<ServerProcess> {
  for (let tries = 0; tries < TRIES; tries++) {
    const found = processesAt(home).find(means);
    if (found !== undefined) return found;
    await sleep(PAUSE_MS);
  }
  throw new Error(`no such process among ${JSON.stringify(processesAt(home))}`);
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // It is gone, or not ours to look at.
  }
}

const TRIES = 100;
const PAUSE_MS = 100;
