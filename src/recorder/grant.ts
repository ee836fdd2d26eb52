/** Finds out by trying what this kernel lets this user record. */
import { closeSync } from "node:fs";
import { encodeAttribute } from "../core/perf/attr.js";
import { chooseEvents, type Grant } from "./events.js";
import { SystemCallError } from "./ffi/libc.js";
import { openEvent, THIS_THREAD } from "./ffi/perf-event.js";
import { refusal } from "./session.js";

const ANY_CPU = -1;

/** Throws RecorderRefusal where not even user-mode faults of our own thread may be counted. */
export function findGrant(userOnlyAsked: boolean): Grant {
  const kernels: Pick<Grant, "buildIds" | "lostCounts">[] = [
    { buildIds: true, lostCounts: true },
    { buildIds: true, lostCounts: false },
    { buildIds: false, lostCounts: false },
  ];
  let userOnly: Grant["userOnly"] = userOnlyAsked ? "asked" : "no";
  for (;;) {
    const [kernel, ...older] = kernels;
    const grant = { userOnly, ...kernel! };
    const error = attempt(grant);
    if (error === undefined) return grant;
    if (error.code === "EINVAL" && older.length > 0) kernels.shift();
    else if (error.code === "EACCES" && userOnly === "no") userOnly = "unprivileged";
    else throw refusal("perf_event_open", error, { userOnly: userOnly !== "no" });
  }
}

function attempt(grant: Grant): SystemCallError | undefined {
  const [first] = chooseEvents({ light: true, callchains: false, attaching: false }, [], grant);
  try {
    closeSync(openEvent(encodeAttribute(first!.attribute), THIS_THREAD, ANY_CPU));
    return undefined;
  } catch (error) {
    if (error instanceof SystemCallError) return error;
    throw error;
  }
}
