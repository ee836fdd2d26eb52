/** `faultline lock`: memory of a running process is locked from outside, all or nothing, and unlocked again. */
import { spawnSync } from "node:child_process";
import { readFileSync, readlinkSync } from "node:fs";
import { basename } from "node:path";
import { createInterface } from "node:readline/promises";
import { parseArgs } from "node:util";
import { parsedJson } from "../core/base/json-fields.js";
import { decodeLockSet } from "../core/memlock/decode-lock-set.js";
import { DEFAULT_LOCKED_SECTIONS } from "../core/placement/locked-sections.js";
import { lockedMemoryText, lockFailureText, lockWarningText, type LockWarning } from "../core/report/lock-text.js";
import { printable } from "../core/report/printable.js";
import { bytes } from "../core/report/quantities.js";
import { coloured, plain } from "../core/report/style.js";
import { english } from "../core/report/translate.js";
import { sectionRanges, setRanges, type FoundRanges } from "../host/lock-ranges.js";
import { readProc } from "../host/proc-snapshot.js";
import { findProject } from "../host/project-file.js";
import { UserError } from "../host/user-error.js";
import { lockLimits } from "../recorder/campaign/target-facts.js";
import { pageBytes } from "../recorder/ffi/ring.js";
import { lockAll, lockRanges, MCL, undoLock, type LockOutcome, type UndoOutcome } from "../recorder/lock-process.js";
import { lockedMemory } from "../recorder/locked-memory.js";
import { callsInto } from "./injection.js";
import { firstLine, say } from "./say.js";
import { print, terminalWidth, wantsColour } from "./terminal.js";

const HELP = `usage: faultline lock --pid PID --all FLAGS | --sections | --set FILE | --undo | --show  [OPTIONS]

Locks memory of a running process, from outside: either all that is asked for is locked and in memory afterwards, or
nothing more than before is locked. What is added is noted, so that it can be taken back.

      --all FLAGS      mlockall with these flags: current, future, on-fault (current,future)
      --sections       the locked sections of its images, by the names in faultline.json
                       (${Object.values(DEFAULT_LOCKED_SECTIONS).join(", ")} without it)
      --set FILE       the pages of a lock set (faultline lockset --json > FILE)
      --on-fault       lock each page when it is first touched (with --sections and --set)
      --undo           take back what faultline lock added
      --show           what is locked, in memory and swapped, mapping by mapping
      --via gdb        have gdb call mlockall in the process (with --all), where Faultline cannot
      --any-user       root only: a process of another user, too
      --yes            do not ask
      --json           the answer as JSON

Exits 0 (done), 1 (nothing was locked: the kernel's answer is no) or 2 (it could not be tried).
`;

export async function lock(args: readonly string[]): Promise<number> {
  const { values } = parse(args);
  if (values.help === true) {
    process.stdout.write(HELP);
    return 0;
  }
  const pid = pidOf(values.pid);
  const asked = [values.all !== undefined, values.sections, values.set !== undefined, values.undo, values.show];
  if (asked.filter((one) => one === true).length !== 1)
    throw new UserError("Say one thing to do: --all FLAGS, --sections, --set FILE, --undo or --show.");
  const json = values.json === true;
  if (values.show === true) return show(pid, json);
  const anyUser = values["any-user"] === true;
  if (values.undo === true)
    return withCalls(pid, anyUser, async (calls) => toldUndo(pid, await undoLock(pid, calls), json));
  const effect = effectOf(pid, values);
  for (const phrase of effect.missing) say(`${printable(phrase)}: not locked.`);
  if (effect.kind === "ranges" && effect.ranges.length === 0)
    throw new UserError(`There is nothing of it in process ${pid}: ${nothingReason(values.set)}`);
  const name = (readProc(`${pid}/comm`) ?? "").trim();
  for (const warning of effect.kind === "all" ? warningsFor(pid, effect.flags) : [])
    say(lockWarningText(warning, english));
  await confirmed(`Lock ${effect.what} in process ${pid} (${printable(name)})?`, values.yes === true);
  if (values.via !== undefined) return viaGdb(pid, values.via, effect);
  return withCalls(pid, anyUser, async (calls) =>
    told(
      pid,
      effect.kind === "all"
        ? await lockAll(pid, calls, effect.flags)
        : await lockRanges(pid, calls, effect.ranges, values["on-fault"] === true),
      json,
    ),
  );
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        pid: { type: "string" },
        all: { type: "string" },
        sections: { type: "boolean" },
        set: { type: "string" },
        "on-fault": { type: "boolean" },
        undo: { type: "boolean" },
        show: { type: "boolean" },
        via: { type: "string" },
        "any-user": { type: "boolean" },
        yes: { type: "boolean" },
        json: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (error) {
    throw new UserError(`${firstLine(error)} (faultline lock --help)`);
  }
}

function pidOf(text: string | undefined): number {
  const pid = Number(text);
  if (text === undefined || !/^\d{1,7}$/.test(text) || pid < 1)
    throw new UserError("Name a running process: faultline lock --pid PID …");
  if (readProc(`${pid}/stat`) === undefined) throw new UserError(`There is no process ${pid}: name one that runs.`);
  return pid;
}

type Effect =
  | { readonly kind: "all"; readonly flags: number; readonly what: string; readonly missing: readonly string[] }
  | (Pick<FoundRanges, "ranges" | "missing"> & { readonly kind: "ranges"; readonly what: string });

function effectOf(pid: number, values: { all?: string; set?: string }): Effect {
  if (values.all !== undefined) {
    const flags = flagsOf(values.all);
    return { kind: "all", flags, what: `all memory (${values.all})`, missing: [] };
  }
  const found = values.set === undefined ? sectionsOf(pid) : setRanges(pid, readSet(values.set));
  const size = found.ranges.reduce((sum, { start, end }) => sum + end - start, 0);
  const what = `${bytes(size)} (${found.found.slice(0, MOST_NAMED).join(", ")}${found.found.length > MOST_NAMED ? ", …" : ""})`;
  return { kind: "ranges", ranges: found.ranges, missing: found.missing, what };
}

const MOST_NAMED = 4;

/** asm-generic/mman.h; "on-fault" alone means nothing to the kernel. */
function flagsOf(text: string): number {
  const known = { current: MCL.current, future: MCL.future, "on-fault": MCL.onFault };
  const flags = text.split(",").map((name) => known[name as keyof typeof known]);
  const all = flags.reduce((sum, flag) => sum | (flag ?? 0), 0);
  if (flags.includes(undefined as never) || (all & ~MCL.onFault) === 0)
    throw new UserError("--all takes current, future and on-fault, separated by commas; on-fault goes with another.");
  return all;
}

function sectionsOf(pid: number): FoundRanges {
  const project = findProject(process.cwd());
  for (const problem of project?.problems ?? []) say(problem);
  return sectionRanges(pid, project?.project.lockedSections ?? DEFAULT_LOCKED_SECTIONS, pageBytes());
}

function readSet(file: string) {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new UserError(`The lock set cannot be read: ${firstLine(error)}.`);
  }
  const set = decodeLockSet(parsedJson(text));
  if (set === undefined)
    throw new UserError(`${file} is no lock set: make one with faultline lockset --json > ${file}`);
  return set;
}

function nothingReason(set: string | undefined): string {
  return set === undefined
    ? "no image of it has a locked section; lockedSections in faultline.json names them."
    : "the lock set was found with another program or other builds.";
}

/** Before it breaks a program (facts of V8 and of RLIMIT_MEMLOCK). */
function warningsFor(pid: number, flags: number): readonly LockWarning[] {
  const program = exeOf(pid);
  const { softBytes, privileged } = lockLimits(pid);
  const locked = Number(/^VmLck:\s+(\d+) kB$/m.exec(readProc(`${pid}/status`) ?? "")?.[1] ?? 0) * 1024;
  return [
    ...(V8_PROGRAMS.test(program) ? [{ kind: "v8", program } as const] : []),
    ...((flags & MCL.future) !== 0 && softBytes !== undefined && !privileged
      ? [{ kind: "future-limit", leftBytes: Math.max(0, softBytes - locked) } as const]
      : []),
  ];
}

function exeOf(pid: number): string {
  try {
    return basename(readlinkSync(`/proc/${pid}/exe`));
  } catch {
    return ""; // Not ours to read: then it will not be locked either.
  }
}

const V8_PROGRAMS =
  /^(?:node(?:js)?|deno|d8|electron|code|chrome|chromium|chromium-browser|chrome-headless-shell)(?:-|$)/;

/** Throws UserError when the answer is no, or nobody is there to be asked. */
async function confirmed(question: string, yes: boolean): Promise<void> {
  if (yes) return;
  if (process.stdin.isTTY !== true) throw new UserError(`${question} Say --yes where nobody can be asked.`);
  const ask = createInterface({ input: process.stdin, output: process.stderr });
  try {
    if (!/^y(es)?$/i.test((await ask.question(`${question} [y/N] `)).trim()))
      throw new UserError("Nothing was locked.");
  } finally {
    ask.close();
  }
}

async function withCalls(
  pid: number,
  anyUser: boolean,
  work: (calls: Awaited<ReturnType<typeof callsInto>>) => Promise<number>,
): Promise<number> {
  const calls = await callsInto(pid, anyUser);
  try {
    return await work(calls);
  } finally {
    await calls.close();
  }
}

function told(pid: number, outcome: LockOutcome, json: boolean): number {
  if (json) process.stdout.write(`${JSON.stringify({ version: 1, pid, ...outcome })}\n`);
  else for (const line of outcomeLines(pid, outcome)) say(line);
  return outcome.kind === "locked" ? 0 : 1;
}

function outcomeLines(pid: number, outcome: LockOutcome): readonly string[] {
  const restored = (whole: boolean): string =>
    whole
      ? "Everything is locked as it was before."
      : `Not everything could be restored: faultline lock --pid ${pid} --undo tries again.`;
  switch (outcome.kind) {
    case "locked":
      return [
        `Locked ${bytes(outcome.newBytes)} more; process ${pid} has ${bytes(outcome.lockedBytes)} locked. faultline lock --pid ${pid} --undo takes it back.`,
      ];
    case "refused":
      return [`Nothing was locked: at 0x${outcome.at.toString(16)} ${REFUSED[outcome.reason]}.`];
    case "failed":
      return [lockFailureText(outcome, english), restored(outcome.restored)];
    case "absent":
      return [
        `${bytes(outcome.bytes)} did not come into memory although the kernel said so: is a file shorter than it was?`,
        restored(outcome.restored),
      ];
  }
}

const REFUSED = {
  hole: "nothing is mapped",
  inaccessible: "is memory that nothing may touch (PROT_NONE)",
  special: "is memory of the kernel or a device, which cannot be locked",
} as const;

function toldUndo(pid: number, outcome: UndoOutcome, json: boolean): number {
  if (json) process.stdout.write(`${JSON.stringify({ version: 1, pid, ...outcome })}\n`);
  else {
    switch (outcome.kind) {
      case "nothing":
        say(`Nothing was locked in process ${pid} by faultline lock.`);
        break;
      case "undone":
        say(`Taken back; process ${pid} has ${bytes(outcome.lockedBytes)} locked, as before.`);
        break;
      case "partly":
        say(`${bytes(outcome.leftBytes)} are still locked: try again, faultline lock --pid ${pid} --undo`);
    }
  }
  return outcome.kind === "undone" ? 0 : 1;
}

async function show(pid: number, json: boolean): Promise<number> {
  const memory = lockedMemory(pid);
  if (memory === undefined)
    throw new UserError(
      `The memory of process ${pid} may not be looked into by this user: run it as its user or as root.`,
    );
  await print([
    json
      ? `${JSON.stringify(memory, undefined, 1)}\n`
      : lockedMemoryText(memory, {
          style: wantsColour() ? coloured : plain,
          translate: english,
          top: MOST_MAPPINGS,
          width: terminalWidth(),
        }),
  ]);
  return 0;
}

const MOST_MAPPINGS = 40;

/** gdb stops the whole process for a second or two, and knows nothing of all or nothing: the last resort. */
function viaGdb(pid: number, via: string, effect: Effect): number {
  if (via !== "gdb" || effect.kind !== "all") throw new UserError("--via takes gdb, and goes with --all.");
  const call = `call (int)mlockall(${effect.flags})`;
  const { status, stdout, error } = spawnSync("gdb", ["--batch", "-nx", "-p", String(pid), "-ex", call], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
  if (error !== undefined) throw new UserError("gdb is not installed: apt-get install gdb");
  const result = /^\$1 = (-?\d+)$/m.exec(stdout)?.[1];
  if (status !== 0 || result === undefined) throw new UserError(`gdb could not make the call in process ${pid}.`);
  say(
    result === "0"
      ? `gdb called mlockall(${effect.flags}) in process ${pid}; faultline lock --pid ${pid} --show tells what is locked.`
      : `mlockall gave ${result} in process ${pid}: nothing was locked.`,
  );
  return result === "0" ? 0 : 1;
}
