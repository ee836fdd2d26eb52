/** `faultline lockset`: the pages a program must lock so that its intervals take no fault. */
import { writeFileSync } from "node:fs";
import { isAbsolute, join, relative, resolve } from "node:path";
import { lockSetOf } from "../core/memlock/build-lock-set.js";
import type { LockSetObservation } from "../core/memlock/lock-set.js";
import { mergeObservations } from "../core/memlock/merge-observations.js";
import { generatedSource } from "../core/report/generated-source.js";
import { lockSetText } from "../core/report/lock-set-text.js";
import { refusalText } from "../core/report/refusals.js";
import { sourceMapper } from "../core/report/source-map.js";
import { coloured, plain } from "../core/report/style.js";
import { english } from "../core/report/translate.js";
import { openedImages } from "../host/report-input.js";
import { UserError } from "../host/user-error.js";
import { withRightsOf } from "../recorder/elevation.js";
import type { LoopProgress } from "../recorder/campaign/lock-loop.js";
import { findLockSet } from "../recorder/lockset.js";
import { RecorderRefusal } from "../recorder/refusal.js";
import { CAMPAIGN_HELP, campaignOptions, type CampaignOptions } from "./campaign-options.js";
import { injectionInto } from "./injection.js";
import { Progress } from "./progress.js";
import { say } from "./say.js";
import { stopOnSignals } from "./stop.js";
import { print, terminalWidth, wantsColour } from "./terminal.js";

const HELP = `usage: faultline lockset [OPTIONS] [-- PROGRAM [ARGUMENTS…]]

Finds what to lock: starts the program, takes everything out of its memory, runs an interval, locks the pages that
faulted, and again until no interval faults; then unlocks each page alone, and what no interval has missed goes. A page
that one interval missed with all others locked stays, even if the intervals that leave it out do well without.

${CAMPAIGN_HELP}      --c FILE         write a C file that makes the program lock the set by itself, with runtime/faultline.h

Exits 0 (the intervals take no fault with the set), 1 (they still do) or 2 (it could not be found).
`;

/** More than a proof needs: rarer paths of the program show up in a longer look. */
const DEFAULT_INTERVALS = { least: 20, most: 100 };
const PRIVATE_FILE = 0o600;

export async function lockset(args: readonly string[]): Promise<number> {
  const options = campaignOptions("lockset", args, { c: { type: "string" } });
  if (options === undefined) {
    process.stdout.write(HELP);
    return 0;
  }
  const progress = new Progress(options.quiet, options.progressLines);
  const stop = stopOnSignals();
  try {
    const observation = await searchFor(options, progress, stop.signal);
    progress.end();
    return await finish(options, observation);
  } catch (error) {
    if (error instanceof RecorderRefusal) throw new UserError(refusalText(error.refusal, english));
    throw stop.signal.aborted ? new UserError("Stopped: no lock set was found.") : error;
  } finally {
    progress.end();
    stop.restore();
  }
}

async function searchFor(
  { requests, intervals, critical }: CampaignOptions,
  progress: Progress,
  stop: AbortSignal,
): Promise<LockSetObservation> {
  const observations: LockSetObservation[] = [];
  for (const request of requests) {
    progress.show("warming up");
    progress.step({ kind: "warming-up" });
    const search = await findLockSet(
      {
        ...request,
        evicting: true,
        critical,
        cleanIntervals: intervals === undefined ? DEFAULT_INTERVALS : { least: intervals, most: intervals },
        onProgress: (step) => {
          tell(progress, step);
        },
      },
      injectionInto,
      stop,
    );
    observations.push(search.observation);
  }
  return mergeObservations(observations);
}

function tell(progress: Progress, step: LoopProgress): void {
  switch (step.kind) {
    case "round":
      progress.step({ kind: "round", round: step.round.round, faults: step.round.faults, locked: step.locked });
      return progress.tell(
        `round ${step.round.round}: ${step.round.faults} faults, ${step.round.newPages} new pages, ${step.locked} locked`,
      );
    case "leave-one-out":
      progress.step({ kind: "leave-one-out", done: step.done, of: step.of });
      return progress.show(`leaving one out: ${step.done} of ${step.of}, ${step.dropped} dropped`);
    case "clean":
      progress.step({ kind: "interval", done: step.done, of: step.of });
      return progress.show(`clean interval ${step.done} of ${step.of}`);
  }
}

async function finish(options: CampaignOptions, observation: LockSetObservation): Promise<number> {
  const { caller, here } = options;
  const images = openedImages(observation.tracePath ?? here, undefined);
  try {
    const mapSource = sourceMapper(options.project?.sourceMap ?? {});
    const set = lockSetOf(observation, { resolve: images.resolve, mapSource });
    const folder = observation.tracePath;
    if (folder !== undefined) {
      const evidence = `${JSON.stringify({ ...set, evidence: observation }, undefined, 1)}\n`;
      withRightsOf(caller, () => writeFileSync(join(folder, "lockset.json"), evidence, { mode: PRIVATE_FILE }));
    }
    const file = options.own["c"];
    if (typeof file === "string") {
      withRightsOf(caller, () => writeFileSync(resolve(here, file), generatedSource(set)));
      say(`The set as C is in ${file}: link it with the program, which calls faultline_lock(0) of faultline.h.`);
    }
    const style = wantsColour() ? coloured : plain;
    const displayPath = (file: string): string => shorter(here, file);
    await print([
      options.json
        ? `${JSON.stringify(set, undefined, 1)}\n`
        : lockSetText(set, { style, width: terminalWidth(), translate: english, displayPath }),
    ]);
    return set.verdict === "irreducible" || set.verdict === "sufficient" ? 0 : 1;
  } finally {
    images.close();
  }
}

function shorter(here: string, file: string): string {
  const path = relative(here, file);
  return path === "" || path.startsWith("..") || isAbsolute(path) ? file : path;
}
