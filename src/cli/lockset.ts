/** `faultline lockset`: the pages a program must lock so that its intervals take no fault. */
import { writeFileSync } from "node:fs";
import { isAbsolute, join, relative, resolve } from "node:path";
import { lockSetOf } from "../core/memlock/build-lock-set.js";
import type { LockSetObservation } from "../core/memlock/lock-set.js";
import { LiveProcess } from "../core/memlock/live-process.js";
import { mergeObservations } from "../core/memlock/merge-observations.js";
import { withReach } from "../core/reach/lock-reach.js";
import { generatedSource } from "../core/report/generated-source.js";
import { lockSetText } from "../core/report/lock-set-text.js";
import { sourceMapper } from "../core/report/source-map.js";
import { english } from "../core/report/translate.js";
import { checkCritical, criticalReach } from "../host/critical-reach.js";
import type { Project } from "../host/project-file.js";
import { openedImages } from "../host/report-input.js";
import { UserError } from "../host/user-error.js";
import { withRightsOf } from "../recorder/elevation.js";
import type { LoopProgress } from "../recorder/campaign/lock-loop.js";
import type { CampaignTarget } from "../recorder/campaign/open-campaign.js";
import { findLockSet } from "../recorder/lockset.js";
import { runCampaignCommand, type CampaignAnswer } from "./campaign-command.js";
import { CAMPAIGN_HELP, type CampaignOptions } from "./campaign-options.js";
import { injectionInto } from "./injection.js";
import type { Progress } from "./progress.js";
import { say } from "./say.js";

const HELP = `usage: faultline lockset [OPTIONS] [-- PROGRAM [ARGUMENTS…]]

Finds what to lock: starts the program, takes everything out of its memory, runs an interval, locks the pages that
faulted, and again until no interval faults; then unlocks each page alone, and what no interval has missed goes. A page
that one interval missed with all others locked stays, even if the intervals that leave it out do well without.

${CAMPAIGN_HELP}      --with-reach     the set holds what the critical functions of faultline.json could reach as well, executed or not
      --c FILE         write a C file that makes the program lock the set by itself, with runtime/faultline.h

Exits 0 (the intervals take no fault with the set), 1 (they still do) or 2 (it could not be found).
`;

/** More than a proof needs: rarer paths of the program show up in a longer look. */
const DEFAULT_INTERVALS = { least: 20, most: 100 };
const PRIVATE_FILE = 0o600;

export function lockset(args: readonly string[]): Promise<number> {
  return runCampaignCommand(
    {
      name: "lockset",
      help: HELP,
      options: { c: { type: "string" }, "with-reach": { type: "boolean" } },
      stopped: "Stopped: no lock set was found.",
      observe: async (request, { intervals, critical, own, project, caller }, progress, stop) => {
        if (own["with-reach"] === true) withRightsOf(caller, () => checkReach(request.target, project));
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
        return search.observation;
      },
      answer: (observations, options) => {
        const merged = mergeObservations(observations);
        return answered(options.own["with-reach"] === true ? reachedToo(merged, options) : merged, options);
      },
    },
    args,
  );
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

function answered(observation: LockSetObservation, { project, caller, here, own }: CampaignOptions): CampaignAnswer {
  const images = openedImages(observation.tracePath ?? here, undefined);
  try {
    const mapSource = sourceMapper(project?.sourceMap ?? {});
    const set = lockSetOf(observation, { resolve: images.resolve, mapSource });
    const folder = observation.tracePath;
    if (folder !== undefined) {
      const evidence = `${JSON.stringify({ ...set, evidence: observation }, undefined, 1)}\n`;
      withRightsOf(caller, () => writeFileSync(join(folder, "lockset.json"), evidence, { mode: PRIVATE_FILE }));
    }
    const file = own["c"];
    if (typeof file === "string") {
      withRightsOf(caller, () => writeFileSync(resolve(here, file), generatedSource(set)));
      say(`The set as C is in ${file}: link it with the program, which calls faultline_lock(0) of faultline.h.`);
    }
    const displayPath = (path: string): string => shorter(here, path);
    return {
      json: set,
      text: (style, width) => lockSetText(set, { style, width, translate: english, displayPath }),
      gaps: set.gaps,
      yes: set.verdict === "irreducible" || set.verdict === "sufficient",
    };
  } finally {
    images.close();
  }
}

/** Told before the search: it takes minutes. What is looked up in PATH is checked after it. */
function checkReach(target: CampaignTarget, project: Project | undefined): void {
  const names = namedCritical(project);
  const path =
    target.kind === "attach"
      ? `/proc/${target.pid}/exe`
      : resolve(target.program.workingDirectory, target.program.argv[0] ?? "");
  if (target.kind === "attach" || target.program.argv[0]?.includes("/") === true) checkCritical(path, names);
}

function namedCritical(project: Project | undefined): readonly string[] {
  const names = project?.critical ?? [];
  if (names.length > 0) return names;
  throw new UserError(
    'There are no critical functions to reach anything from: name them in faultline.json ("critical"), or leave --with-reach out.',
  );
}

function reachedToo(observation: LockSetObservation, { project, here, caller }: CampaignOptions): LockSetObservation {
  const images = openedImages(observation.tracePath ?? here, undefined);
  try {
    const process = new LiveProcess(observation, images.resolve);
    const program = process.programImage();
    if (program === undefined) throw new UserError("The program's own file could not be read: leave --with-reach out.");
    const reach = withRightsOf(caller, () => criticalReach(program.path, namedCritical(project)));
    if (reach.unread.length > 0)
      say(`${reach.unread.length} functions could not be disassembled: more may be reached. Install binutils or llvm.`);
    return withReach(observation, reach, {
      bias: program.bias,
      isMapped: (address) => process.mappingAt(address) !== undefined,
    });
  } finally {
    images.close();
  }
}

function shorter(here: string, file: string): string {
  const path = relative(here, file);
  return path === "" || path.startsWith("..") || isAbsolute(path) ? file : path;
}
