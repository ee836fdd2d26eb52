/** Starts the target exactly as the shell would have: its terminal, its signals, its job control, its environment. */
import { accessSync, constants as fsConstants, existsSync, readFileSync, statSync } from "node:fs";
import { constants } from "node:os";
import { join, resolve } from "node:path";
import { readProc, statOf } from "../host/proc-snapshot.js";
import { asCaller, type Caller } from "./elevation.js";
import { nextChange, type ChildChange } from "./ffi/child.js";
import { SystemCallError } from "./ffi/libc.js";
import { withOpenFileLimit } from "./ffi/limits.js";
import { spawnProgram } from "./ffi/program.js";
import { asIdentity, canBorrowIdentity } from "./ffi/thread-rights.js";
import type { RecordTarget } from "./request.js";
import { refusal } from "./session.js";

export type LaunchTarget = Extract<RecordTarget, { kind: "launch" }>;

/** What the shell searches where PATH is not set (confstr _CS_PATH). */
const DEFAULT_PATH = "/bin:/usr/bin";
/** VS Code runs us by its own executable with this set; the target must not notice. */
const RUNTIME_SWITCH = "ELECTRON_RUN_AS_NODE";

/** NAME=value as the target gets them: ours or the caller's byte for byte, the target's own additions last. */
export function targetEnvironment(target: LaunchTarget, caller: Caller | undefined): (string | Uint8Array)[] {
  const added: Record<string, string | undefined> = { ...target.environment };
  const here = caller?.workingDirectory ?? process.cwd();
  if (resolve(target.workingDirectory) !== here) added["PWD"] ??= resolve(target.workingDirectory);
  const replaced = new Set([RUNTIME_SWITCH, ...Object.keys(added)]);
  const inherited =
    caller === undefined
      ? ownEnvironment().filter((entry) => !replaced.has(nameOf(entry)))
      : Object.entries(caller.environment).flatMap(([name, value]) => (replaced.has(name) ? [] : [`${name}=${value}`]));
  return [
    ...inherited,
    ...Object.entries(added).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`])),
  ];
}

/** The file a shell would execute for this name. Throws RecorderRefusal. */
export function findProgram(target: LaunchTarget, environment: readonly (string | Uint8Array)[]): string {
  const name = target.argv[0] ?? "";
  const candidates = name.includes("/")
    ? [resolve(target.workingDirectory, name)]
    : pathOf(environment).map((folder) => join(resolve(target.workingDirectory, folder), name));
  let errno: number = constants.errno.ENOENT;
  for (const candidate of candidates) {
    const problem = whyNotExecutable(candidate);
    if (problem === undefined) return candidate;
    // A folder of PATH that may not be searched says nothing about the program.
    if (name.includes("/") || existsSync(candidate)) errno = problem;
  }
  throw refusal("launch", new SystemCallError("execve", errno), { path: name });
}

/** Pid of the running target. Must be called on the thread whose perf events it is to inherit. Throws RecorderRefusal. */
export function launch(
  target: LaunchTarget,
  program: string,
  environment: readonly (string | Uint8Array)[],
  descriptors: readonly number[],
  caller: Caller | undefined,
): number {
  const start = (path: string, argv: readonly (string | Uint8Array)[]): number =>
    inFolder(target.workingDirectory, () =>
      withOpenFileLimit(openFileLimitBefore(), () => spawnProgram({ path, argv, environment, descriptors })),
    );
  const startAs = (path: string, argv: readonly string[]): number => {
    if (caller === undefined) return start(path, argv);
    if (canBorrowIdentity()) return asIdentity(caller, () => start(path, argv));
    const elevated = asCaller([path, ...argv.slice(1)], caller);
    return start(elevated[0]!, elevated);
  };
  try {
    return startAs(program, target.argv);
  } catch (error) {
    if (!(error instanceof SystemCallError)) throw error;
    // A script without a "#!" line: shells and execvp(3) hand it to sh.
    if (error.code === "ENOEXEC" && !isBinary(program))
      return startAs("/bin/sh", ["sh", program, ...target.argv.slice(1)]);
    throw refusal("launch", error, { path: target.argv[0] ?? "" });
  }
}

/** Ends of a target, with its own and its waited-for children's page faults. */
export type TargetEnd = Exclude<ChildChange, { kind: "stopped" }>;

/** Signals that stop a job of the terminal; SIGSTOP alone is between the target and whoever sent it. */
const JOB_CONTROL: readonly number[] = [
  constants.signals.SIGTSTP,
  constants.signals.SIGTTIN,
  constants.signals.SIGTTOU,
];
/** Sent to us, they are meant for the target: `timeout 10 faultline record -- prog`. */
const FORWARDED = ["SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2"] as const;
/** The terminal sends these to the target too: what they do is its business. */
const IGNORED = ["SIGINT", "SIGQUIT"] as const;

/** Makes this process transparent to signals from before the launch until `restore`. */
export function standAside(): { forwardTo(pid: number): void; restore(): void } {
  let target: number | undefined;
  const pending: NodeJS.Signals[] = [];
  const forward = (signal: NodeJS.Signals): void => {
    if (target === undefined) pending.push(signal);
    else sendTo(target, signal);
  };
  const ignore = (): void => undefined;
  for (const signal of FORWARDED) process.on(signal, forward);
  for (const signal of IGNORED) process.on(signal, ignore);
  return {
    forwardTo: (pid) => {
      target = pid;
      for (const signal of pending.splice(0)) sendTo(pid, signal);
    },
    restore: () => {
      for (const signal of FORWARDED) process.off(signal, forward);
      for (const signal of IGNORED) process.off(signal, ignore);
    },
  };
}

/** Resolves when the target has ended; while it is stopped by its terminal, so are we: the shell sees one job. */
export async function untilEnd(pid: number): Promise<TargetEnd> {
  for (;;) {
    const change = await nextChange(pid);
    if (change.kind !== "stopped") return change;
    if (!JOB_CONTROL.includes(change.signal) || !isStoppedWithUs(pid)) continue;
    process.kill(process.pid, "SIGSTOP");
    // Continued: by fg, which continued the target too, or alone, and then it waits for us.
    if (isStoppedWithUs(pid)) sendTo(pid, "SIGCONT");
  }
}

export function sendTo(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended meanwhile, or became another user's: there is nobody to tell.
  }
}

/** Asked anew: between the stop and now the whole job may have been continued. */
function isStoppedWithUs(pid: number): boolean {
  const stat = statOf(pid);
  return stat?.state === "T" && stat.processGroup === statOf(process.pid)?.processGroup;
}

function inFolder<T>(folder: string, work: () => T): T {
  const before = process.cwd();
  if (resolve(folder) === before) return work();
  process.chdir(folder);
  try {
    return work();
  } finally {
    process.chdir(before);
  }
}

/** From /proc, because process.env knows only what is valid UTF-8. */
function ownEnvironment(): Uint8Array[] {
  const bytes = readFileSync("/proc/self/environ");
  const entries: Uint8Array[] = [];
  for (let start = 0; start < bytes.length;) {
    const end = bytes.indexOf(0, start);
    const stop = end < 0 ? bytes.length : end;
    if (stop > start) entries.push(bytes.subarray(start, stop));
    start = stop + 1;
  }
  return entries;
}

/** "NAME" of "NAME=value". */
export function nameOf(entry: string | Uint8Array): string {
  const text = typeof entry === "string" ? entry : Buffer.from(entry).toString("utf8");
  const end = text.indexOf("=");
  return end < 0 ? text : text.slice(0, end);
}

function pathOf(environment: readonly (string | Uint8Array)[]): string[] {
  const entry = environment.find((one) => nameOf(one) === "PATH");
  const text = entry === undefined ? `PATH=${DEFAULT_PATH}` : Buffer.from(entry).toString("utf8");
  return text.slice("PATH=".length).split(":");
}

/** Error number exec would give, as far as it can be told without it. */
function whyNotExecutable(path: string): number | undefined {
  try {
    if (statSync(path).isDirectory()) return constants.errno.EISDIR;
    accessSync(path, fsConstants.X_OK);
    return undefined;
  } catch (error) {
    return error instanceof Error && "errno" in error ? -Number(error.errno) : constants.errno.EIO;
  }
}

/** As bash tells a text from a broken binary: a zero byte in what would be its first line. */
function isBinary(path: string): boolean {
  const firstLine = readFileSync(path).subarray(0, 80).toString("latin1").split("\n")[0] ?? "";
  return firstLine.includes("\0");
}

/** Node raised our soft limit at its start; the shell that started us still has what the target would have had. */
function openFileLimitBefore(): number | undefined {
  const parent = statOf(process.pid)?.parent;
  const soft = /^Max open files\s+(\d+)/m.exec(readProc(`${parent}/limits`) ?? "")?.[1];
  return soft === undefined ? undefined : Number(soft);
}
