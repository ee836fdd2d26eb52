/** The process that makes calls inside a target: it did not start it, and all it does it does from one thread. */
import { closeSync } from "node:fs";
import { createInterface } from "node:readline";
import { openPidfd } from "../ffi/remote-memory.js";
import { SystemCallError } from "../ffi/libc.js";
import { CallProcess } from "./call-process.js";
import { decodeCalls, encodeAnswer, type CallAnswer } from "./call-messages.js";
import { InjectionRefused } from "./injection-refused.js";
import { permitted, stillThere, type TargetIdentity } from "./permitted.js";

/**
 * Serves requests of standard input until it ends, the target does, or we are told to end: then nothing of ours is left
 * in the target.
 * @param uid whose processes may be touched; undefined: everybody's.
 */
export async function serveCalls(pid: number, uid: number | undefined): Promise<void> {
  const answer = (one: CallAnswer): void => void process.stdout.write(encodeAnswer(one));
  let inside: CallProcess | undefined;
  let pidfd: number | undefined;
  const lines = createInterface({ input: process.stdin });
  const leave = (): void => lines.close();
  // A terminal's Ctrl-C is meant for whoever asked; when that one ends, so does our input.
  process.on("SIGINT", () => undefined);
  process.on("SIGTERM", leave);
  try {
    pidfd = openPidfd(pid);
    const identity = permitted(pid, uid);
    inside = CallProcess.open(pid);
    stillThere(identity);
    answer({ kind: "ready" });
    const looking = setInterval(() => {
      if (!isThere(identity)) leave();
    }, LOOK_MS);
    try {
      for await (const line of lines) answer(serve(inside, identity, line));
    } finally {
      clearInterval(looking);
    }
  } catch (error) {
    answer(refusalOf(error));
  } finally {
    if (inside !== undefined) closeQuietly(inside);
    if (pidfd !== undefined) closeSync(pidfd);
    // Refused, we have nothing more to wait for, whether or not whoever asked lets go.
    lines.close();
    process.stdin.destroy();
  }
}

/** How often we look whether the target lives: our process would keep its memory otherwise. */
const LOOK_MS = 200;

function serve(inside: CallProcess, identity: TargetIdentity, line: string): CallAnswer {
  const calls = decodeCalls(line);
  if (calls === undefined) return { kind: "refused", refusal: "ended", detail: "a request that is none" };
  stillThere(identity);
  return { kind: "results", results: calls.map(({ name, parameters }) => inside.call(name, parameters)) };
}

function refusalOf(error: unknown): CallAnswer {
  if (error instanceof InjectionRefused) return { kind: "refused", refusal: error.refusal, detail: error.detail };
  if (error instanceof SystemCallError) {
    return { kind: "refused", refusal: error.code === "ESRCH" ? "gone" : "not-permitted", detail: error.message };
  }
  throw error;
}

function isThere(identity: TargetIdentity): boolean {
  try {
    stillThere(identity);
    return true;
  } catch (error) {
    if (error instanceof InjectionRefused) return false;
    throw error;
  }
}

/** The target may have ended, and our process with it. */
function closeQuietly(inside: CallProcess): void {
  try {
    inside.close();
  } catch (error) {
    if (!(error instanceof InjectionRefused)) throw error;
  }
}
