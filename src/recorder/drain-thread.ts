/** The drain thread: copies raw ring bytes into perf.data, and does nothing else. */
import { fstatSync, writeSync } from "node:fs";
import { setPriority } from "node:os";
import { parentPort, workerData } from "node:worker_threads";
import { encodeFinishedRound } from "../core/perf/encode-process.js";
import type { DrainMessage, DrainOrder } from "./drain.js";
import { SystemCallError } from "./ffi/libc.js";
import { ringCursor, writeRing } from "./ffi/ring.js";
import { PollSet, takeAlarm } from "./ffi/wait.js";

const order = workerData as DrainOrder;
const tell = (message: DrainMessage): void => parentPort?.postMessage(message);

/**
 * Longest sleep: what a killed recorder loses at most, in time. Rings wake us earlier, when they are a quarter full:
 * so an idle target costs ten wake-ups a second and a storm of faults costs one per quarter ring.
 */
const LONGEST_SLEEP_MS = 100;
/** Nice value: the most urgent one of ordinary scheduling. The thread sleeps but for its copying. */
const URGENT = -20;

goFirst();
drain();

/** On a busy machine the rings must be emptied before the target fills them. On Linux this is the calling thread's alone. */
function goFirst(): void {
  try {
    setPriority(URGENT);
  } catch {
    // Unprivileged: then this thread shares the cpus like any other.
  }
}

function drain(): void {
  const rings = order.rings.map((mapping) => ({ mapping, cursor: ringCursor(mapping, order.copying), tail: 0 }));
  const finishedRound = encodeFinishedRound();
  const pollSet = new PollSet([order.alarm, order.request, ...order.ringFds]);
  tell({ kind: "ready" });
  Atomics.wait(order.gate, 0, 0);
  let bytes = fstatSync(order.output).size;
  try {
    let asked = 0;
    let answered = 0;
    for (let last = false; ;) {
      const before = bytes;
      // All heads first: what is written in one round is then of one time, whatever the writing takes.
      const heads = rings.map(({ cursor }) => cursor.head());
      rings.forEach((ring, index) => {
        const head = heads[index]!;
        if (head === ring.tail) return;
        writeRing(ring.mapping, ring.tail, head, order.output);
        bytes += head - ring.tail;
        ring.tail = head;
        ring.cursor.release(head);
      });
      if (bytes > before) {
        writeSync(order.output, finishedRound);
        bytes += finishedRound.length;
        tell({ kind: "drained", bytes });
      }
      if (asked > answered) tell({ kind: "flushed", count: (answered = asked) });
      if (last) break;
      pollSet.wait(LONGEST_SLEEP_MS);
      last = pollSet.isReadable(order.alarm);
      if (pollSet.isReadable(order.request)) asked += takeAlarm(order.request);
    }
    tell({ kind: "done", bytes });
  } catch (error) {
    // What still found room stays, up to the middle of a record: readers keep the whole ones and see that it was cut.
    tell({ kind: "failed", bytes: fstatSync(order.output).size, code: codeOf(error) });
  }
}

function codeOf(error: unknown): string {
  if (error instanceof SystemCallError) return error.code;
  if (error instanceof Error && "code" in error) return String(error.code);
  throw error;
}
