/** What `lockset` and `prove` do alike around their campaigns: options, progress, being stopped, and the answer. */
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Gap, GapCode } from "../core/memlock/lock-set.js";
import { refusalText } from "../core/report/refusals.js";
import { coloured, plain, type Style } from "../core/report/style.js";
import { english } from "../core/report/translate.js";
import { UserError } from "../host/user-error.js";
import { withRightsOf } from "../recorder/elevation.js";
import { RecorderRefusal } from "../recorder/refusal.js";
import type { OptionKinds } from "./arguments.js";
import { campaignOptions, type CampaignOptions } from "./campaign-options.js";
import { Progress } from "./progress.js";
import { say } from "./say.js";
import { stopOnSignals } from "./stop.js";
import { print, terminalWidth, wantsColour } from "./terminal.js";

export interface CampaignCommand<Observation> {
  readonly name: "lockset" | "prove";
  readonly help: string;
  readonly options: OptionKinds;
  /** Said when a person ends it before its time. */
  readonly stopped: string;
  /** One start of the program; there are several where stimuli want other arguments. */
  observe(
    request: CampaignOptions["requests"][0],
    options: CampaignOptions,
    progress: Progress,
    stop: AbortSignal,
  ): Promise<Observation>;
  /** From all of them; what is to be kept beside the trace is written here. */
  answer(observations: readonly Observation[], options: CampaignOptions): CampaignAnswer;
}

export interface CampaignAnswer {
  /** As --json prints it. */
  readonly json: object;
  text(style: Style, width: number): string;
  readonly gaps: readonly Gap[];
  /** Exit code 0, and not 1. */
  readonly yes: boolean;
}

/** The exit code. Throws UserError. */
export async function runCampaignCommand<Observation>(
  command: CampaignCommand<Observation>,
  args: readonly string[],
): Promise<number> {
  const options = campaignOptions(command.name, args, command.options);
  if (options === undefined) {
    process.stdout.write(command.help);
    return 0;
  }
  const progress = new Progress(options.quiet, options.progressLines);
  const stop = stopOnSignals();
  try {
    const observations: Observation[] = [];
    for (const request of options.requests) {
      progress.show("warming up");
      progress.step({ kind: "warming-up" });
      observations.push(await command.observe(request, options, progress, stop.signal));
    }
    const answer = command.answer(observations, options);
    progress.end();
    if (answer.gaps.some(({ code }) => WITHOUT_PRIVILEGE.includes(code))) progress.step({ kind: "limited" });
    await give(answer, options);
    return answer.yes ? 0 : 1;
  } catch (error) {
    if (error instanceof RecorderRefusal) {
      progress.step({ kind: "limited" });
      throw new UserError(refusalText(error.refusal, english));
    }
    throw stop.signal.aborted ? new UserError(command.stopped) : error;
  } finally {
    progress.end();
    stop.restore();
  }
}

/** Gaps that who runs it elevated does not have. */
const WITHOUT_PRIVILEGE: readonly GapCode[] = ["no-events", "no-kernel-events", "shared-with-others"];
const PRIVATE_FILE = 0o600;

async function give(answer: CampaignAnswer, { json, save, here, caller }: CampaignOptions): Promise<void> {
  const printed = (style: Style): string =>
    json ? `${JSON.stringify(answer.json, undefined, 1)}\n` : answer.text(style, terminalWidth());
  if (save === undefined) return print([printed(wantsColour() ? coloured : plain)]);
  withRightsOf(caller, () => writeFileSync(resolve(here, save), printed(plain), { mode: PRIVATE_FILE }));
  say(`The result is in ${save}.`);
}
