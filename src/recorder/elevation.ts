/**
 * Elevated runs: only the recorder is root. The target runs as who called us, and what we write is written with the
 * caller's rights, so that no link in a folder of theirs can send a root process elsewhere.
 */
import { UserError } from "../host/user-error.js";
import { accountOf, ancestorsOf, environmentBefore, folderOf, groupsOf, namedCaller } from "./elevation-origin.js";
import { systemProgram } from "./elevation-program.js";
import { asIdentity, canBorrowIdentity } from "./ffi/thread-rights.js";

/** Who is behind `sudo`, `pkexec` or `doas`. */
export interface Caller {
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
  readonly environment: Readonly<Record<string, string>>;
  readonly name: string | undefined;
  readonly workingDirectory: string;
}

/** The caller of an elevated run; undefined where we are not root, or root called us. */
export function callerBehindSudo(): Caller | undefined {
  if (process.geteuid?.() !== 0) return undefined;
  const named = namedCaller(process.env);
  if (named === undefined || named.uid === 0) return undefined;
  const account = accountOf(named.uid);
  const ancestors = ancestorsOf(process.pid);
  const elevator = ancestors.find(({ program }) => ELEVATORS.includes(program));
  const own = ancestors.find(({ uid }) => uid === named.uid);
  return {
    uid: named.uid,
    gid: own?.gid ?? named.gid ?? account?.gid ?? named.uid,
    groups: own?.groups ?? groupsOf(account?.name ?? String(named.uid)),
    environment: environmentBefore(elevator?.pid ?? own?.pid, account),
    name: account?.name,
    // pkexec starts in root's home, where the caller was not.
    workingDirectory: elevator === undefined && own !== undefined ? folderOf(own.pid) : process.cwd(),
  };
}

/**
 * argv that runs `argv` as the caller: ids and groups set, no capability left. The bounding set is inherited and so
 * already the caller's; no_new_privs stays off, a setuid program the target runs works as without us.
 */
export function asCaller(argv: readonly string[], caller: Caller): string[] {
  const groups = caller.groups.length > 0 ? [`--groups=${caller.groups.join(",")}`] : ["--clear-groups"];
  const ids = [`--reuid=${caller.uid}`, `--regid=${caller.gid}`, ...groups];
  return [setpriv(), ...ids, "--inh-caps=-all", "--ambient-caps=-all", "--", ...argv];
}

/**
 * Does `work` (synchronous, on the main thread, not nested) with the caller's rights: files it makes are theirs, paths
 * it may not follow are refused with EACCES. Without a caller it is just done.
 */
export function withRightsOf<T>(caller: Caller | undefined, work: () => T): T {
  if (caller === undefined) return work();
  // The real uid too: access(2) goes by that one.
  if (canBorrowIdentity()) return asIdentity(caller, work);
  const before = { groups: process.getgroups?.() ?? [], gid: process.getegid?.() ?? 0 };
  try {
    process.setgroups?.([...caller.groups]);
    process.setegid?.(caller.gid);
    process.seteuid?.(caller.uid);
    return work();
  } finally {
    process.seteuid?.(0);
    process.setegid?.(before.gid);
    process.setgroups?.(before.groups);
  }
}

/** Programs that run another one as root and stay its ancestor. */
const ELEVATORS: readonly string[] = ["sudo", "doas"];

function setpriv(): string {
  const path = systemProgram("setpriv");
  if (path !== undefined) return path;
  throw new UserError(
    "an elevated trace needs the program setpriv to run the target as you: install util-linux (on Alpine: apk add setpriv)",
  );
}
