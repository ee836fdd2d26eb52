/** How far a campaign is, as lines that the editor reads: `--progress-json` writes them to standard error. */
import { numberOf, objectOf, parsedJson, type JsonObject } from "../base/json-fields.js";

export type CampaignProgress =
  | { readonly kind: "warming-up" }
  | { readonly kind: "round"; readonly round: number; readonly faults: number; readonly locked: number }
  | { readonly kind: "leave-one-out"; readonly done: number; readonly of: number }
  /** Intervals at the end of a search, or those of a proof. */
  | { readonly kind: "interval"; readonly done: number; readonly of: number }
  /** There is an answer, or a refusal, and whoever runs it elevated gets to know more. */
  | { readonly kind: "limited" };

/** With its line end. */
export function encodeProgress(progress: CampaignProgress): string {
  return `${JSON.stringify({ progress })}\n`;
}

/** undefined for every other line: sentences stand there, too. */
export function decodeProgress(line: string): CampaignProgress | undefined {
  const fields = objectOf(objectOf(parsedJson(line))?.["progress"]);
  if (fields === undefined) return undefined;
  const number = (name: string): number => numberOf((fields as JsonObject)[name]) ?? 0;
  const kind = fields["kind"];
  switch (kind) {
    case "warming-up":
    case "limited":
      return { kind };
    case "round":
      return { kind, round: number("round"), faults: number("faults"), locked: number("locked") };
    case "leave-one-out":
    case "interval":
      return { kind, done: number("done"), of: number("of") };
    default:
      return undefined;
  }
}
