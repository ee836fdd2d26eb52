/** Runs intervals until they take no fault by themselves: what happens only once is over then. */
import { UserError } from "../../host/user-error.js";
import type { Campaign, IntervalRun, Occasion } from "./campaign.js";
import type { Target } from "./target.js";

export interface WarmUp {
  readonly intervals: number;
  /** False: intervals still took faults without anything being evicted. */
  readonly settled: boolean;
}

/** Enough for whatever happens only once: lazy binding, buffers, the clock. */
const FIRST_WARM_UPS = 3;
/** Warm until so many intervals in a row took no fault … */
const QUIET_WARM_UPS = 64;
/** … or it takes too long. */
const MAX_WARM_UPS = 2000;
const MAX_WARM_UP_MS = 15_000;

/** Intervals that begin after a delay: the program has had it then. */
export async function passDelays(occasions: readonly Occasion[], target: Target): Promise<void> {
  const delays = occasions.map(({ interval: { from } }) => (from?.kind === "after" ? from.milliseconds : 0));
  const until = performance.now() + Math.max(0, ...delays);
  while (performance.now() < until && !target.hasEnded) await new Promise((resolve) => setTimeout(resolve, 5));
}

export interface WarmUpRequest {
  readonly occasions: readonly Occasion[];
  /** How often intervals are run; undefined: until they take no fault. */
  readonly warmUps: number | undefined;
  /** Pages are to be locked: an interval that does not end is an error then; otherwise warming up ends with it. */
  readonly locking: boolean;
}

export async function warmUp(campaign: Campaign, { occasions, warmUps, locking }: WarmUpRequest): Promise<WarmUp> {
  const begun = performance.now();
  let quiet = 0;
  for (let done = 0; ;) {
    let faults = 0;
    for (const occasion of occasions) {
      const run = await campaign.warm(occasion);
      if (locking) requireArrival(run, done);
      else if (run.ending.kind !== "seen") return { intervals: done, settled: false };
      faults += (run.counted?.minor ?? 0) + (run.counted?.major ?? 0);
      done += 1;
    }
    quiet = faults === 0 ? quiet + 1 : 0;
    if (warmUps !== undefined ? done >= warmUps : quiet >= QUIET_WARM_UPS)
      return { intervals: done, settled: quiet > 0 };
    if (warmUps !== undefined) continue;
    const enough = done >= MAX_WARM_UPS || performance.now() - begun > MAX_WARM_UP_MS;
    if (enough && done >= FIRST_WARM_UPS * occasions.length) return { intervals: done, settled: quiet > 0 };
  }
}

/** A stimulus that does nothing is told at once, not after an hour of rounds. */
function requireArrival(run: IntervalRun, before: number): void {
  if (run.ending.kind === "seen") return;
  const name = run.stimulus === undefined ? run.interval : `${run.interval} (stimulus ${run.stimulus})`;
  const what =
    run.ending.kind === "timeout"
      ? `its end was not seen within ${run.ending.milliseconds} ms`
      : "the program ended in it";
  const times = before === 0 ? "the first time" : `after ${before} times that went well`;
  throw new UserError(
    `The interval ${name} was run ${times}, and ${what}: see "intervals" and "stimuli" in faultline.json.`,
  );
}
