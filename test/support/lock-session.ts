/** Programs whose memory tests lock from outside, and `faultline lock` as tests run it. */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createInterface } from "node:readline";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { compileSupport, installFaultline, type Installed } from "./faultline.js";

export const PAGE = 4096;
export const IS_ROOT = process.geteuid?.() === 0;
const NOBODY = 65534;
/** Without any privilege; who has none stays who they are. */
export const AS_NOBODY = IS_ROOT
  ? ["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups", "--inh-caps=-all", "--bounding-set=-all"]
  : [];

/** A wrapper that leaves so much memory to be locked. */
export const withLimit = (bytes: number): readonly string[] => ["prlimit", `--memlock=${bytes}:${bytes}`, ...AS_NOBODY];

export interface LockAnswer {
  readonly status: number | null;
  /** What --json printed; undefined: nothing. */
  readonly json: Record<string, unknown> & { readonly kind?: string };
  readonly said: string;
}

export interface LockTarget {
  readonly pid: number;
  readonly process: ChildProcess;
  /** Address of its 32 pages. */
  readonly area: number;
  /** What it answers to a line. */
  tell(line: string): Promise<string>;
}

export interface BusyTarget {
  readonly pid: number;
  readonly process: ChildProcess;
  /** Its exit code, and what it printed on both outputs. */
  readonly end: Promise<{ readonly code: number | null; readonly text: string }>;
}

export class LockSession {
  private readonly running = new Set<ChildProcess>();
  private readonly folders: string[] = [];
  private readonly journals: Readonly<Record<"own" | "nobody", string>>;

  private constructor(
    readonly faultline: Installed,
    private readonly lockTarget: string,
    private readonly busyTarget: string,
  ) {
    this.journals = { own: this.newFolder(), nobody: this.newFolder() };
  }

  static async open(): Promise<LockSession> {
    const faultline = await installFaultline();
    const [lockTarget, busy] = ["lock-target", "busy-target"].map((name) => compileSupport(name, faultline.folder));
    return new LockSession(faultline, lockTarget!, busy!);
  }

  close(): void {
    for (const child of this.running) child.kill("SIGKILL");
    for (const folder of this.folders) rmSync(folder, { recursive: true, force: true });
    this.faultline.remove();
  }

  /** Everybody's to use. */
  newFolder(): string {
    const folder = mkdtempSync(join(tmpdir(), "faultline-lock-"));
    chmodSync(folder, 0o777);
    this.folders.push(folder);
    return folder;
  }

  start(argv: readonly string[], cwd?: string): ChildProcess {
    const child = spawn(argv[0]!, argv.slice(1), { stdio: ["pipe", "pipe", "pipe"], cwd });
    this.running.add(child);
    child.once("close", () => this.running.delete(child));
    child.stdin.on("error", () => undefined);
    return child;
  }

  async target(wrapper: readonly string[] = [], args: readonly string[] = []): Promise<LockTarget> {
    const child = this.start([...wrapper, this.lockTarget, ...args]);
    const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
    const next = async (): Promise<string> => String((await lines.next()).value);
    const area = parseInt(await next(), 16);
    const tell = (line: string): Promise<string> => {
      child.stdin!.write(`${line}\n`);
      return next();
    };
    return { pid: child.pid!, process: child, area, tell };
  }

  async busy(seconds: number, wrapper: readonly string[] = []): Promise<BusyTarget> {
    const child = this.start([...wrapper, this.busyTarget, String(seconds)]);
    let text = "";
    for (const stream of [child.stdout!, child.stderr!]) stream.on("data", (data) => (text += String(data)));
    const end = once(child, "close").then(([code]) => ({ code: code as number | null, text }));
    while (!text.includes("ready")) await sleep(5);
    return { pid: child.pid!, process: child, end };
  }

  /** Under which folder the journals of a run are kept, so that no test touches a person's own. */
  environment(wrapper: readonly string[]): NodeJS.ProcessEnv {
    return { ...process.env, XDG_RUNTIME_DIR: this.journals[wrapper === AS_NOBODY && IS_ROOT ? "nobody" : "own"] };
  }

  argv(pid: number, options: readonly string[], wrapper: readonly string[] = []): readonly string[] {
    return [...wrapper, process.execPath, this.faultline.cli, "lock", "--pid", String(pid), ...options];
  }

  lock(pid: number, options: readonly string[], wrapper: readonly string[] = [], cwd?: string): LockAnswer {
    const [program = "", ...args] = this.argv(pid, [...options, "--json"], wrapper);
    const env = this.environment(wrapper);
    const { status, stdout, stderr } = spawnSync(program, args, { encoding: "utf8", env, cwd });
    return { status, json: (stdout === "" ? {} : JSON.parse(stdout)) as LockAnswer["json"], said: stderr };
  }
}

/** Of each page from there on: "L" locked, "f" locked on fault, "." neither, " " nothing mapped. */
export function pageStates(pid: number, area: number, pages = 32): string {
  const states = Array.from({ length: pages }, () => " ");
  for (const { start, end, state } of mappingStates(pid)) {
    for (let page = 0; page < pages; page++)
      if (start <= area + page * PAGE && area + page * PAGE < end) states[page] = state;
  }
  return states.join("");
}

/** Everything that is locked, as ranges of one state: adjacent mappings of one state together. */
export function lockStates(pid: number): readonly string[] {
  const ranges: { start: number; end: number; state: string }[] = [];
  for (const mapping of mappingStates(pid).filter(({ state }) => state !== ".")) {
    const last = ranges.at(-1);
    if (last?.end === mapping.start && last.state === mapping.state) last.end = mapping.end;
    else ranges.push({ ...mapping });
  }
  return ranges.map(({ start, end, state }) => `${start.toString(16)}-${end.toString(16)} ${state}`);
}

function mappingStates(pid: number): readonly { start: number; end: number; state: string }[] {
  return readFileSync(`/proc/${pid}/smaps`, "utf8")
    .split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m)
    .map((block) => {
      const [, start = "", end = ""] = /^([0-9a-f]+)-([0-9a-f]+) /.exec(block) ?? [];
      const flags = /^VmFlags:(.*)$/m.exec(block)?.[1] ?? "";
      const state = / lf\b/.test(flags) ? "f" : / lo\b/.test(flags) ? "L" : ".";
      return { start: parseInt(start, 16), end: parseInt(end, 16), state };
    });
}

/** A number of kilobytes, or a word, of /proc/PID/status. */
export function statusOf(pid: number, field: string): string {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return new RegExp(`^${field}:\\s+(.*)$`, "m").exec(status)?.[1] ?? "";
}

/** One letter for each thread. */
export function threadStates(pid: number): readonly string[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((tid) => {
    try {
      return /\) (\S) /.exec(readFileSync(`/proc/${pid}/task/${tid}/stat`, "utf8"))?.[1] ?? [];
    } catch {
      return []; // Ended meanwhile.
    }
  });
}

export function childrenOf(pid: number): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((one) => {
      try {
        return Number(/\) \S (\d+)/.exec(readFileSync(`/proc/${one}/stat`, "utf8"))?.[1]) === pid;
      } catch {
        return false; // Ended meanwhile.
      }
    });
}
