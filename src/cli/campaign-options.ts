/** What `lockset` and `prove` understand alike: the target, its intervals and stimuli. */
import { statSync } from "node:fs";
import { relative, resolve } from "node:path";
import { printable } from "../core/report/printable.js";
import { shellWords } from "../core/report/remedies.js";
import { WHOLE_RUN, type Interval, type Stimulus } from "../core/trace/intervals.js";
import { findProject, type Project, type ProjectFile } from "../host/project-file.js";
import { UserError } from "../host/user-error.js";
import type { Occasion } from "../recorder/campaign/campaign.js";
import { isWholeRun } from "../recorder/campaign/whole-run.js";
import type { CampaignRequest, CampaignTarget } from "../recorder/campaign/open-campaign.js";
import { callerBehindSudo, type Caller } from "../recorder/elevation.js";
import { parsedArgs, ringPages, seconds, splitProgram, wholeNumber, type OptionKinds } from "./arguments.js";
import { say } from "./say.js";

export interface CampaignOptions {
  /** One for each set of arguments the program is started with, at least one. */
  readonly requests: readonly Omit<CampaignRequest, "locking" | "evicting">[];
  readonly caller: Caller | undefined;
  /** Where we were called. */
  readonly here: string;
  readonly intervals: number | undefined;
  /** Only faults below these functions count; empty: all do. */
  readonly critical: readonly string[];
  readonly json: boolean;
  readonly quiet: boolean;
  /** Progress as lines of JSON, for the editor. */
  readonly progressLines: boolean;
  /** The file that gets the result instead of standard output. */
  readonly save: string | undefined;
  readonly project: Project | undefined;
  /** The values of the command's own options. */
  readonly own: Readonly<Record<string, unknown>>;
}

const OPTIONS: OptionKinds = {
  pid: { type: "string" },
  output: { type: "string", short: "o" },
  intervals: { type: "string" },
  stimulus: { type: "string" },
  after: { type: "string" },
  for: { type: "string" },
  whole: { type: "boolean" },
  timeout: { type: "string" },
  ring: { type: "string" },
  "warm-up": { type: "string" },
  pressure: { type: "boolean" },
  critical: { type: "boolean" },
  json: { type: "boolean" },
  quiet: { type: "boolean" },
  "progress-json": { type: "boolean" },
  save: { type: "string" },
  help: { type: "boolean", short: "h" },
};

/** What the help of both commands says of these options. */
export const CAMPAIGN_HELP = `The program, its stimuli and intervals are those of faultline.json. Without any, the interval is one second of the
program's run, after one second.

      --pid PID        a running process, which is left running; stimuli go to its FIFOs, sockets or as signals
      --stimulus NAME  only this stimulus of faultline.json
      --intervals N    how many intervals are run at the end
      --after SECONDS  the interval begins so long after the program's start
      --for SECONDS    … and lasts so long
      --whole          the interval is the whole run, from exec to exit
      --timeout SECONDS an interval that has not ended by then never will (10)
      --warm-up N      run the intervals N times before anything is evicted; otherwise until they take no fault
      --ring PAGES     pages of each cpu's ring buffer, a power of two
  -o, --output DIR     write the trace and the evidence there; otherwise into .faultline/traces
      --critical       only faults below the critical functions of faultline.json count; so it is, too, where it has
                       critical functions and no interval
      --pressure       reclaim the program's memory all the while the intervals last, in a cgroup of its own
      --json           the result as JSON on standard output
      --save FILE      write the result into FILE instead; it is the caller's, also under sudo
      --quiet          no progress on standard error
      --progress-json  progress as lines of JSON on standard error
      --help           this text
`;

/** undefined: help was asked for. Throws UserError. */
export function campaignOptions(
  command: string,
  args: readonly string[],
  own: OptionKinds = {},
): CampaignOptions | undefined {
  const options = { ...OPTIONS, ...own };
  const { own: words, argv } = splitProgram(args, options);
  const values: Readonly<Record<string, unknown>> = parsedArgs(command, { args: words, options }).values;
  if (values["help"] === true) return undefined;
  const text = (name: string): string | undefined => (typeof values[name] === "string" ? values[name] : undefined);
  const caller = callerBehindSudo();
  const here = caller?.workingDirectory ?? process.cwd();
  const file = findProject(here);
  for (const problem of file?.problems ?? []) say(problem);
  const pid = text("pid") === undefined ? undefined : wholeNumber("--pid", text("pid")!, 2 ** 22);
  if (pid !== undefined && argv.length > 0) throw new UserError("Name one thing: a program, or --pid.");
  const delays = delayedInterval(text("after"), text("for"));
  const project = file?.project;
  if (values["whole"] === true && (pid !== undefined || delays !== undefined))
    throw new UserError("--whole is a program from its exec to its exit: leave --pid, --after and --for out.");
  const occasions =
    values["whole"] === true
      ? [{ interval: WHOLE_RUN, stimulus: undefined }]
      : delays === undefined
        ? occasionsOf(project, text("stimulus"), pid !== undefined)
        : [{ interval: delays, stimulus: undefined }];
  const groups = pid === undefined && argv.length === 0 ? byArguments(occasions) : wholeApart(occasions);
  const ring = text("ring");
  const output = text("output");
  return {
    requests: groups.map((group, index) => ({
      target:
        pid === undefined
          ? program(file, argv, { here, caller, occasions: group, fixedAddresses: groups.length > 1 })
          : attached(pid, project, here),
      occasions: group,
      output: output === undefined ? undefined : resolve(here, index === 0 ? output : `${output}-${index + 1}`),
      tracesFolder: resolve(here, ".faultline", "traces"),
      caller,
      timeoutMs: text("timeout") === undefined ? undefined : 1000 * seconds("--timeout", text("timeout")!, "zero"),
      ringPages: ring === undefined ? undefined : ringPages(ring),
      warmUps: text("warm-up") === undefined ? undefined : wholeNumber("--warm-up", text("warm-up")!, 1_000_000),
      pressure: values["pressure"] === true,
      onNotice: say,
    })),
    caller,
    here,
    critical: criticalOf(project, values["critical"] === true),
    intervals: text("intervals") === undefined ? undefined : wholeNumber("--intervals", text("intervals")!, 1_000_000),
    json: values["json"] === true,
    quiet: values["quiet"] === true,
    progressLines: values["progress-json"] === true,
    save: text("save"),
    project,
    own: values,
  };
}

const DEFAULT_DELAY_MS = 1000;
const DEFAULT_LENGTH_MS = 1000;

function delayedInterval(after: string | undefined, length: string | undefined): Interval | undefined {
  if (after === undefined && length === undefined) return undefined;
  const from = after === undefined ? DEFAULT_DELAY_MS : 1000 * seconds("--after", after, "zero");
  return secondOf(from, length === undefined ? DEFAULT_LENGTH_MS : 1000 * seconds("--for", length, "zero"));
}

function secondOf(from: number, length: number): Interval {
  return {
    name: `${length} ms of the run`,
    from: { kind: "after", milliseconds: from },
    to: { kind: "after", milliseconds: from + length },
  };
}

/** Each interval with the stimulus it begins with; a stimulus no interval names ends when the program is quiet again. */
function occasionsOf(project: Project | undefined, only: string | undefined, attached: boolean): Occasion[] {
  const stimuli = project?.stimuli.filter(({ name }) => only === undefined || name === only) ?? [];
  if (only !== undefined && stimuli.length === 0) throw new UserError(`faultline.json has no stimulus called ${only}.`);
  const named = (project?.intervals ?? []).flatMap((interval): Occasion[] => {
    const { from } = interval;
    if (from?.kind !== "stimulus")
      return only === undefined ? [{ interval: repeatable(interval), stimulus: undefined }] : [];
    const found = stimuli.find(({ name }) => name === from.stimulus);
    if (found !== undefined) return [{ interval, stimulus: found }];
    if (only !== undefined) return [];
    throw new UserError(
      `The interval ${interval.name} begins with the stimulus ${from.stimulus}, which is not in faultline.json.`,
    );
  });
  const used = new Set(named.map(({ stimulus }) => stimulus));
  const rest = stimuli
    .filter((stimulus) => !used.has(stimulus))
    .map((stimulus) => ({ interval: untilQuiet(stimulus), stimulus }));
  const occasions = [...named, ...rest];
  if (occasions.length > 0) return occasions;
  return [{ interval: secondOf(attached ? 0 : DEFAULT_DELAY_MS, DEFAULT_LENGTH_MS), stimulus: undefined }];
}

const QUIET_MS = 20;

function untilQuiet({ name }: Stimulus): Interval {
  return { name, from: { kind: "stimulus", stimulus: name }, to: { kind: "quiet", milliseconds: QUIET_MS } };
}

/** What begins later and has no end but the program's can be seen once only, and nothing can be evicted before it. */
function repeatable(interval: Interval): Interval {
  if (interval.to !== undefined || interval.from === undefined) return interval;
  throw new UserError(
    `The interval ${interval.name} ends with the program, so that it cannot be run again: give it an end ("to" in faultline.json), or name a span with --after and --for.`,
  );
}

function criticalOf(project: Project | undefined, asked: boolean): readonly string[] {
  const names = project?.critical ?? [];
  if (asked && names.length === 0) {
    throw new UserError(
      'There are no critical functions: name them in faultline.json ("critical"), or leave --critical out.',
    );
  }
  return asked || project?.intervals.length === 0 ? names : [];
}

/** A process has one set of arguments: stimuli that want others get a process of their own. */
function byArguments(occasions: readonly Occasion[]): Occasion[][] {
  const groups = new Map<string, Occasion[]>();
  for (const occasion of occasions) {
    const key = JSON.stringify(occasion.stimulus?.arguments ?? "usual");
    groups.set(key, [...(groups.get(key) ?? []), occasion]);
  }
  return [...groups.values()].flatMap(wholeApart);
}

/** Whole runs are processes of their own, each. */
function wholeApart(occasions: readonly Occasion[]): Occasion[][] {
  const others = occasions.filter((occasion) => !isWholeRun(occasion));
  return [...(others.length > 0 ? [others] : []), ...occasions.filter(isWholeRun).map((occasion) => [occasion])];
}

interface Start {
  readonly here: string;
  readonly caller: Caller | undefined;
  readonly occasions: readonly Occasion[];
  readonly fixedAddresses: boolean;
}

function program(
  file: ProjectFile | undefined,
  argv: readonly string[],
  { here, caller, occasions, fixedAddresses }: Start,
): CampaignTarget {
  const project = file?.project;
  const own = { caller, fixedAddresses };
  if (argv.length > 0) {
    return { kind: "launch", program: { argv, workingDirectory: here, environment: {}, ...own } };
  }
  if (file === undefined || project?.program === undefined) {
    throw new UserError("There is no program: name one (… -- PROGRAM), or let faultline.json name one.");
  }
  const { workingDirectory, environment } = project;
  if (statSync(workingDirectory, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new UserError(`The working directory ${printable(workingDirectory)} of ${file.path} is no folder.`);
  }
  const words = [project.program, ...(occasions[0]?.stimulus?.arguments ?? project.arguments)];
  const path = resolve(workingDirectory, words[0]!);
  if (words[0]!.includes("/") && statSync(path, { throwIfNoEntry: false }) === undefined) {
    const build = project.build === undefined ? "build it" : `build it (${shellWords(project.build)})`;
    throw new UserError(`There is no program ${printable(words[0]!)} yet: ${printable(build)}, then try again.`);
  }
  // It was not typed, so it is shown: a project's file decides what is run.
  say(`${relative(here, file.path) || file.path}: ${printable(shellWords(words))}`);
  for (const { stimulus } of occasions) {
    if (stimulus?.action.kind !== "command") continue;
    say(`stimulus ${printable(stimulus.name)}: ${printable(shellWords(stimulus.action.argv))}`);
  }
  return { kind: "launch", program: { argv: words, workingDirectory, environment, ...own } };
}

function attached(pid: number, project: Project | undefined, here: string): CampaignTarget {
  if (pid === process.pid) throw new UserError("Faultline cannot evict itself: name another process.");
  return { kind: "attach", pid, folder: project?.workingDirectory ?? here };
}
