/**
 * Elevated runs: only the recorder is root. The target runs as who called us, and what we write is written with the
 * caller's rights, so that no link in a folder of theirs can send a root process elsewhere.
 */
import { execFileSync } from "node:child_process";
import { accessSync, constants, readFileSync, readlinkSync } from "node:fs";
import { basename } from "node:path";
import { UserError } from "../host/user-error.js";

export { giveTo } from "./elevation-gift.js";

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
    environment: environmentOf(elevator?.pid ?? own?.pid, account),
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
 * Does `work` (synchronous, on the main thread) with the caller's rights: files it makes are theirs, paths it may
 * not follow are refused with EACCES. Without a caller it is just done.
 */
export function withRightsOf<T>(caller: Caller | undefined, work: () => T): T {
  if (caller === undefined) return work();
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
/** A chain of parents is never this long; a loop in /proc cannot be, but must not hang us. */
const MAX_ANCESTORS = 64;

interface Account {
  readonly name: string;
  readonly gid: number;
  readonly home: string;
  readonly shell: string;
}

function namedCaller(env: NodeJS.ProcessEnv): { uid: number; gid: number | undefined } | undefined {
  const uid = idOf(env["SUDO_UID"] ?? env["PKEXEC_UID"]);
  if (uid !== undefined) return { uid, gid: idOf(env["SUDO_GID"]) };
  const user = env["DOAS_USER"];
  if (user === undefined) return undefined;
  const doasUid = idOf(answerOf("id", ["-u", "--", user]));
  return doasUid === undefined ? undefined : { uid: doasUid, gid: undefined };
}

function idOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : undefined;
}

/** Through getent, so that accounts of a directory service are found too. */
function accountOf(uid: number): Account | undefined {
  const [name, , , gid, , home, shell] = answerOf("getent", ["passwd", String(uid)])?.split(":") ?? [];
  if (name === undefined || name === "" || idOf(gid) === undefined) return undefined;
  return { name, gid: Number(gid), home: home ?? "/", shell: shell ?? "/bin/sh" };
}

function groupsOf(user: string): number[] {
  const answer = answerOf("id", ["-G", "--", user]);
  return answer === undefined ? [] : answer.split(" ").flatMap((text) => idOf(text) ?? []);
}

interface Ancestor {
  readonly pid: number;
  readonly program: string;
  /** Real ids, and the groups in force: a shell may have other groups than its account (newgrp, not yet logged in again). */
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
}

function ancestorsOf(pid: number): Ancestor[] {
  const found: Ancestor[] = [];
  for (let at = parentOf(pid); at !== undefined && at > 0 && found.length < MAX_ANCESTORS; at = parentOf(at)) {
    const status = textOf(`/proc/${at}/status`);
    const uid = idOf(/^Uid:\t(\d+)/m.exec(status)?.[1]);
    const gid = idOf(/^Gid:\t(\d+)/m.exec(status)?.[1]);
    if (uid === undefined || gid === undefined) break;
    const groups = /^Groups:\t(.*)$/m.exec(status)?.[1] ?? "";
    found.push({
      pid: at,
      program: programOf(at),
      uid,
      gid,
      groups: groups.split(" ").flatMap((id) => idOf(id) ?? []),
    });
  }
  return found;
}

function parentOf(pid: number): number | undefined {
  return idOf(/^PPid:\t(\d+)/m.exec(textOf(`/proc/${pid}/status`))?.[1]);
}

function programOf(pid: number): string {
  try {
    return basename(readlinkSync(`/proc/${pid}/exe`).replace(/ \(deleted\)$/, ""));
  } catch {
    return ""; // A kernel thread, or gone.
  }
}

function folderOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return process.cwd(); // Gone meanwhile.
  }
}

/**
 * The environment before elevation. sudo gives its command a scrubbed one, but the sudo process still holds what it
 * was started with. Variables the caller set on sudo's own command line ("sudo A=1 faultline …") are theirs too.
 */
function environmentOf(pid: number | undefined, account: Account | undefined): Record<string, string> {
  const held = pid === undefined ? [] : zeroSeparated(`/proc/${pid}/environ`);
  if (held.length === 0) return scrubbedEnvironment(account);
  const environment = Object.fromEntries(held.map(splitAssignment));
  const typed = new Set(pid === undefined ? [] : zeroSeparated(`/proc/${pid}/cmdline`));
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && typed.has(`${name}=${value}`)) environment[name] = value;
  }
  return environment;
}

/** Nothing of the caller's is left to be read: root's own variables are replaced by the account's. */
function scrubbedEnvironment(account: Account | undefined): Record<string, string> {
  const ours = Object.entries(process.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !/^(SUDO_|PKEXEC_|DOAS_|MAIL$)/.test(entry[0]),
  );
  const theirs: Record<string, string> =
    account === undefined
      ? {}
      : { HOME: account.home, SHELL: account.shell, USER: account.name, LOGNAME: account.name };
  return { ...Object.fromEntries(ours), ...theirs };
}

function splitAssignment(text: string): [string, string] {
  const at = text.indexOf("=");
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}

function zeroSeparated(path: string): string[] {
  return textOf(path)
    .split("\0")
    .filter((part) => part !== "");
}

/** From the system's own folders: PATH may be the caller's. */
const SYSTEM_FOLDERS = ["/usr/bin", "/bin", "/usr/sbin", "/sbin"] as const;

function systemProgram(name: string): string | undefined {
  return SYSTEM_FOLDERS.map((folder) => `${folder}/${name}`).find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false; // The next folder may have it.
    }
  });
}

function setpriv(): string {
  const path = systemProgram("setpriv");
  if (path !== undefined) return path;
  throw new UserError(
    "an elevated trace needs the program setpriv to run the target as you: install util-linux (on Alpine: apk add setpriv)",
  );
}

function answerOf(program: string, args: readonly string[]): string | undefined {
  const path = systemProgram(program);
  if (path === undefined) return undefined;
  try {
    return execFileSync(path, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"], env: {} }).trim();
  } catch {
    return undefined; // No such account.
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // Gone meanwhile.
  }
}
