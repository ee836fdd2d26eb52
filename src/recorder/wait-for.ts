/** Waits for the next process of a name. */
import { readdirSync, readlinkSync } from "node:fs";
import { basename } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { readProc, statOf } from "../host/proc-snapshot.js";

/** How often we look for new processes: what runs before we see it is missed. */
const LOOK_MS = 2;
/** A new process gets its name at its exec, soon after its birth: that long it is looked at each time… */
const YOUNG_MS = 1000;
/** …and any older one that often, for it may become the program by exec. */
const OLD_LOOK_MS = 100;

/**
 * Pid of the first process that takes the name after `onReady` was called, which happens when all that run already are
 * known; undefined when `stop` is raised first.
 */
export async function waitForProcess(
  name: string,
  stop: AbortSignal,
  onReady: () => void,
): Promise<number | undefined> {
  const named = new Set(
    processes()
      .filter((pid) => isNamed(pid, name))
      .map(identityOf),
  );
  const born = new Map(processes().map((pid) => [pid, 0]));
  let lastPid: string | undefined;
  onReady();
  for (let looked = 0; !stop.aborted;) {
    const now = performance.now();
    const everyone = now - looked >= OLD_LOOK_MS;
    // The last field is the newest pid: as long as it stays, nothing was born, and /proc need not be listed.
    const newest = readProc("loadavg")?.trim().split(" ").at(-1);
    if (everyone || newest !== lastPid) {
      for (const pid of processes()) if (!born.has(pid)) born.set(pid, now);
      lastPid = newest;
    }
    if (everyone) looked = now;
    for (const [pid, since] of born) {
      if (!everyone && now - since > YOUNG_MS) continue;
      if (isNamed(pid, name) && !named.has(identityOf(pid))) return pid;
      if (everyone && statOf(pid) === undefined) born.delete(pid);
    }
    await sleep(LOOK_MS);
  }
  return undefined;
}

/** By the name the kernel keeps (15 bytes of it), or by the last part of its executable's path. */
function isNamed(pid: number, name: string): boolean {
  if (pid === process.pid) return false;
  const comm = readProc(`${pid}/comm`)?.replace(/\n$/, "");
  return comm !== undefined && (comm === name || executableOf(pid) === name);
}

function executableOf(pid: number): string | undefined {
  try {
    return basename(readlinkSync(`/proc/${pid}/exe`));
  } catch {
    return undefined; // A kernel thread, gone, or somebody else's.
  }
}

function identityOf(pid: number): string {
  return `${pid}:${statOf(pid)?.startTicks}`;
}

function processes(): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}
