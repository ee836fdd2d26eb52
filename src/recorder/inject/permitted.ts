/** Whether calls may be made inside a process: it must be the caller's own in every respect. */
import { readFileSync, statSync } from "node:fs";
import { InjectionRefused } from "./injection-refused.js";

export interface TargetIdentity {
  readonly pid: number;
  /** Clock ticks since boot: the same pid started at another time is another process. */
  readonly startTicks: string;
}

/**
 * @param uid whose processes may be touched; undefined: everybody's, as only root may ask.
 * Throws InjectionRefused.
 */
export function permitted(pid: number, uid: number | undefined): TargetIdentity {
  const status = fieldsOf(read(pid, "status"));
  if (status.size === 0) throw new InjectionRefused("gone", `process ${pid}`);
  const uids = (status.get("Uid") ?? "").split("\t").map(Number);
  const gids = (status.get("Gid") ?? "").split("\t").map(Number);
  const [real] = uids;
  if (new Set(uids).size > 1 || new Set(gids).size > 1) throw new InjectionRefused("privileged", "setuid or setgid");
  if (uid !== undefined && real !== uid) throw new InjectionRefused("other-user", `uid ${real}`);
  const capabilities = parseInt(status.get("CapPrm") ?? "0", 16);
  if (real !== 0 && capabilities !== 0) throw new InjectionRefused("privileged", "file capabilities");
  // What a set-id program once was leaves its files with root: the kernel does not let it be dumped.
  if (uid !== undefined && uid !== 0 && ownerOf(pid) !== uid)
    throw new InjectionRefused("not-permitted", "not dumpable");
  if (Number(status.get("Seccomp") ?? 0) !== 0) throw new InjectionRefused("seccomp", `mode ${status.get("Seccomp")}`);
  const tracer = Number(status.get("TracerPid") ?? 0);
  if (tracer !== 0) throw new InjectionRefused("traced", `by process ${tracer}`);
  return { pid, startTicks: startOf(pid) };
}

/** Throws InjectionRefused when the pid is another process by now. */
export function stillThere({ pid, startTicks }: TargetIdentity): void {
  if (startOf(pid) !== startTicks) throw new InjectionRefused("gone", `process ${pid}`);
}

function startOf(pid: number): string {
  const stat = read(pid, "stat");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[START_FIELD] ?? "";
}

/** proc(5): the twenty-second field; two stand before what follows the name. */
const START_FIELD = 19;

function ownerOf(pid: number): number | undefined {
  return statSync(`/proc/${pid}/stat`, { throwIfNoEntry: false })?.uid;
}

function fieldsOf(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split("\n").flatMap((line) => {
      const colon = line.indexOf(":\t");
      return colon < 0 ? [] : [[line.slice(0, colon), line.slice(colon + 2).trim()] as const];
    }),
  );
}

function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return ""; // Gone.
  }
}
