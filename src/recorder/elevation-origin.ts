/** Where an elevated run came from: the account, the processes above us, and the environment before elevation. */
import { readFileSync, readlinkSync } from "node:fs";
import { basename } from "node:path";
import { answerOf } from "./elevation-program.js";

/** A chain of parents is never this long; a loop in /proc cannot be, but must not hang us. */
const MAX_ANCESTORS = 64;

export interface Account {
  readonly name: string;
  readonly gid: number;
  readonly home: string;
  readonly shell: string;
}

export function namedCaller(env: NodeJS.ProcessEnv): { uid: number; gid: number | undefined } | undefined {
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
export function accountOf(uid: number): Account | undefined {
  const [name, , , gid, , home, shell] = answerOf("getent", ["passwd", String(uid)])?.split(":") ?? [];
  if (name === undefined || name === "" || idOf(gid) === undefined) return undefined;
  return { name, gid: Number(gid), home: home ?? "/", shell: shell ?? "/bin/sh" };
}

export function groupsOf(user: string): number[] {
  const answer = answerOf("id", ["-G", "--", user]);
  return answer === undefined ? [] : answer.split(" ").flatMap((text) => idOf(text) ?? []);
}

interface Ancestor {
  readonly pid: number;
  readonly program: string;
  /** undefined where real, effective, saved and file-system uid differ: such a process is between two users, as sudo is. */
  readonly uid: number | undefined;
  /** Groups in force: a shell may have other ones than its account (newgrp, not yet logged in again). */
  readonly gid: number;
  readonly groups: readonly number[];
}

export function ancestorsOf(pid: number): Ancestor[] {
  const found: Ancestor[] = [];
  for (let at = parentOf(pid); at !== undefined && at > 0 && found.length < MAX_ANCESTORS; at = parentOf(at)) {
    const status = textOf(`/proc/${at}/status`);
    const uid = idOf(/^Uid:\t(\d+)\t\1\t\1\t\1$/m.exec(status)?.[1]);
    const gid = idOf(/^Gid:\t(\d+)/m.exec(status)?.[1]);
    if (gid === undefined) break;
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

export function folderOf(pid: number): string {
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
export function environmentBefore(pid: number | undefined, account: Account | undefined): Record<string, string> {
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

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // Gone meanwhile.
  }
}
