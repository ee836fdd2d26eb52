/** The lock set that is shown: the last one found, or one that was kept with a trace. */
import { open } from "node:fs/promises";
import { constants } from "node:fs";
import { join } from "node:path";
import * as vscode from "vscode";
import { parsedJson } from "../../core/base/json-fields.js";
import { decodeLockSet } from "../../core/memlock/decode-lock-set.js";
import type { LockSet } from "../../core/memlock/lock-set.js";
import { ContextKey } from "../ids.js";

export class LockSetStore implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.changed.event;
  private shown: LockSet | undefined;

  get current(): LockSet | undefined {
    return this.shown;
  }

  show(set: LockSet | undefined): void {
    this.shown = set;
    void vscode.commands.executeCommand("setContext", ContextKey.HasLockSet, set !== undefined);
    this.changed.fire();
  }

  dispose(): void {
    this.changed.dispose();
  }
}

/** The set kept in a trace folder; undefined where there is none that can be read. */
export async function keptLockSet(trace: string): Promise<LockSet | undefined> {
  // Opened without blocking: a named pipe in its place must not hang us.
  const file = await open(join(trace, KEPT), constants.O_RDONLY | constants.O_NONBLOCK).catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    const status = await file.stat();
    if (!status.isFile() || status.size > MOST_BYTES) return undefined;
    return decodeLockSet(parsedJson(await file.readFile("utf8")));
  } finally {
    await file.close();
  }
}

/** Beside the records it was found with: the whole answer, and every page that was observed. */
const KEPT = "lockset.json";
/** A campaign over ten thousand pages stays far below. */
const MOST_BYTES = 1 << 26;
