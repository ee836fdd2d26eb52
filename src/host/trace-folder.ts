/** Trace folders on disk: where they go, what is in them, which old ones make room. */
import {
  closeSync,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import type { RunRecord } from "../core/trace/run.js";
import { UserError } from "./user-error.js";
import { VDSO_FILE } from "./vdso.js";

/** Traces in the default place are pruned, oldest first, until the rest is no larger than this… */
export const MAX_KEPT_BYTES = 4 * 2 ** 30;
/** …and no more than these. The newest ones always stay. */
export const MAX_KEPT_TRACES = 50;
const LONGEST_PROGRAM_NAME = 40;
const PRIVATE_FOLDER = 0o700;
const PRIVATE_FILE = 0o600;

export interface TraceFolder {
  readonly path: string;
  /** The records, in perf's pipe layout. */
  readonly perfData: string;
  /** What perf.data does not say: a RunRecord. */
  readonly runFile: string;
}

export function traceFolderAt(path: string): TraceFolder {
  return { path, perfData: join(path, "perf.data"), runFile: join(path, "run.json") };
}

/** A new, empty folder `<time>-<program>` below `traces`, after old traces there have made room. */
export function createTraceFolder(traces: string, program: string, startedAt: Date): TraceFolder {
  makePrivate(traces);
  // The folder above (.faultline) is ours too: nothing in it is meant to be committed.
  ignoreInGit(basename(traces) === "traces" ? dirname(traces) : traces);
  pruneTraces(traces);
  const stamp = startedAt.toISOString().replace(/[-:]/g, "").replace(/\..*/, "Z");
  const stem = `${stamp}-${fileNameOf(program)}`;
  for (let attempt = 1; attempt <= MAX_KEPT_BYTES; attempt++) {
    const path = join(traces, attempt === 1 ? stem : `${stem}-${attempt}`);
    if (tryMakeFolder(path)) return traceFolderAt(path);
  }
  throw new UserError(`No free name for a trace in ${traces}; empty it or name a folder with -o.`);
}

/** The folder named with -o: made, or emptied of the trace it holds. Anything else in it is left alone, and refused. */
export function openTraceFolder(path: string): TraceFolder {
  const folder = traceFolderAt(resolve(path));
  makePrivate(folder.path);
  const strangers = readdirSync(folder.path).filter((name) => !isTraceFile(name));
  if (strangers.length > 0) {
    throw new UserError(
      `${folder.path} holds ${strangers[0]} and is no trace folder; name an empty or new folder with -o.`,
    );
  }
  for (const name of readdirSync(folder.path)) rmSync(join(folder.path, name), { force: true });
  return folder;
}

/** Replaces run.json in one step: a reader sees the old one or the new one, never half of one. Throws where there is no room. */
export function writeRun(folder: TraceFolder, run: RunRecord): void {
  const draft = `${folder.runFile}.new`;
  const text = `${JSON.stringify(run, undefined, 2)}\n`;
  rmSync(draft, { force: true });
  try {
    writeFileSync(draft, text, { mode: PRIVATE_FILE, flag: "wx" });
    renameSync(draft, folder.runFile);
  } catch (error) {
    rmSync(draft, { force: true });
    if (!exists(folder.runFile)) throw error;
    // On a full disk there is no room for a second one, but the first has its block already.
    overwrite(folder.runFile, text);
  }
}

function overwrite(path: string, text: string): void {
  const file = openSync(path, "r+");
  try {
    writeFileSync(file, text);
    ftruncateSync(file, Buffer.byteLength(text));
  } finally {
    closeSync(file);
  }
}

/** Keeps one /proc text of the target: "maps" at the "start". */
export function writeSnapshot(folder: TraceFolder, moment: "start" | "end", name: string, text: string): void {
  const path = join(folder.path, `${name}.${moment}`);
  rmSync(path, { force: true });
  writeFileSync(path, text, { mode: PRIVATE_FILE, flag: "wx" });
}

/** The code the kernel maps into every process: without a copy nobody could name it later. */
export function writeVdso(folder: TraceFolder, bytes: Uint8Array): void {
  writeFileSync(join(folder.path, VDSO_FILE), bytes, { mode: PRIVATE_FILE, flag: "wx" });
}

/** Removes a trace that came to nothing, and its folder where that was made for it. */
export function removeTrace(folder: TraceFolder, withFolder: boolean): void {
  for (const name of readdirSync(folder.path).filter(isTraceFile)) rmSync(join(folder.path, name), { force: true });
  if (withFolder) rmSync(folder.path, { recursive: true, force: true });
}

function pruneTraces(traces: string): void {
  const newestFirst = readdirSync(traces)
    .map((name) => join(traces, name))
    .filter((path) => lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false)
    .filter((path) => readdirSync(path).every(isTraceFile))
    .sort((a, b) => Number(basename(a) < basename(b)) - Number(basename(a) > basename(b)));
  let bytes = 0;
  newestFirst.forEach((path, index) => {
    bytes += sizeOfFolder(path);
    if (index > 0 && (index >= MAX_KEPT_TRACES - 1 || bytes > MAX_KEPT_BYTES)) {
      rmSync(path, { recursive: true, force: true });
    }
  });
}

function sizeOfFolder(path: string): number {
  return readdirSync(path).reduce(
    (sum, name) => sum + (lstatSync(join(path, name), { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
}

const TRACE_FILE =
  /^(perf\.data(\.new)?|vdso\.so|run\.json(\.new)?|pages\.json|(proof|lockset)\.json|[a-z]+\.(start|end)|report\.html)$/;

function isTraceFile(name: string): boolean {
  return TRACE_FILE.test(name);
}

/** Folder by folder: with `recursive`, Node never comes back from where nothing can be made, such as /proc. */
function makePrivate(path: string): void {
  const missing: string[] = [];
  let above = path;
  for (; !exists(above); above = dirname(above)) missing.unshift(above);
  if (!statSync(above).isDirectory()) throw new UserError(`${above} is not a folder; name another one with -o.`);
  for (const folder of missing) tryMakeFolder(folder);
}

function exists(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    if (codeOf(error) === "ENOTDIR") return false; // Something above it is no folder: told when we get there.
    throw new UserError(`Cannot look at ${path} (${codeOf(error)}); name another folder with -o.`);
  }
}

function tryMakeFolder(path: string): boolean {
  try {
    mkdirSync(path, { mode: PRIVATE_FOLDER });
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw new UserError(`Cannot make the folder ${path} (${codeOf(error)}); name another one with -o.`);
  }
}

function ignoreInGit(folder: string): void {
  try {
    writeFileSync(join(folder, ".gitignore"), "*\n", { flag: "wx" });
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw new UserError(`Cannot write in ${folder} (${codeOf(error)}).`);
  }
}

/** The program's name as a file name: no separators, nothing a shell or terminal would mind. */
function fileNameOf(program: string): string {
  const name = basename(program).replace(/[^A-Za-z0-9._+-]/g, "_");
  return name.slice(0, LONGEST_PROGRAM_NAME) || "program";
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown error";
}
