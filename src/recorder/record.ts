/** Records one target: launched, attached to, or waited for. */
import type { RecordOutcome, RecordRequest } from "./request.js";
import { recordLaunch } from "./record-launch.js";

/**
 * Runs until the target ends, `stop` is raised or the time is over. Throws RecorderRefusal where the kernel or the
 * program's own rights forbid it, UserError where the request cannot be met.
 */
export async function record(request: RecordRequest, stop: AbortSignal): Promise<RecordOutcome> {
  const { target } = request;
  switch (target.kind) {
    case "launch":
      return recordLaunch(request, target, stop);
    case "attach":
    case "wait":
      throw new Error("not yet");
  }
}
