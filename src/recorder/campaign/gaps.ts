/** What a campaign cannot speak about. */
import type { Gap } from "../../core/memlock/lock-set.js";
import type { Eviction } from "../evict/evict.js";
import type { StayReason } from "../evict/look.js";
import type { RunDigest } from "./run-findings.js";
import type { OpenCampaign } from "./open-campaign.js";

export function gapsOf(
  open: Pick<OpenCampaign, "trace" | "refusal">,
  eviction: Eviction | undefined,
  runs: readonly RunDigest[],
): Gap[] {
  const gaps: Gap[] = [];
  if (open.trace === undefined) gaps.push({ code: "no-events", detail: open.refusal?.code });
  else if (open.trace.grant.userOnly !== "no") gaps.push({ code: "no-kernel-events" });
  const stayed = eviction?.stayed ?? [];
  const pagesOf = (reasons: readonly StayReason[]): number =>
    stayed
      .filter(({ reason }) => reasons.includes(reason))
      .reduce((sum, { runs: parts }) => sum + parts.reduce((pages, part) => pages + part.pages, 0), 0);
  const unswappable = pagesOf(["no-swap"]);
  if (unswappable > 0) gaps.push({ code: "no-swap", detail: String(unswappable) });
  const touched = Math.max(0, ...runs.map((run) => run.unswappable ?? 0));
  if (touched > 0) gaps.push({ code: "touched-unswappable", detail: String(touched) });
  const resistant = pagesOf(["anonymous", "file"]);
  if (resistant > 0) gaps.push({ code: "stayed-resident", detail: String(resistant) });
  const files = new Set(stayed.filter(({ reason }) => reason === "file").map(({ mapping }) => mapping.name));
  for (const detail of files) gaps.push({ code: "shared-with-others", detail });
  const lost = runs.reduce((sum, { lost: records }) => sum + records, 0);
  if (lost > 0) gaps.push({ code: "lost-records", detail: String(lost) });
  const endless = runs.find(({ ended }) => !ended);
  if (endless !== undefined) gaps.push({ code: "no-end", detail: endless.stimulus ?? endless.interval });
  const idle = runs.find(({ ended, ran }) => ended && !ran);
  if (idle !== undefined) gaps.push({ code: "nothing-ran", detail: idle.stimulus ?? idle.interval });
  return gaps;
}
