/** What a campaign asks of the recorder: every fault with its callchain, and no more than that. */
import type { RecordRequest } from "../request.js";

export function recordRequest(
  campaign: Pick<RecordRequest, "ringPages" | "output" | "tracesFolder" | "caller"> &
    Required<Pick<RecordRequest, "onNotice">>,
  target: RecordRequest["target"],
): RecordRequest {
  const { ringPages, output, tracesFolder, caller, onNotice } = campaign;
  return {
    target,
    light: false,
    access: false,
    callchains: true,
    userOnly: false,
    ringPages,
    seconds: undefined,
    output,
    tracesFolder,
    caller,
    onNotice,
  };
}
