/** The recorder's end of the drain thread: start it, hear from it, end it. */
import { closeSync, existsSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type { RingMapping } from "./ffi/ring.js";
import { createAlarm, raiseAlarm } from "./ffi/wait.js";

export interface DrainOrder {
  readonly rings: readonly RingMapping[];
  /** Descriptors of the rings, for poll(2). */
  readonly ringFds: readonly number[];
  /** perf.data, open for appending. */
  readonly output: number;
  /** Readable when the next round is the last. */
  readonly alarm: number;
  /** Readable when somebody waits for a round: as often as was asked. */
  readonly request: number;
  /** One shared word: the thread sleeps while it is 0, that is until the file's header is written. */
  readonly gate: Int32Array;
  /** Reach the control pages by memcpy, not by a view. */
  readonly copying: boolean;
}

export type DrainMessage =
  | { readonly kind: "ready" }
  | { readonly kind: "drained"; readonly bytes: number }
  /** All that the rings held when it was asked for the `count`-th time is in the file. */
  | { readonly kind: "flushed"; readonly count: number }
  | { readonly kind: "done"; readonly bytes: number }
  /** Writing failed; the file has `bytes`, and may end in the middle of a record. */
  | { readonly kind: "failed"; readonly bytes: number; readonly code: string };

export interface Drain {
  /** The header is written: records may follow. */
  begin(): void;
  /** Resolves when all that the rings hold now is in the file, or writing has ended. */
  flush(): Promise<void>;
  /** One last round, then the bytes written and why writing ended early, if it did. */
  finish(): Promise<DrainEnd>;
  /** Resolves when writing failed; the rings are no longer emptied. */
  readonly failure: Promise<string>;
}

export interface DrainEnd {
  readonly bytes: number;
  readonly failure: string | undefined;
}

/** Set to 1, it forces the way without views, so that tests can run both. */
const COPY_SWITCH = "FAULTLINE_COPY_RINGS";

/** Resolves when the thread is there; it waits for `begin`. */
export async function startDrain(
  rings: readonly { readonly mapping: RingMapping; readonly fd: number }[],
  output: number,
  onDrained: ((bytes: number) => void) | undefined,
): Promise<Drain> {
  const alarm = createAlarm();
  const request = createAlarm();
  let asked = 0;
  const flushes = new Map<number, () => void>();
  const flushed = (upTo: number): void => {
    for (const [count, resolve] of flushes) {
      if (count > upTo) continue;
      flushes.delete(count);
      resolve();
    }
  };
  const gate = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const begin = (): void => {
    Atomics.store(gate, 0, 1);
    Atomics.notify(gate, 0);
  };
  const order: DrainOrder = {
    rings: rings.map(({ mapping }) => mapping),
    ringFds: rings.map(({ fd }) => fd),
    output,
    alarm,
    request,
    gate,
    copying: process.env[COPY_SWITCH] === "1",
  };
  const worker = new Worker(threadScript(), { workerData: order });
  let reportFailure: (code: string) => void = () => undefined;
  const failure = new Promise<string>((resolve) => (reportFailure = resolve));
  let ended = false;
  let reportReady: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => (reportReady = resolve));
  const end = new Promise<DrainEnd>((resolve, reject) => {
    worker.on("error", reject);
    worker.on("message", (message: DrainMessage) => {
      switch (message.kind) {
        case "ready":
          reportReady();
          break;
        case "drained":
          onDrained?.(message.bytes);
          break;
        case "flushed":
          flushed(message.count);
          break;
        case "done":
          flushed(asked);
          resolve({ bytes: message.bytes, failure: undefined });
          break;
        case "failed":
          flushed(asked);
          ended = true;
          reportFailure(message.code);
          resolve({ bytes: message.bytes, failure: message.code });
      }
    });
  });
  await Promise.race([ready, end]);
  return {
    begin,
    failure,
    flush: () =>
      new Promise((resolve) => {
        if (ended) return resolve();
        asked += 1;
        flushes.set(asked, resolve);
        raiseAlarm(request);
      }),
    finish: async () => {
      raiseAlarm(alarm);
      begin();
      const outcome = await end;
      if (!ended) for (const fd of [alarm, request]) closeSync(fd);
      ended = true;
      return outcome;
    },
  };
}

/** The thread's bundle lies beside ours; run from source, it is the one that was built. */
function threadScript(): string {
  const beside = join(__dirname, "drain-thread.js");
  return existsSync(beside) ? beside : join(__dirname, "..", "..", "dist", "drain-thread.js");
}
