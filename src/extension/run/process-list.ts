/** The processes of this machine that could be traced, as /proc tells. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename } from "node:path";

export interface ProcessItem {
  readonly pid: number;
  /** Name of the program. */
  readonly name: string;
  /** Its arguments, as they were given. */
  readonly command: readonly string[];
  readonly uid: number;
  /** In clock ticks after boot: the larger, the younger. */
  readonly started: number;
}

/** Own processes first, the youngest first; without kernel threads and `except`. */
export function listProcesses(uid: number, except: readonly number[] = [process.pid], proc = "/proc"): ProcessItem[] {
  return readdirSync(proc)
    .filter((name) => /^\d+$/.test(name) && !except.includes(Number(name)))
    .flatMap((name) => processAt(`${proc}/${name}`, Number(name)) ?? [])
    .sort((a, b) => Number(b.uid === uid) - Number(a.uid === uid) || b.started - a.started || b.pid - a.pid);
}

/** undefined for kernel threads, the dead, and those that ended while we looked. */
function processAt(folder: string, pid: number): ProcessItem | undefined {
  try {
    const command = readFileSync(`${folder}/cmdline`, "utf8").split("\0").slice(0, -1);
    if (command.length === 0) return undefined;
    const { name, started } = parseStat(readFileSync(`${folder}/stat`, "utf8"));
    return { pid, name: nameOf(name, command), command, uid: statSync(folder).uid, started };
  } catch {
    return undefined;
  }
}

/** proc(5): the name is in parentheses and may hold any; the start is the 22nd field. */
export function parseStat(text: string): { readonly name: string; readonly started: number } {
  const end = text.lastIndexOf(")");
  const started = Number(text.slice(end + 2).split(" ")[STARTED - 3]);
  return { name: text.slice(text.indexOf("(") + 1, end), started: Number.isSafeInteger(started) ? started : 0 };
}

const STARTED = 22;
/** The kernel cuts names there. */
const COMM_LENGTH = 15;

function nameOf(comm: string, command: readonly string[]): string {
  const full = basename(command[0] ?? "");
  return comm.length === COMM_LENGTH && full.startsWith(comm) ? full : comm;
}
