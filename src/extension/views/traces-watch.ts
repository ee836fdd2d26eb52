/** Tells when traces come, grow up and go in `.faultline/traces` of a folder, which need not be there yet. */
import { readdirSync, watch, type FSWatcher } from "node:fs";
import { join } from "node:path";
import { runOf } from "../traces/run-file.js";
import { TRACES_FOLDER } from "./trace-listing.js";

/**
 * VS Code's own watcher looks at a folder a while after it was made, and misses what was made in it meanwhile: a first
 * trace is in two new folders and over before that. Where the kernel has no watch to give, nothing is told.
 */
export function watchTraces(folder: string, changed: () => void): { dispose(): void } {
  const names = TRACES_FOLDER.split("/");
  /** Of the folder, of each one on the way to the traces as far as it is there, and of the traces' own. */
  const chain: FSWatcher[] = [];
  const young = new Map<string, FSWatcher>();
  follow();
  return {
    dispose: () => {
      for (const watcher of [...chain, ...young.values()]) watcher.close();
    },
  };

  function follow(): void {
    while (chain.length <= names.length) {
      const depth = chain.length;
      const path = join(folder, ...names.slice(0, depth));
      const watcher = watched(path, (name) => {
        if (depth === names.length) watchYoung(join(path, name));
        else if (name !== names[depth]) return;
        else refollow(depth + 1);
        changed();
      });
      if (watcher === undefined) return;
      chain.push(watcher);
    }
  }

  /** From the depth on there are other folders now, or none. */
  function refollow(depth: number): void {
    for (const watcher of chain.splice(depth)) watcher.close();
    follow();
    if (chain.length <= names.length) return;
    // What was made before it could be watched.
    const traces = join(folder, ...names);
    for (const name of namesIn(traces)) watchYoung(join(traces, name));
  }

  /** A new trace is read when its files are there, and once more when its recording has ended. */
  function watchYoung(path: string): void {
    if (young.has(path) || young.size >= MOST_YOUNG) return;
    const watcher = watched(path, () => {
      changed();
      void runOf(path).then((run) => {
        if (run?.endedAt === undefined) return;
        watcher?.close();
        young.delete(path);
      });
    });
    if (watcher === undefined) return;
    young.set(path, watcher);
    watcher.on("close", () => young.delete(path));
  }
}

function namesIn(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return []; // Gone again.
  }
}

/** Tells names that come and go; not what is written, which a recording does all the time. */
function watched(path: string, onName: (name: string) => void): FSWatcher | undefined {
  try {
    const watcher = watch(path, (event, name) => {
      if (event === "rename") onName(name ?? "");
    });
    watcher.on("error", () => watcher.close());
    return watcher;
  } catch {
    return undefined; // Not there, or no watch to be had: VS Code's own tells what it sees.
  }
}

/** Recordings that run at the same time. */
const MOST_YOUNG = 16;
