/** Runs `faultline lockset` or `prove` under VS Code's own runtime, and tells how far it is. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { decodeProgress, type CampaignProgress } from "../../core/memlock/campaign-progress.js";

export interface CampaignOrder {
  /** dist/cli.js */
  readonly cli: string;
  readonly command: "lockset" | "prove";
  readonly args: readonly string[];
  readonly cwd: string;
  /** On top of our own; undefined takes a variable away. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly onProgress: (progress: Exclude<CampaignProgress, { readonly kind: "limited" }>) => void;
}

/** `limited`: run elevated, it would know more. */
export type CampaignOutcome =
  /** Done, whatever the answer is: standard output, and whether the answer is yes. */
  | { readonly kind: "done"; readonly output: string; readonly yes: boolean; readonly limited: boolean }
  | { readonly kind: "cancelled" }
  /** One sentence. */
  | { readonly kind: "failed"; readonly sentence: string; readonly limited: boolean };

/** Told to stop, it ends the program it started, or unlocks the one it found running. */
export async function runCampaign(order: CampaignOrder, stop: AbortSignal): Promise<CampaignOutcome> {
  const { cli, command, args, cwd, environment, onProgress } = order;
  const child = spawn(process.execPath, [cli, command, "--progress-json", ...args], {
    cwd,
    env: { ...process.env, ...environment, ELECTRON_RUN_AS_NODE: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const cancel = (): void => void child.kill("SIGINT");
  stop.addEventListener("abort", cancel, { once: true });
  if (stop.aborted) cancel();
  const output: string[] = [];
  let sentence = "";
  let limited = false;
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output.push(text);
  });
  createInterface({ input: child.stderr }).on("line", (line) => {
    const progress = decodeProgress(line);
    if (progress?.kind === "limited") limited = true;
    else if (progress !== undefined) onProgress(progress);
    else if (line.startsWith(NAME)) sentence = line.slice(NAME.length);
  });
  try {
    const code = await new Promise<number | undefined>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (status: number | null) => resolve(status ?? undefined));
    });
    if (code === 0 || code === 1) return { kind: "done", output: output.join(""), yes: code === 0, limited };
    return stop.aborted ? { kind: "cancelled" } : { kind: "failed", sentence, limited };
  } finally {
    stop.removeEventListener("abort", cancel);
  }
}

/** What the command line puts before every sentence. */
const NAME = "faultline: ";
