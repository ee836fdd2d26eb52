/** Records one target: launched, attached to, or waited for. */
import { basename } from "node:path";
import { refusalText } from "../core/report/refusals.js";
import { english } from "../core/report/translate.js";
import type { RefusalCode } from "../core/trace/refusal.js";
import { statOf } from "../host/proc-snapshot.js";
import { UserError } from "../host/user-error.js";
import type { Grant } from "./events.js";
import { findGrant } from "./grant.js";
import { recordByPagemap, type PagemapRequest } from "./pagemap-record.js";
import { prepareLaunch, recordLaunch } from "./record-launch.js";
import { recordAttach } from "./record-attach.js";
import { makeFolder } from "./recording.js";
import { outOfFiles, RecorderRefusal } from "./refusal.js";
import type { RecordOutcome, RecordRequest } from "./request.js";
import { waitForProcess } from "./wait-for.js";

/**
 * Runs until the target ends, `stop` is raised or the time is over. Throws RecorderRefusal where the kernel or the
 * program's own rights forbid it, UserError where the request cannot be met.
 */
export async function record(request: RecordRequest, stop: AbortSignal): Promise<RecordOutcome> {
  try {
    return await recordTarget(request, stop);
  } catch (error) {
    throw outOfFiles(error) ?? error;
  }
}

async function recordTarget(request: RecordRequest, stop: AbortSignal): Promise<RecordOutcome> {
  const { target } = request;
  if (target.kind === "wait") return recordNext(request, target.name, stop);
  // A program that is not there is told before permissions are.
  const plan = target.kind === "launch" ? prepareLaunch(target, request.caller) : undefined;
  const grant = grantOrRefusal(request.userOnly);
  if (grant.refused !== undefined) return withoutEvents({ ...request, target }, grant.refused, stop);
  if (plan !== undefined) return recordLaunch(request, plan, grant.granted, stop);
  return recordAttach(request, grant.granted, target.kind === "attach" ? target.pid : 0, stop);
}

async function recordNext(request: RecordRequest, name: string, stop: AbortSignal): Promise<RecordOutcome> {
  const pid = await waitForProcess(name, stop, () => {
    request.onNotice?.(`Waiting for the next process called ${name}; Ctrl-C ends it.`);
  });
  if (pid === undefined) throw new UserError(`No process called ${name} was started while Faultline waited.`);
  const missed = statOf(pid);
  if (missed !== undefined) {
    request.onNotice?.(
      `Process ${pid} is ${name}; it had taken ${missed.minorFaults + missed.majorFaults} page faults before Faultline saw it, which are not recorded.`,
    );
  }
  return record({ ...request, target: { kind: "attach", pid } }, stop);
}

type GrantOrRefusal =
  | { readonly granted: Grant; readonly refused: undefined }
  | { readonly granted: undefined; readonly refused: RecorderRefusal };

function grantOrRefusal(userOnly: boolean): GrantOrRefusal {
  try {
    return { granted: findGrant(userOnly), refused: undefined };
  } catch (error) {
    if (error instanceof RecorderRefusal && NO_EVENTS_AT_ALL.includes(error.refusal.code)) {
      return { granted: undefined, refused: error };
    }
    throw error;
  }
}

/** Reasons for which no perf event of any kind can be had here. */
const NO_EVENTS_AT_ALL: readonly RefusalCode[] = [
  "paranoid",
  "seccomp",
  "security-module",
  "no-perf-events",
  "no-such-event",
];

async function withoutEvents(
  request: PagemapRequest,
  { refusal }: RecorderRefusal,
  stop: AbortSignal,
): Promise<RecordOutcome> {
  const { target } = request;
  request.onNotice?.(refusalText(refusal, english));
  request.onRefused?.(refusal);
  const name = target.kind === "launch" ? basename(target.argv[0] ?? "") : String(target.pid);
  return recordByPagemap(request, makeFolder(request, name, new Date()), refusal.code, stop);
}
