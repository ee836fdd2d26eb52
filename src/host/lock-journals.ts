/** Journals of locks in running processes: one file a process, in a folder that is the user's alone. */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { decodeJournal, encodeJournal, type LockJournal } from "../core/memlock/lock-journal.js";
import { statOf } from "./proc-snapshot.js";
import { UserError } from "./user-error.js";

/** XDG_RUNTIME_DIR ends with the session, as its processes mostly do; without one, the cache. */
function journalFolder(): string {
  const runtime = process.env["XDG_RUNTIME_DIR"];
  const base = runtime?.startsWith("/") === true ? runtime : join(homedir(), ".cache");
  return join(base, "faultline", "locks");
}

function fileOf(pid: number, startTicks: number): string {
  return join(journalFolder(), `${pid}-${startTicks}.json`);
}

/** On disk when it returns: whoever is killed afterwards leaves a trace of what may be locked. Throws UserError. */
export function writeJournal(journal: LockJournal): string {
  const folder = journalFolder();
  const file = fileOf(journal.pid, journal.startTicks);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    removeForgotten();
    writeFileSync(`${file}.new`, encodeJournal(journal), { mode: 0o600, flush: true });
    renameSync(`${file}.new`, file);
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
    throw new UserError(
      `Nothing was locked, because it cannot be noted in ${folder} for taking it back (${String(error.code)}): make that folder writable, or name another one (XDG_RUNTIME_DIR=DIR).`,
    );
  }
  return file;
}

/** undefined: nothing was locked in this process, or not by this user. */
export function readJournal(pid: number, startTicks: number): LockJournal | undefined {
  try {
    const journal = decodeJournal(readFileSync(fileOf(pid, startTicks), "utf8"));
    return journal?.pid === pid && journal.startTicks === startTicks ? journal : undefined;
  } catch {
    return undefined; // There is none.
  }
}

export function removeJournal(pid: number, startTicks: number): void {
  rmSync(fileOf(pid, startTicks), { force: true });
}

/** The locks of a process end with it: what is noted of those that have ended is of no use. */
function removeForgotten(): void {
  for (const name of readdirSync(journalFolder())) {
    const [, pid, startTicks] = /^(\d+)-(\d+)\.json(?:\.new)?$/.exec(name) ?? [];
    if (pid !== undefined && statOf(Number(pid))?.startTicks !== Number(startTicks))
      rmSync(join(journalFolder(), name), { force: true });
  }
}
