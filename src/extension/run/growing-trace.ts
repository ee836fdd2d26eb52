/** Follows the shown trace while a recorder still writes to it: one that outlived its window, or was started elsewhere. */
import { watch, type FSWatcher } from "node:fs";
import type * as vscode from "vscode";
import type { Services } from "../services.js";
import { Rereading } from "../traces/rereading.js";
import { isUnfinished } from "../traces/run-file.js";

export function registerGrowingTrace({ traces, log }: Services): vscode.Disposable {
  let followed: Followed | undefined;
  const note = (error: unknown): void => log.warn(`The shown trace is not followed: ${String(error)}`);
  const look = async (): Promise<void> => {
    const path = traces.current?.path;
    if (path === followed?.path) return;
    followed?.dispose();
    followed = undefined;
    if (path === undefined || !(await isUnfinished(path)) || traces.current?.path !== path) return;
    followed = new Followed(path, (signal) => traces.open(path, signal).then(undefined, note));
  };
  const listener = traces.onDidChange(() => void look().catch(note));
  return {
    dispose: () => {
      listener.dispose();
      followed?.dispose();
    },
  };
}

/** One trace folder, until its recording has ended. */
class Followed {
  /** Raised when another trace is shown: the reading of this one must not take its place. */
  private readonly left = new AbortController();
  private readonly rereading: Rereading;
  private watcher: FSWatcher | undefined;

  constructor(
    readonly path: string,
    private readonly open: (signal: AbortSignal) => Promise<unknown>,
  ) {
    this.rereading = new Rereading(() => this.read());
    this.watcher = watch(path, () => this.rereading.grew());
    this.watcher.on("error", () => this.unwatch()); // The folder is gone, and nothing comes any more.
    // Its end may have come before it was watched, and nothing comes after it.
    void isUnfinished(path).then((unfinished) => unfinished || this.rereading.grew());
  }

  dispose(): void {
    this.left.abort();
    this.rereading.dispose();
    this.unwatch();
  }

  private async read(): Promise<void> {
    // Asked before: what is written until then is in what is read after.
    const isLast = !(await isUnfinished(this.path));
    if (this.left.signal.aborted) return;
    await this.open(this.left.signal);
    if (isLast) this.unwatch();
  }

  private unwatch(): void {
    this.watcher?.close();
    this.watcher = undefined;
  }
}
