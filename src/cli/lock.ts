/** `faultline lock`: memory of a running process is locked from outside, all or nothing, and unlocked again. */
import { createInterface } from "node:readline/promises";
import { DEFAULT_LOCKED_SECTIONS } from "../core/placement/locked-sections.js";
import { lockWarningText } from "../core/report/lock-text.js";
import { lockedMemoryText } from "../core/report/locked-memory-text.js";
import { printable } from "../core/report/printable.js";
import { bytes } from "../core/report/quantities.js";
import { coloured, plain } from "../core/report/style.js";
import { english } from "../core/report/translate.js";
import { readProc } from "../host/proc-snapshot.js";
import { UserError } from "../host/user-error.js";
import { gdbCalls } from "../recorder/gdb-calls.js";
import type { Calls } from "../recorder/inject/open-calls.js";
import { lockAll, lockRanges, notTakenBack, undoLock } from "../recorder/lock-process.js";
import { processMemory } from "../recorder/locked-memory.js";
import { parsedArgs } from "./arguments.js";
import { callsInto, mayCallInto } from "./injection.js";
import { printForecast, told, toldUndo } from "./lock-answers.js";
import { effectOf, forecastOf, undoForecast } from "./lock-effect.js";
import { firstLine, say } from "./say.js";
import { print, terminalWidth, wantsColour } from "./terminal.js";

const HELP = `usage: faultline lock --pid PID --all WHAT | --sections | --set FILE | --undo | --show  [OPTIONS]

Locks memory of a running process, from outside: either all that is asked for is locked and in memory afterwards, or
nothing more than before is locked. What is added is noted, so that it can be taken back.

      --all WHAT       all of its memory, by mlockall: current (what it has mapped), future (what it will map), and
                       on-fault (each page when it is touched) for both; current-on-fault or future-on-fault for one.
                       For example: current,future   current,future,on-fault   current,future-on-fault
      --sections       the locked sections of its images, by the names in faultline.json
                       (${Object.values(DEFAULT_LOCKED_SECTIONS).join(", ")} without it)
      --set FILE       the pages of a lock set (faultline lockset --json > FILE)
      --on-fault       lock each page when it is first touched (with --sections and --set)
      --undo           take back what faultline lock added
      --show           what is locked, in memory and swapped, mapping by mapping
      --dry-run        only say what would be done, and what may go wrong
      --via gdb        have gdb make the calls in the process, on machines that Faultline does not know
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
    throw new UserError("Say one thing to do: --all WHAT, --sections, --set FILE, --undo or --show.");
  if (values.via !== undefined && values.via !== "gdb") throw new UserError("--via takes gdb.");
  const onFault = values["on-fault"] === true;
  if (onFault && values.sections !== true && values.set === undefined)
    throw new UserError("--on-fault goes with --sections and --set; --all takes it among its words.");
  const json = values.json === true;
  if (values.show === true) return show(pid, json);
  const work: Work = { pid, anyUser: values["any-user"] === true, gdb: values.via === "gdb" };
  if (values.undo === true) {
    if (values["dry-run"] === true) return printForecast(undoForecast(pid), json);
    return withCalls(work, async (calls) => toldUndo(pid, await undoLock(pid, calls), json));
  }
  const effect = effectOf(pid, { ...values, onFault });
  const forecast = forecastOf(pid, effect);
  if (forecast.kind === "refused") return told(pid, forecast, undefined, json);
  if (values["dry-run"] === true) return printForecast(forecast, json);
  for (const phrase of forecast.missing) say(`${printable(phrase)}: not locked.`);
  for (const warning of forecast.warnings) say(lockWarningText(warning, english));
  const question = `Lock ${printable(forecast.what)} in process ${pid} (${printable(forecast.name)})?`;
  await confirmed(question, values.yes === true);
  return withCalls(work, async (calls) => {
    const outcome =
      effect.kind === "all"
        ? await lockAll(pid, calls, effect.order)
        : await lockRanges(pid, calls, effect.ranges, effect.onFault);
    return told(pid, outcome, forecast, json);
  });
}

function parse(args: readonly string[]) {
  return parsedArgs("lock", {
    args: [...args],
    options: {
      pid: { type: "string" },
      all: { type: "string" },
      sections: { type: "boolean" },
      set: { type: "string" },
      "on-fault": { type: "boolean" },
      undo: { type: "boolean" },
      show: { type: "boolean" },
      "dry-run": { type: "boolean" },
      via: { type: "string" },
      "any-user": { type: "boolean" },
      yes: { type: "boolean" },
      json: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
  });
}

function pidOf(text: string | undefined): number {
  const pid = Number(text);
  if (text === undefined || !/^\d{1,7}$/.test(text) || pid < 1)
    throw new UserError("Name a running process: faultline lock --pid PID …");
  if (readProc(`${pid}/stat`) === undefined) throw new UserError(`There is no process ${pid}: name one that runs.`);
  return pid;
}

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

interface Work {
  readonly pid: number;
  readonly anyUser: boolean;
  readonly gdb: boolean;
}

async function withCalls({ pid, anyUser, gdb }: Work, work: (calls: Calls) => Promise<number>): Promise<number> {
  if (gdb) await mayCallInto(pid, anyUser);
  const calls = gdb ? gdbCalls(pid) : await callsInto(pid, anyUser);
  try {
    return await work(calls);
  } catch (error) {
    // Cut off in the middle of it: what was done by then stays.
    const left = error instanceof UserError ? notTakenBack(pid) : undefined;
    if (left === undefined) throw error;
    throw new UserError(
      `${firstLine(error)} ${bytes(left.bytes)} stay locked: faultline lock --pid ${pid} --undo takes it back.`,
    );
  } finally {
    await calls.close();
  }
}

async function show(pid: number, json: boolean): Promise<number> {
  const memory = processMemory(pid);
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
