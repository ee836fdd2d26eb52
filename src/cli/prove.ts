/** `faultline prove`: whether the intervals take page faults after everything that is not locked was evicted. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { mergedGaps } from "../core/memlock/merge-observations.js";
import { proofOf, type Proof, type ProofObservation } from "../core/memlock/proof.js";
import { proofText } from "../core/report/proof-text.js";
import { english } from "../core/report/translate.js";
import { withRightsOf } from "../recorder/elevation.js";
import { prove as proveIntervals } from "../recorder/prove.js";
import { runCampaignCommand } from "./campaign-command.js";
import { CAMPAIGN_HELP, type CampaignOptions } from "./campaign-options.js";
import { injectionInto } from "./injection.js";

const HELP = `usage: faultline prove [OPTIONS] [-- PROGRAM [ARGUMENTS…]]

Starts the program, takes everything that is not locked out of its memory before each interval, verifies that it is
gone, runs the interval, and counts its page faults twice: by perf events and by the kernel's own counters.

${CAMPAIGN_HELP}      --no-evict       leave everything in memory, which proves nothing

Exits 0 (fault-free), 1 (there are faults, or nothing was proved; the reasons are named) or 2 (it could not be run).
`;

const DEFAULT_INTERVALS = 20;
const PRIVATE_FILE = 0o600;
const PRIVATE_FOLDER = 0o700;

export function prove(args: readonly string[]): Promise<number> {
  return runCampaignCommand(
    {
      name: "prove",
      help: HELP,
      options: { "no-evict": { type: "boolean" } },
      stopped: "Stopped: nothing was proved.",
      observe: (request, { intervals, project, critical, own }, progress, stop) =>
        proveIntervals(
          {
            ...request,
            evicting: own["no-evict"] !== true,
            intervals: intervals ?? DEFAULT_INTERVALS,
            critical,
            budget: project?.budget ?? 0,
            onProgress: (done, of) => {
              progress.show(`interval ${done} of ${of}`);
              progress.step({ kind: "interval", done, of });
            },
          },
          injectionInto,
          stop,
        ),
      answer: (observations, options) => {
        const proof = proofOf(mergeProofs(observations));
        keepEvidence(options, proof);
        return {
          json: proof,
          text: (style, width) => proofText(proof, { style, width, translate: english, top: SHOWN_ROWS }),
          gaps: proof.gaps,
          yes: proof.verdict === "fault-free",
        };
      },
    },
    args,
  );
}

/** Starts of one program with different arguments: the intervals of all of them, and every gap. */
function mergeProofs(observations: readonly ProofObservation[]): ProofObservation {
  const [first, ...rest] = observations;
  const last = observations.at(-1);
  if (first === undefined || last === undefined || rest.length === 0) return first!;
  return {
    ...last,
    startedAt: first.startedAt,
    intervals: observations.flatMap((one) => one.intervals),
    events: observations.some(({ events }) => events === undefined) ? undefined : last.events,
    gaps: mergedGaps(observations.flatMap((one) => one.gaps)),
  };
}

/** Beside the records it is about, for whoever reviews it; where there are none, in the folder of all that is ours. */
function keepEvidence({ requests, caller }: CampaignOptions, proof: Proof): void {
  const { tracePath, startedAt } = proof.evidence;
  const path =
    tracePath === undefined
      ? join(dirname(requests[0]!.tracesFolder), `proof-${startedAt.replace(/[-:]|\..*/g, "")}.json`)
      : join(tracePath, "proof.json");
  withRightsOf(caller, () => {
    mkdirSync(dirname(path), { recursive: true, mode: PRIVATE_FOLDER });
    writeFileSync(path, `${JSON.stringify(proof, undefined, 2)}\n`, { mode: PRIVATE_FILE });
  });
}

const SHOWN_ROWS = 20;
