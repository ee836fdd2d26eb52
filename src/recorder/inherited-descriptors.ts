/** Open files that the shell gave us for the target: "faultline record -- diff <(a) <(b)", a job server of make. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** libuv marks descriptors below this close-on-exec at start, whoever opened them; its own are anonymous or both ends of a pipe. */
const FIRST_UNMARKED = 16;
const CLOSE_ON_EXEC = 0o2000000;

/** Asked before the recorder opens files of its own. */
export function inheritedDescriptors(environment: NodeJS.ProcessEnv): number[] {
  const open = readdirSync("/proc/self/fd")
    .map(Number)
    .flatMap((fd) => describe(fd));
  const ends = new Map<string, number>();
  for (const { target } of open) ends.set(target, (ends.get(target) ?? 0) + 1);
  const jobServer = jobServerOf(environment);
  return open
    .filter(({ fd, target, closeOnExec }) => {
      if (fd <= 2 || !closeOnExec || jobServer.includes(fd)) return true;
      return fd < FIRST_UNMARKED && isFromOutside(target, ends.get(target) ?? 0);
    })
    .map(({ fd }) => fd);
}

function describe(fd: number): { fd: number; target: string; closeOnExec: boolean }[] {
  try {
    const target = readlinkSync(`/proc/self/fd/${fd}`);
    const flags = /^flags:\s+([0-7]+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, "latin1"))?.[1] ?? "0";
    return [{ fd, target, closeOnExec: (Number.parseInt(flags, 8) & CLOSE_ON_EXEC) !== 0 }];
  } catch {
    return []; // The one readdir itself had open.
  }
}

function isFromOutside(target: string, ends: number): boolean {
  return target.startsWith("pipe:") ? ends === 1 : !target.startsWith("anon_inode:");
}

/** make's job server is a pipe of which we hold both ends, as libuv does of its own. */
function jobServerOf(environment: NodeJS.ProcessEnv): number[] {
  const found = /--jobserver-(?:auth|fds)=(\d+),(\d+)/.exec(environment["MAKEFLAGS"] ?? "");
  return found === null ? [] : [Number(found[1]), Number(found[2])];
}
