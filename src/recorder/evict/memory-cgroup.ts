/**
 * A memory cgroup of the target's own, whose pages the kernel can be told to reclaim: what a memory hog does, without
 * hurting the rest of the machine. Version 1 (memory.force_empty) and 2 (memory.reclaim, kernel 5.19).
 */
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { readProc } from "../../host/proc-snapshot.js";

export interface MemoryCgroup {
  /** "memory.force_empty" or "memory.reclaim": what is written to. */
  readonly file: string;
  /** Resolves when the kernel has taken what it could. */
  reclaim(): Promise<void>;
  /** Puts the process back, if it still runs, and removes the group. */
  leave(): Promise<void>;
}

/** Whoever wants everything: what cannot be reclaimed stays. */
const ALL_OF_IT = "1T";
/** A process that has just ended may take a moment to leave its group. */
const REMOVE_TRIES = 50;
const REMOVE_PAUSE_MS = 20;

/** undefined where groups cannot be made, or the process may not be moved. Pages it has already stay charged elsewhere. */
export function enterMemoryCgroup(pid: number): MemoryCgroup | undefined {
  const before = cgroupOf(pid);
  if (before === undefined) return undefined;
  // A group of version 2 with processes in it cannot have children with controllers: then one beside it, or above.
  for (let base = before.folder; base.startsWith(before.mount); base = dirname(base)) {
    const folder = join(base, `faultline-${pid}`);
    const file = enter(folder, pid);
    if (file !== undefined) return groupOf(folder, file, pid, before.folder);
  }
  return undefined;
}

/** Reclaims again and again until it is ended. */
export function pressure(group: MemoryCgroup): { end(): Promise<void> } {
  let over = false;
  const work = (async () => {
    while (!over) {
      await group.reclaim();
      await sleep(0);
    }
  })();
  return {
    end: () => {
      over = true;
      return work;
    },
  };
}

function enter(folder: string, pid: number): string | undefined {
  try {
    mkdirSync(folder);
  } catch {
    return undefined; // Not ours to make groups there.
  }
  const file = ["memory.reclaim", "memory.force_empty"]
    .map((name) => join(folder, name))
    .find((path) => existsSync(path));
  try {
    if (file !== undefined) {
      writeFileSync(join(folder, "cgroup.procs"), String(pid));
      return file;
    }
  } catch {
    // Not ours to move: then nothing is changed.
  }
  rmdirSync(folder);
  return undefined;
}

function groupOf(folder: string, file: string, pid: number, before: string): MemoryCgroup {
  const amount = file.endsWith("memory.reclaim") ? ALL_OF_IT : "0";
  return {
    file: file.slice(folder.length + 1),
    reclaim: async () => {
      try {
        await writeFile(file, amount);
      } catch {
        // EAGAIN: it could not take all of it, which nobody expects.
      }
    },
    leave: async () => {
      try {
        writeFileSync(join(before, "cgroup.procs"), String(pid));
      } catch {
        // It has ended.
      }
      for (let tried = 0; tried < REMOVE_TRIES; tried++) {
        try {
          rmdirSync(folder);
          return;
        } catch {
          await sleep(REMOVE_PAUSE_MS);
        }
      }
    },
  };
}

/** The folder of the process's group in the hierarchy that has the memory controller. */
function cgroupOf(pid: number): { readonly folder: string; readonly mount: string } | undefined {
  const groups = (readProc(`${pid}/cgroup`) ?? "").trim().split("\n");
  const own = groups.map((line) => /^\d+:([^:]*):(.*)$/.exec(line) ?? []);
  const first = own.find(([, controllers]) => controllers?.split(",").includes("memory"));
  const path = (first ?? own.find(([, controllers]) => controllers === ""))?.[2];
  const hierarchy = first === undefined ? / - cgroup2 / : / - cgroup \S+ (?:\S*,)?memory(?:,|$)/;
  const mounted = (readProc("self/mountinfo") ?? "").split("\n").find((line) => hierarchy.test(line));
  const [, root, mount] = /^\d+ \d+ \S+ (\S+) (\S+) /.exec(mounted ?? "") ?? [];
  if (path === undefined || root === undefined || mount === undefined) return undefined;
  const below = root !== "/" && path.startsWith(root) ? path.slice(root.length) : path;
  return { folder: join(mount, below), mount };
}
