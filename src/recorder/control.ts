/** The recorder's end of an editor's control socket: tells what happens, does what is asked. A closed socket changes nothing. */
import { statSync } from "node:fs";
import { createConnection, type Socket } from "node:net";
import { ControlLines, decodeEditorMessage, encodeControl, type RecorderMessage } from "../core/trace/control.js";
import { removeControlSocket } from "../host/control-folder.js";
import { removeTrace } from "../host/trace-folder.js";
import { UserError } from "../host/user-error.js";
import { callerBehindSudo, withRightsOf } from "./elevation.js";
import type { Refusal } from "./refusal.js";
import type { Begun, RecordOutcome, RecordRequest } from "./request.js";

/** How often counts are told; less often where reading them takes more than a twentieth of the time. */
const COUNTS_MS = 200;
const SHARE_OF_TIME = 20;
/** An editor that does not read is not waited for. */
const LAST_WORDS_MS = 1000;

export interface Control {
  /** To be added to the request. */
  readonly hooks: Pick<RecordRequest, "pausable" | "onBegun" | "onRefused">;
  /** Nothing was recorded: why. */
  refused(refusal: Refusal): Promise<void>;
  failed(sentence: string): Promise<void>;
  /** Everything is written. Removes the trace after a cancel, and says whether it did. */
  ended(outcome: RecordOutcome, request: RecordRequest): Promise<boolean>;
}

/** Throws UserError where nobody listens at `path`. `stop` is raised when the editor says so. */
export async function connectControl(path: string, stop: AbortController): Promise<Control> {
  const socket = await connect(path);
  const tell = (message: RecorderMessage): boolean => socket.writable && socket.write(encodeControl(message));
  const lastWords = async (message: RecorderMessage): Promise<void> => {
    tell(message);
    await closed(socket);
  };
  let begun: Begun | undefined;
  let cancelled = false;
  // Asked before there was anything to pause.
  let paused = false;
  const lines = new ControlLines();
  socket.on("data", (text: string) => {
    for (const line of lines.push(text)) {
      switch (decodeEditorMessage(line)?.kind) {
        case "pause":
          paused = true;
          begun?.pause();
          break;
        case "resume":
          paused = false;
          begun?.resume();
          break;
        case "cancel":
          cancelled = true;
          stop.abort();
          break;
        case "stop":
          stop.abort();
          break;
      }
    }
  });
  let reporting = { end: (): void => undefined };
  return {
    hooks: {
      pausable: true,
      onBegun: (now) => {
        begun = now;
        if (paused) now.pause();
        tell({ kind: "started", pid: now.pid, folder: now.folder.path, counted: now.counted });
        reporting = reportCounts(now, tell);
      },
      onRefused: (refusal) => void tell({ kind: "refused", refusal, goesOn: true }),
    },
    refused: (refusal) => lastWords({ kind: "refused", refusal, goesOn: false }),
    failed: (sentence) => lastWords({ kind: "failed", sentence }),
    ended: async ({ folder, run }, request) => {
      reporting.end();
      if (run.faults !== undefined) {
        const { minor, major } = run.faults;
        tell({ kind: "counts", faults: minor + major, major, lost: run.lost, bytes: sizeOf(folder.perfData) });
      }
      if (cancelled) withRightsOf(request.caller, () => removeTrace(folder, request.output === undefined));
      await lastWords({ kind: "ended", folder: folder.path, removed: cancelled });
      return cancelled;
    },
  };
}

function connect(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path);
    socket.setEncoding("utf8");
    socket.once("error", (error) => {
      // The editor died before we came: nobody else knows of its socket.
      if ("code" in error && error.code === "ECONNREFUSED") {
        withRightsOf(callerBehindSudo(), () => removeControlSocket(path));
      }
      reject(new UserError(`Nobody listens at ${path} (${error.message}): --control is for the editor to use.`));
    });
    socket.once("connect", () => {
      // The editor may go at any time: recording goes on to its end.
      socket.removeAllListeners("error").on("error", () => undefined);
      socket.unref();
      resolve(socket);
    });
  });
}

function reportCounts(begun: Begun, tell: (message: RecorderMessage) => boolean): { end(): void } {
  let timer = setTimeout(report, COUNTS_MS);
  function report(): void {
    const start = performance.now();
    const counts = begun.counts();
    if (counts === undefined) return;
    tell({ kind: "counts", ...counts, bytes: sizeOf(begun.folder.perfData) });
    timer = setTimeout(report, Math.max(COUNTS_MS, SHARE_OF_TIME * (performance.now() - start)));
  }
  return { end: () => clearTimeout(timer) };
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => socket.destroy(), LAST_WORDS_MS);
    socket.once("close", () => {
      clearTimeout(timer);
      resolve();
    });
    if (socket.destroyed) socket.emit("close");
    else socket.end(() => socket.destroy());
  });
}
