/** Opens the events on every thread of a running process. */
import { threadsOf } from "../host/proc-snapshot.js";
import { SystemCallError } from "./ffi/libc.js";
import { refusal, type EventSet } from "./session.js";

export interface Attachment {
  readonly tids: readonly number[];
  /** False where threads kept being born while we attached: one of them may be recorded in part or not at all. */
  readonly settled: boolean;
}

/** A process whose threads are not the same before and after this many passes will not hold still for us. */
const MAX_PASSES = 30;

/**
 * A thread born during a pass may have inherited all events, some, or none, and the kernel does not say which. So a pass
 * only counts if no thread was born in it; otherwise everything is closed, which takes back what was inherited, and the
 * next pass begins. Faults are not counted before the last pass. Throws RecorderRefusal.
 */
export function attachAll(pid: number, events: EventSet, userOnly: boolean): Attachment {
  for (let pass = 1; ; pass++) {
    const tids: number[] = [];
    for (const tid of threadsOf(pid)) {
      try {
        events.add(tid);
        tids.push(tid);
      } catch (error) {
        if (!(error instanceof SystemCallError)) throw error;
        if (error.code !== "ESRCH") throw refusal("attach", error, { pid, userOnly });
      }
    }
    if (tids.length === 0) throw refusal("attach", new SystemCallError("perf_event_open", ESRCH), { pid, userOnly });
    const settled = threadsOf(pid).every((tid) => tids.includes(tid));
    if (settled || pass === MAX_PASSES) return { tids, settled };
    events.close();
  }
}

const ESRCH = 3;
