/** Knows when an interval is over. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Interval, Moment } from "../../core/trace/intervals.js";
import { monotonicNow } from "../run-draft.js";
import { ranBetween, readCounters } from "./counters.js";
import type { CampaignTrace } from "./campaign-trace.js";
import type { AnswerStream } from "./stimulus.js";
import type { Target } from "./target.js";

export type IntervalEnding =
  | { readonly kind: "seen" }
  /** Not within the time it had. */
  | { readonly kind: "timeout"; readonly milliseconds: number }
  /** The program ended where that was not the interval's end. */
  | { readonly kind: "target-ended" };

export interface EndWatch {
  /** Resolves when the end has come. To be called once. */
  wait(timeoutMs: number, stop: AbortSignal): Promise<IntervalEnding>;
}

/** What the end is looked for in. */
export interface EndSources {
  readonly target: Target;
  readonly trace: CampaignTrace | undefined;
  readonly answers: AnswerStream | undefined;
  /** Where the interval begins after a delay: milliseconds after the start. */
  readonly beginsAfterMs: number;
}

/** To be made before the stimulus is given: what was written earlier is no end. Throws UserError. */
export function watchEnd({ from, to }: Interval, sources: EndSources): EndWatch {
  const { target } = sources;
  const condition = from?.kind === "mark" ? afterMark(from.mark, to, sources) : conditionOf(to, sources);
  return {
    wait: async (timeoutMs, stop) => {
      const over = new AbortController();
      const end = AbortSignal.any([over.signal, stop]);
      const timer = setTimeout(() => over.abort(), timeoutMs);
      try {
        if (await condition(end)) return { kind: "seen" };
        if (target.hasEnded) return to === undefined ? { kind: "seen" } : { kind: "target-ended" };
        return { kind: "timeout", milliseconds: timeoutMs };
      } finally {
        clearTimeout(timer);
        over.abort();
      }
    },
  };
}

const LOOK_MS = 1;
/** Between two looks into what was recorded so far. */
const MARK_LOOK_MS = 5;

function conditionOf(to: Moment | undefined, sources: EndSources): (end: AbortSignal) => Promise<boolean> {
  const { target, trace, answers } = sources;
  switch (to?.kind) {
    case "output": {
      const stream = to.on === "answer" && answers !== undefined ? answers : target.output(to.on);
      const position = stream.position;
      return (end) => endsWith(target, end, (signal) => stream.until(to.output, position, signal));
    }
    case "mark": {
      const from = monotonicNow();
      return (end) =>
        poll(target, end, MARK_LOOK_MS, async () => (await trace?.markSince(to.mark, from)) !== undefined);
    }
    case "quiet":
      return (end) => untilQuiet(target, to.milliseconds, end);
    case "after":
      // From when it is waited for: letting the program go takes time as well, and on a busy machine more than that.
      return (end) => {
        const until = performance.now() + Math.max(0, to.milliseconds - sources.beginsAfterMs);
        return poll(target, end, LOOK_MS, () => Promise.resolve(performance.now() >= until));
      };
    case "stimulus":
      return () => Promise.resolve(true);
    case undefined:
      return (end) => poll(target, end, LOOK_MS, () => Promise.resolve(false));
  }
}

/** The beginning first: an end that comes before it belongs to an interval that was under way already. */
function afterMark(mark: string, to: Moment | undefined, sources: EndSources): (end: AbortSignal) => Promise<boolean> {
  const { target, trace } = sources;
  const since = monotonicNow();
  return async (end) => {
    let begun: number | undefined;
    const hasBegun = async (): Promise<boolean> => (begun = await trace?.markSince(mark, since)) !== undefined;
    if (!(await poll(target, end, MARK_LOOK_MS, hasBegun)) || begun === undefined) return false;
    const after = begun + 1;
    if (to?.kind !== "mark") return conditionOf(to, sources)(end);
    return poll(target, end, MARK_LOOK_MS, async () => (await trace?.markSince(to.mark, after)) !== undefined);
  };
}

/** A target that ends writes nothing more, whatever its children hold open. */
async function endsWith(
  target: Target,
  end: AbortSignal,
  wait: (signal: AbortSignal) => Promise<boolean>,
): Promise<boolean> {
  const gone = new AbortController();
  const timer = setInterval(() => {
    if (target.hasEnded) setTimeout(() => gone.abort(), DRAIN_MS);
  }, LAST_LOOK_MS);
  try {
    return await wait(AbortSignal.any([end, gone.signal]));
  } finally {
    clearInterval(timer);
  }
}

/** How often we look whether the target is still there while we wait for its output, and how long its last words take. */
const LAST_LOOK_MS = 20;
const DRAIN_MS = 50;

async function poll(target: Target, end: AbortSignal, everyMs: number, done: () => Promise<boolean>): Promise<boolean> {
  while (!end.aborted) {
    if (await done()) return true;
    if (target.hasEnded) return false;
    await sleep(everyMs);
  }
  return false;
}

async function untilQuiet(target: Target, milliseconds: number, end: AbortSignal): Promise<boolean> {
  let last = readCounters(target.pid);
  let since = performance.now();
  while (!end.aborted && !target.hasEnded) {
    await sleep(LOOK_MS);
    const now = readCounters(target.pid);
    if (last === undefined || now === undefined) return false;
    if (ranBetween(last, now).length > 0 || now.minor + now.major > last.minor + last.major) since = performance.now();
    else if (performance.now() - since >= milliseconds) return true;
    last = now;
  }
  return false;
}

/** Longest that is waited for threads which still run after the end was seen: the way back to where they wait. */
const SETTLE_MS = 100;
const CALM_MS = 2;

/** The interval's tail belongs to it: a thread that has written its answer still has to go back to sleep. */
export async function settle(target: Target): Promise<void> {
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(), SETTLE_MS);
  await untilQuiet(target, CALM_MS, over.signal);
  clearTimeout(timer);
}
