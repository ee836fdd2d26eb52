/** Starts the process that makes calls inside a target, and talks to it. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { decodeAnswer, encodeCalls, type CallAnswer, type PlainCall } from "./call-messages.js";
import { InjectionRefused } from "./injection-refused.js";

export interface Calls {
  /** Results in order; negative error numbers. Throws InjectionRefused when nothing can be called any more. */
  run(calls: readonly PlainCall[]): Promise<readonly number[]>;
  /** Leaves the target as it was, but for what the calls did. */
  close(): Promise<void>;
}

export interface CallsOptions {
  readonly pid: number;
  /** Whose processes may be touched; undefined: everybody's. */
  readonly uid: number | undefined;
  /** Our command line, which knows the hidden command for this. */
  readonly cli: string;
}

/** The command that serves calls: `faultline inject-calls PID [UID]`. Not for people. */
const SERVE_COMMAND = "inject-calls";

/** Throws InjectionRefused. */
export async function openCalls({ pid, uid, cli }: CallsOptions): Promise<Calls> {
  const child = spawn(
    process.execPath,
    [cli, SERVE_COMMAND, String(pid), ...(uid === undefined ? [] : [String(uid)])],
    {
      stdio: ["pipe", "pipe", "inherit"],
      // A desktop editor's runtime is a Node by this variable only.
      env: { ...process.env, ELECTRON_RUN_AS_NODE: "1" },
    },
  );
  const waiting: ((answer: CallAnswer) => void)[] = [];
  const early: CallAnswer[] = [];
  let ended = false;
  createInterface({ input: child.stdout }).on("line", (line) => {
    const answer = decodeAnswer(line);
    const next = waiting.shift();
    if (next === undefined) early.push(answer);
    else next(answer);
  });
  const over = new Promise<void>((resolve) => {
    child.once("close", () => {
      ended = true;
      for (const next of waiting.splice(0)) next(ENDED);
      resolve();
    });
  });
  // Killed while we write: its end is told by `close`.
  child.stdin.on("error", () => undefined);
  const answered = async (): Promise<CallAnswer> => {
    const answer = early.shift() ?? (ended ? ENDED : await new Promise<CallAnswer>((resolve) => waiting.push(resolve)));
    if (answer.kind === "refused") throw new InjectionRefused(answer.refusal, answer.detail);
    return answer;
  };
  await answered();
  return {
    run: async (calls) => {
      if (calls.length === 0) return [];
      child.stdin.write(encodeCalls(calls));
      const answer = await answered();
      return answer.kind === "results" ? answer.results : [];
    },
    close: async () => {
      child.stdin.end();
      await over;
    },
  };
}

const ENDED: CallAnswer = { kind: "refused", refusal: "ended", detail: "" };
