/**
 * Copies of shared libraries for the target alone. Pages that another process maps cannot be evicted, so the target gets
 * files of its own, mounted over the originals in a mount namespace only it sees: its paths stay what they were.
 */
import {
  chmodSync,
  closeSync,
  copyFileSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  type Stats,
} from "node:fs";
import { join } from "node:path";
import { parseMaps } from "../../core/proc/maps.js";
import { readProc } from "../../host/proc-snapshot.js";
import { asCaller, type Caller } from "../elevation.js";
import { answerOf, systemProgram } from "../elevation-program.js";
import type { Wrapping } from "./target.js";

export interface PrivateCopies {
  /** What has been copied: the paths as the target sees them. */
  readonly paths: readonly string[];
  readonly wrapping: Wrapping;
  /** Text of /proc/PID/maps as it would be without copies: with devices and inodes of the originals. */
  asOriginals(maps: string): string;
  /** To be called when the target has ended. */
  remove(): void;
}

/** Larger files are left as they are: copying them would take longer than it is worth. */
const MAX_FILE_BYTES = 256 * 2 ** 20;
const MAX_TOTAL_BYTES = 2 ** 30;

/** How a program can be started in a mount namespace of its own; undefined where that is not permitted, or not installed. */
export function namespaceWrapping(): readonly string[] | undefined {
  const unshare = systemProgram("unshare");
  if (unshare === undefined || systemProgram("mount") === undefined) return undefined;
  const flags = process.geteuid?.() === 0 ? [] : ["--user", "--map-current-user", "--keep-caps"];
  const argv = [unshare, ...flags, "--mount", "--propagation", "private", "--"];
  // The real question is whether one may mount there: /proc onto itself changes nothing.
  const works = answerOf("unshare", [...argv.slice(1), "sh", "-c", "mount --bind /proc /proc && echo yes"]);
  return works === "yes" ? argv : undefined;
}

/**
 * Copies what the process has mapped executable and does not have alone.
 * @param folder where copies may lie: on a disk, for memory of a tmpfs could only go to swap.
 */
export function copyLibraries(
  pid: number,
  folder: string,
  namespace: readonly string[],
  caller: Caller | undefined,
): PrivateCopies | undefined {
  const files = librariesOf(pid);
  if (files.length === 0) return undefined;
  const copies = makeFolder(folder);
  if (copies === undefined) return undefined;
  const remove = (): void => rmSync(copies, { recursive: true, force: true });
  const mounts: string[] = [];
  try {
    files.forEach(({ path, status }, index) => {
      const copy = join(copies, String(index));
      copyFileSync(path, copy);
      chmodSync(copy, status.mode & 0o7777);
      flush(copy);
      mounts.push(copy, path);
    });
  } catch (error) {
    remove();
    if (error instanceof Error && "code" in error) return undefined; // No room, or not readable: then they stay shared.
    throw error;
  }
  const originals = new Map(files.map(({ path, status }) => [path, `${deviceText(status.dev)} ${status.ino} `]));
  return {
    paths: files.map(({ path }) => path),
    asOriginals: (maps) =>
      maps.replace(/^(\S+ \S+ \S+ )\S+ \d+ +(\/.*)$/gm, (line, start: string, path: string) => {
        const original = originals.get(path);
        return original === undefined ? line : `${start}${original}${path}`;
      }),
    wrapping: (argv) => [
      ...namespace,
      systemProgram("sh") ?? "/bin/sh",
      "-c",
      MOUNT_ALL,
      "sh",
      systemProgram("mount") ?? "mount",
      String(files.length),
      ...mounts,
      ...unprivileged(argv, caller),
    ],
    remove,
  };
}

/** undefined where nothing can be made there. */
function makeFolder(folder: string): string | undefined {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return mkdtempSync(join(folder, "libraries-"));
  } catch (error) {
    if (error instanceof Error && "code" in error) return undefined;
    throw error;
  }
}

/** Arguments: mount itself, how many mounts, then for each the copy and its place, then the program. */
const MOUNT_ALL =
  'm=$1 n=$2; shift 2; while [ "$n" -gt 0 ]; do "$m" --bind -- "$1" "$2" || exit 125; shift 2; n=$((n - 1)); done; exec "$@"';

/** The rights that mounting took end before the program begins. */
function unprivileged(argv: readonly string[], caller: Caller | undefined): readonly string[] {
  if (caller !== undefined) return asCaller(argv, caller);
  if (process.geteuid?.() === 0) return argv;
  return [systemProgram("setpriv") ?? "setpriv", "--inh-caps=-all", "--ambient-caps=-all", "--", ...argv];
}

/** As /proc/PID/maps writes a device (linux/kdev_t.h, glibc's makedev). */
function deviceText(device: number): string {
  const value = BigInt(device);
  const major = ((value >> 8n) & 0xfffn) | ((value >> 32n) & ~0xfffn);
  const minor = (value & 0xffn) | ((value >> 12n) & ~0xffn);
  const hex = (part: bigint): string => part.toString(16).padStart(2, "0");
  return `${hex(major & 0xffff_ffffn)}:${hex(minor & 0xffff_ffffn)}`;
}

const SYSTEM_DATA = /^\/usr\/(lib|share)\//;

interface Library {
  readonly path: string;
  readonly status: Stats;
}

function librariesOf(pid: number): Library[] {
  const mappings = parseMaps(readProc(`${pid}/maps`) ?? "").filter(
    ({ inode, name }) => inode !== 0 && name.startsWith("/"),
  );
  // Code, and data of the system that nobody writes: locales, caches. Other data may change while we hold a copy of it.
  const code = new Set(mappings.filter(({ executable, shared }) => executable && !shared).map(({ name }) => name));
  const written = new Set(mappings.filter(({ writable, shared }) => writable && shared).map(({ name }) => name));
  const mapped = mappings.filter(({ name }) => code.has(name) || (SYSTEM_DATA.test(name) && !written.has(name)));
  const own = statOrUndefined(`/proc/${pid}/exe`);
  let total = 0;
  return [...new Set(mapped.map(({ name }) => name))].flatMap((path) => {
    const status = statOrUndefined(path);
    if (status === undefined || !status.isFile() || status.size > MAX_FILE_BYTES) return [];
    const isProgram = own !== undefined && status.ino === own.ino && status.dev === own.dev;
    if (isProgram && !runsElsewhere(pid, own)) {
      // A program that was linked just now is dirty in the page cache, and dirty pages stay.
      flush(path);
      return [];
    }
    if ((total += status.size) > MAX_TOTAL_BYTES) return [];
    return [{ path, status }];
  });
}

function runsElsewhere(pid: number, own: Stats): boolean {
  return readdirSync("/proc").some((name) => {
    if (!/^\d+$/.test(name) || Number(name) === pid) return false;
    const other = statOrUndefined(`/proc/${name}/exe`);
    return other !== undefined && other.ino === own.ino && other.dev === own.dev;
  });
}

function statOrUndefined(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined; // Gone, or not ours to look at.
  }
}

/** Onto the disk: only clean pages can be dropped. */
export function flush(path: string): void {
  let fd: number;
  try {
    fd = openSync(path, "r");
  } catch {
    return; // Not ours to read: then its pages are not ours to evict either.
  }
  try {
    fsyncSync(fd);
  } catch {
    // A file system that cannot sync: what stays dirty stays in memory, and is seen there.
  } finally {
    closeSync(fd);
  }
}
