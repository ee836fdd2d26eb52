/** The target of a recording without perf events: started and held before its first instruction, or attached to. */
import { readlinkSync } from "node:fs";
import { constants } from "node:os";
import { readProc } from "../host/proc-snapshot.js";
import { withRightsOf, type Caller } from "./elevation.js";
import { nextChange } from "./ffi/child.js";
import { inheritedDescriptors } from "./inherited-descriptors.js";
import { findProgram, launch, nameOf, targetEnvironment, type LaunchTarget } from "./launch.js";
import { snapshotOf } from "./pagemap-snapshot.js";
import { RecorderRefusal, refusalOf } from "./refusal.js";

export interface PagemapTarget {
  readonly pid: number;
  readonly launched: boolean;
  readonly command: readonly string[];
  readonly workingDirectory: string;
  readonly environmentNames: readonly string[];
  /** Path of the program. */
  readonly program: string;
}

/**
 * The target stands, stopped, in the place of a shell that execs it when continued: nothing of its own start is
 * missed. Environment, terminal, user and process group are the target's already. Throws RecorderRefusal.
 */
export async function startHeld(target: LaunchTarget, caller: Caller | undefined): Promise<PagemapTarget> {
  const descriptors = inheritedDescriptors(process.env);
  const environment = targetEnvironment(target, caller);
  const program = withRightsOf(caller, () => findProgram(target, environment));
  const argv = ["sh", "-c", WAITING_SHELL, "sh", ...target.argv];
  const pid = launch({ ...target, argv }, SHELL, environment, descriptors, caller);
  const change = await nextChange(pid);
  if (change.kind !== "stopped") refuse("launch", constants.errno.ESRCH, undefined);
  return {
    pid,
    launched: true,
    command: target.argv,
    workingDirectory: target.workingDirectory,
    environmentNames: environment.map(nameOf),
    program,
  };
}

/** Throws RecorderRefusal where the process is gone or must not be looked into. */
export function attachTo(pid: number, pageSize: number): PagemapTarget {
  if (readProc(`${pid}/stat`) === undefined) refuse("attach", constants.errno.ESRCH, pid);
  if (snapshotOf(pid, pageSize) === undefined) refuse("attach", constants.errno.EACCES, pid);
  const names = (readProc(`${pid}/environ`) ?? "").split("\0").filter((entry) => entry !== "");
  return {
    pid,
    launched: false,
    command: (readProc(`${pid}/cmdline`) ?? "").split("\0").slice(0, -1),
    workingDirectory: linkOf(pid, "cwd"),
    environmentNames: names.map(nameOf),
    program: linkOf(pid, "exe"),
  };
}

const SHELL = "/bin/sh";
const WAITING_SHELL = 'kill -STOP $$; exec "$@"';

/** Where /proc/PID/NAME leads; "" where that cannot be read. */
export function linkOf(pid: number, name: string): string {
  try {
    return readlinkSync(`/proc/${pid}/${name}`);
  } catch {
    return ""; // Gone meanwhile.
  }
}

function refuse(call: "launch" | "attach", errno: number, pid: number | undefined): never {
  throw new RecorderRefusal(refusalOf(call, errno, { userOnly: true, ...(pid === undefined ? {} : { pid }) }));
}
