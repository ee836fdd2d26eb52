/** Locks of a search in a process that is left running: noted before they are made, and all taken back. */
import { intersections, merged, subtract } from "../../core/memlock/byte-ranges.js";
import { restoration, withFurther, type LockChange, type PriorLocks } from "../../core/memlock/lock-plan.js";
import { readJournal, removeJournal, writeJournal } from "../../host/lock-journals.js";
import { readProc, statOf } from "../../host/proc-snapshot.js";
import { UserError } from "../../host/user-error.js";
import { lockedMappings, takeBack } from "../lock-state.js";
import type { Call, Injection } from "./injection.js";

/** An injection whose locks can be taken back, by `withdraw` or, after we were killed, by `faultline lock --undo`. */
export class NotedLocks implements Injection {
  private readonly startTicks: number;
  /** What `faultline lock` has locked there, and is not ours to take back. */
  private readonly earlier: ReturnType<typeof readJournal>;
  private changes: readonly LockChange[] = [];

  constructor(
    private readonly pid: number,
    private readonly injection: Injection,
    private readonly pageSize: number,
  ) {
    this.startTicks = statOf(pid)?.startTicks ?? -1;
    this.earlier = readJournal(pid, this.startTicks);
  }

  run(calls: readonly Call[]): Promise<readonly number[]> {
    this.note(calls);
    return this.injection.run(calls);
  }

  runPlain(calls: Parameters<Injection["runPlain"]>[0]): Promise<readonly number[]> {
    return this.injection.runPlain(calls);
  }

  close(): Promise<void> {
    return this.injection.close();
  }

  /** Everything is locked again as it was before; what cannot be taken back now is said, and stays noted. */
  async withdraw(onNotice: (sentence: string) => void): Promise<void> {
    if (this.changes.length === 0) return;
    let left: number;
    try {
      const calls = { run: this.injection.runPlain.bind(this.injection), close: () => Promise.resolve() };
      left = await takeBack(this.pid, calls, this.alone());
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      // Nothing can be called any more. Where that is because the target has ended, its locks have, too.
      left = restoration(this.alone(), lockedMappings(this.pid)).length;
    }
    if (left > 0) {
      onNotice(`Memory of process ${this.pid} is still locked: faultline lock --pid ${this.pid} --undo takes it back.`);
    } else if (this.earlier === undefined) removeJournal(this.pid, this.startTicks);
    else writeJournal(this.earlier);
  }

  private note(calls: readonly Call[]): void {
    const touched = calls.flatMap(({ kind, range: { first, count } }) =>
      kind === "madvise" ? [] : [{ start: first * this.pageSize, end: (first + count) * this.pageSize }],
    );
    const fresh = subtract(merged(touched), this.changes);
    if (fresh.length === 0) return;
    const mappings = lockedMappings(this.pid);
    const found = intersections(fresh, mappings).map(({ start, end, other }) => ({ start, end, before: other.state }));
    if (found.length === 0) return;
    this.changes = withFurther(this.alone(), found, false, mappings).changes;
    const name = (readProc(`${this.pid}/comm`) ?? "").trim();
    writeJournal({
      version: 2,
      pid: this.pid,
      startTicks: this.startTicks,
      name,
      at: new Date().toISOString(),
      ...withFurther(this.earlier, this.changes, false, mappings),
    });
  }

  private alone(): PriorLocks {
    return { changes: this.changes, future: false, own: [] };
  }
}
