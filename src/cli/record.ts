/** `faultline record`: runs a program, or attaches to one, and records its page faults. */
import { statSync } from "node:fs";
import { constants } from "node:os";
import { relative, resolve } from "node:path";
import { blindSpotSentence } from "../core/report/blind-spots.js";
import { printable } from "../core/report/printable.js";
import { bytes, grouped } from "../core/report/quantities.js";
import { refusalText } from "../core/report/refusals.js";
import { shellWords } from "../core/report/remedies.js";
import { english } from "../core/report/translate.js";
import type { RunRecord } from "../core/trace/run.js";
import { findProject } from "../host/project-file.js";
import type { TraceFolder } from "../host/trace-folder.js";
import { UserError } from "../host/user-error.js";
import { parsedArgs, ringPages, seconds, splitProgram, wholeNumber } from "./arguments.js";
import { LivePrinter } from "./live.js";
import { say } from "./say.js";
import { connectControl, type Control } from "../recorder/control.js";
import { callerBehindSudo } from "../recorder/elevation.js";
import { pageBytes } from "../recorder/ffi/ring.js";
import { dieBy } from "../recorder/ffi/child.js";
import { record as recordTrace } from "../recorder/record.js";
import { RecorderRefusal } from "../recorder/refusal.js";
import type { RecordOutcome, RecordRequest, RecordTarget } from "../recorder/request.js";

const HELP = `usage: faultline record [OPTIONS] [--] PROGRAM [ARGUMENTS…]
       faultline record [OPTIONS] --pid PID | --wait NAME
       faultline record [OPTIONS]              the program that faultline.json names

Runs the program as the shell would and records every page fault of it, its threads and its children;
or attaches to a running process, which is left as it was. "faultline report" shows the trace.

  -o, --output DIR   write the trace there; otherwise into .faultline/traces
      --pid PID      record a running process, all its threads, until it ends or Ctrl-C
      --wait NAME    record the next process of that name
      --live         print each fault as it happens, on standard error
      --report       read the trace while it is recorded, and print the report at the end, on standard output
      --for SECONDS  stop after that time (a program that was started is ended)
      --light        record only the ends of faults: cheaper, no service times
      --access       tell reads from writes from instruction fetches (x86, elevated)
      --callchains   record who called the code that faulted
      --user-only    leave out faults taken inside system calls
      --ring PAGES   pages of each cpu's ring buffer, a power of two
      --json         print a summary as the last line of standard output, as JSON
      --control PATH talk to the editor that listens at this socket
      --help         this text

Exits as the program did: with its exit code, or by the signal that ended it. 127: there is no such program;
126: it cannot be executed; 2: it could not be recorded, and nothing was started.
`;

const COULD_NOT = 2;
const NOT_EXECUTABLE = 126;
const NOT_FOUND = 127;

export async function record(args: readonly string[]): Promise<number> {
  const options = parse(args);
  if (options === undefined) {
    process.stdout.write(HELP);
    return 0;
  }
  const stop = new AbortController();
  const live = options.live ? new LivePrinter(pageBytes()) : undefined;
  const early = options.report ? new (await import("./early-report.js")).EarlyReport(pageBytes()) : undefined;
  const control = options.control === undefined ? undefined : await connectControl(options.control, stop);
  const request: RecordRequest = {
    ...(await orTell(control, () => requestOf(options))),
    ...control?.hooks,
    ...readingAlong([live, early]),
  };
  // A launched program gets the terminal's signals itself; only here are they meant for us.
  const onInterrupt = (): void => stop.abort();
  if (request.target.kind !== "launch") {
    process.on("SIGINT", onInterrupt);
    process.on("SIGTERM", onInterrupt);
  }
  let outcome: RecordOutcome;
  try {
    outcome = await orTell(control, () => recordTrace(request, stop.signal));
    live?.end();
  } catch (error) {
    if (!(error instanceof RecorderRefusal)) throw error;
    await control?.refused(error.refusal);
    say(refusalText(error.refusal, english));
    if (error.refusal.code === "program-not-found") return NOT_FOUND;
    return error.refusal.call === "launch" ? NOT_EXECUTABLE : COULD_NOT;
  } finally {
    process.off("SIGINT", onInterrupt);
    process.off("SIGTERM", onInterrupt);
  }
  const removed = (await control?.ended(outcome, request)) === true;
  const reported = !removed && early !== undefined ? await early.print(outcome) : false;
  for (const line of removed ? ["Cancelled: the trace was removed."] : summaryLines(outcome, reported)) say(line);
  // A line of its own, even where the program's last one has no end.
  if (options.json) process.stdout.write(`\n${JSON.stringify(summaryJson(outcome))}\n`);
  return exitAs(outcome.run);
}

/** Whoever reads the trace while it is written. */
interface Reader {
  begin(folder: TraceFolder): void;
  update(): void;
}

function readingAlong(given: readonly (Reader | undefined)[]): Partial<Pick<RecordRequest, "onFolder" | "onDrained">> {
  const readers = given.filter((reader) => reader !== undefined);
  if (readers.length === 0) return {};
  return {
    onFolder: (folder) => {
      for (const reader of readers) reader.begin(folder);
    },
    onDrained: () => {
      for (const reader of readers) reader.update();
    },
  };
}

/** What ends the recording before it began is told to the editor, too. */
async function orTell<T>(control: Control | undefined, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UserError) await control?.failed(error.message);
    throw error;
  }
}

interface Options {
  readonly request: Pick<RecordRequest, "light" | "access" | "callchains" | "userOnly" | "ringPages" | "seconds">;
  readonly output: string | undefined;
  readonly pid: number | undefined;
  readonly wait: string | undefined;
  readonly argv: readonly string[];
  readonly json: boolean;
  readonly live: boolean;
  readonly report: boolean;
  /** Socket of the editor that started us. */
  readonly control: string | undefined;
}

/** undefined: help was asked for. */
function parse(args: readonly string[]): Options | undefined {
  // Options end where the program begins: what follows is the program's own.
  const { own, argv } = splitProgram(args, OPTIONS);
  const { values } = parsedArgs("record", { args: own, options: OPTIONS });
  if (values.help === true) return undefined;
  const pid = values.pid === undefined ? undefined : wholeNumber("--pid", values.pid, 2 ** 22);
  if ([pid, values.wait, argv[0]].filter((one) => one !== undefined).length > 1) {
    throw new UserError("Name one thing to record: a program, --pid or --wait.");
  }
  if (argv[0] === "") throw new UserError("The program's name is empty: name a program (faultline record -- PROGRAM).");
  if (values.wait === "") throw new UserError("--wait takes the name of a program.");
  return {
    request: {
      light: values.light === true,
      access: values.access === true,
      callchains: values.callchains === true,
      userOnly: values["user-only"] === true,
      ringPages: values.ring === undefined ? undefined : ringPages(values.ring),
      seconds: values.for === undefined ? undefined : seconds("--for", values.for, "more"),
    },
    output: values.output,
    pid,
    wait: values.wait,
    argv,
    json: values.json === true,
    live: values.live === true,
    report: values.report === true,
    control: values.control,
  };
}

const OPTIONS = {
  output: { type: "string", short: "o" },
  pid: { type: "string" },
  wait: { type: "string" },
  live: { type: "boolean" },
  report: { type: "boolean" },
  for: { type: "string" },
  light: { type: "boolean" },
  access: { type: "boolean" },
  callchains: { type: "boolean" },
  "user-only": { type: "boolean" },
  ring: { type: "string" },
  json: { type: "boolean" },
  control: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

function requestOf(options: Options): RecordRequest {
  const caller = callerBehindSudo();
  const folder = caller?.workingDirectory ?? process.cwd();
  return {
    ...options.request,
    target: targetOf(options, folder),
    output: options.output === undefined ? undefined : resolve(folder, options.output),
    tracesFolder: resolve(folder, ".faultline", "traces"),
    caller,
    onNotice: say,
  };
}

function targetOf(options: Options, folder: string): RecordTarget {
  if (options.pid !== undefined) return { kind: "attach", pid: options.pid };
  if (options.wait !== undefined) return { kind: "wait", name: options.wait };
  if (options.argv.length > 0) {
    return { kind: "launch", argv: options.argv, workingDirectory: folder, environment: environmentOf(options) };
  }
  const file = findProject(folder);
  for (const problem of file?.problems ?? []) say(problem);
  if (file?.project.program === undefined) {
    throw new UserError(
      "There is nothing to record: name a program (faultline record -- PROGRAM), or let faultline.json name one.",
    );
  }
  const { program, environment, workingDirectory } = file.project;
  const argv = [program, ...file.project.arguments];
  if (statSync(workingDirectory, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new UserError(`The working directory ${printable(workingDirectory)} of ${file.path} is no folder.`);
  }
  // It was not typed, so it is shown: a project's file decides what is run.
  say(`${relative(folder, file.path) || file.path}: ${printable(shellWords(argv))}`);
  return { kind: "launch", argv, workingDirectory, environment: { ...environmentOf(options), ...environment } };
}

/** A desktop editor makes its runtime a Node by this variable: the program must not see it. */
function environmentOf({ control }: Options): Readonly<Record<string, string | undefined>> {
  return control === undefined ? {} : { ELECTRON_RUN_AS_NODE: undefined };
}

/** Completeness first, then what could not be seen, then where the trace is; a report has said the first two. */
function summaryLines({ run, folder }: RecordOutcome, reported: boolean): string[] {
  const { faults, rusage } = run;
  const counted =
    faults === undefined
      ? []
      : [
          [
            `${grouped(faults.minor + faults.major)} page faults (${grouped(faults.minor)} minor, ${grouped(faults.major)} major)`,
            ...(faults.refused === undefined ? [] : [`${grouped(faults.refused)} refused`]),
            `${grouped(run.lost)} lost`,
          ].join(", ") + ".",
        ];
  const own =
    rusage === undefined
      ? []
      : [`The process's own counters: ${grouped(rusage.minor)} minor, ${grouped(rusage.major)} major.`];
  const size = statSync(folder.perfData, { throwIfNoEntry: false })?.size;
  const where = relative(process.cwd(), folder.path);
  return [
    ...(reported ? [] : [...counted, ...own, ...run.blind.map((spot) => blindSpotSentence(spot, english))]),
    `Trace: ${where.startsWith("..") ? folder.path : where || "."}${size === undefined ? "" : ` (${bytes(size)})`}`,
  ];
}

function summaryJson({ run, folder }: RecordOutcome): unknown {
  const { faults } = run;
  return {
    folder: folder.path,
    faults:
      faults === undefined
        ? undefined
        : {
            total: faults.minor + faults.major,
            minor: faults.minor,
            major: faults.major,
            refused: faults.refused,
            lost: run.lost,
          },
    rusage: run.rusage,
    exit: run.exit,
    blind: run.blind,
  };
}

/** As the target ended: so a script sees no difference. */
function exitAs(run: RunRecord): number {
  const signal = Object.entries(constants.signals).find(([name]) => name === run.exit?.signal)?.[1];
  if (signal !== undefined) {
    dieBy(signal);
    return SIGNAL_BASE + signal; // Where a signal does not end us, as shells write it.
  }
  return run.exit?.code ?? 0;
}

const SIGNAL_BASE = 128;
