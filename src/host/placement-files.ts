/** Source files that are changed: read so that every byte can be written again, written all or none of them. */
import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  existsSync,
  fstatSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  type Stats,
} from "node:fs";
import { basename, dirname, join, sep } from "node:path";
import { UserError } from "./user-error.js";

export interface EditableFile {
  /** Without symbolic links. */
  readonly path: string;
  readonly text: string;
  /** Bytes that are no UTF-8 are taken as Latin-1, and written as such. */
  readonly encoding: "utf8" | "latin1";
  readonly modifiedMs: number;
}

/** Throws UserError where the file is not here, is outside of the folders, or is none that may be changed. */
export function readEditable(path: string, folders: readonly string[]): EditableFile {
  let real: string;
  try {
    real = realpathSync(path);
  } catch {
    throw new UserError(
      `${path} is not here: map its folder with sourceMap in faultline.json, or build from sources that are.`,
    );
  }
  if (!folders.some((folder) => isBelow(real, folder)))
    throw new UserError(
      `${real} is outside of the project, and is left alone: place it by the linker script (faultline place --script).`,
    );
  // Non-blocking, so that a FIFO under a source's name cannot hang us; fstat then refuses it.
  const descriptor = opened(real);
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile() || stats.size > MOST_SOURCE_BYTES)
      throw new UserError(`${real} is no source file that could be changed.`);
    const bytes = readFileSync(descriptor);
    const text = bytes.toString("utf8");
    const encoding = Buffer.from(text, "utf8").equals(bytes) ? "utf8" : "latin1";
    return {
      path: real,
      text: encoding === "utf8" ? text : bytes.toString("latin1"),
      encoding,
      modifiedMs: stats.mtimeMs,
    };
  } finally {
    closeSync(descriptor);
  }
}

export interface FileChange {
  /** Without text: it is not there yet. */
  readonly file: Pick<EditableFile, "path" | "encoding"> & { readonly text: string | undefined };
  /** What it is to hold. */
  readonly text: string;
}

/** Each file has its old or its new content at any moment, and after an error all have the old. Throws UserError. */
export function writeAll(changes: readonly FileChange[]): void {
  const prepared: { readonly change: FileChange; readonly temporary: string }[] = [];
  const done: FileChange[] = [];
  try {
    for (const change of changes) prepared.push({ change, temporary: prepare(change.file, change.text) });
    for (const { change, temporary } of prepared) {
      renameSync(temporary, change.file.path);
      done.push(change);
    }
  } catch (error) {
    for (const { temporary } of prepared) rmSync(temporary, { force: true });
    for (const { file } of done)
      if (file.text === undefined) rmSync(file.path);
      else renameSync(prepare(file, file.text), file.path);
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError(`Nothing was changed: ${reason}. Make the files writable and try again.`);
  }
}

/** The content in a file beside it, with its mode and owner; a new file is its folder's owner's. */
function prepare(file: FileChange["file"], text: string): string {
  const { path, encoding } = file;
  const temporary = join(dirname(path), `.${basename(path)}.faultline-${process.pid}`);
  if (file.text === undefined && existsSync(path)) throw new Error(`${path} is there by now`);
  const stats = file.text === undefined ? { ...statSync(dirname(path)), mode: 0o666 } : statsOfWritable(path);
  writeFileSync(temporary, text, { encoding, mode: stats.mode & 0o7777, flag: "wx" });
  // The mask of new files takes nothing from one that was there.
  if (file.text !== undefined) chmodSync(temporary, stats.mode & 0o7777);
  // Root must not leave files that their owner can no longer change.
  if (process.getuid?.() === 0) chownSync(temporary, stats.uid, stats.gid);
  return temporary;
}

function statsOfWritable(path: string): Stats {
  const descriptor = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  try {
    return fstatSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function opened(path: string): number {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw new UserError(`${path} can not be read (${error instanceof Error ? error.message : String(error)}).`);
  }
}

function isBelow(path: string, folder: string): boolean {
  let real: string;
  try {
    real = realpathSync(folder);
  } catch {
    return false; // A folder that is not here holds nothing.
  }
  return path === real || path.startsWith(real.endsWith(sep) ? real : real + sep);
}

/** The largest hand-written source known (sqlite3.c) has 9 MB; generated ones are not for reading. */
const MOST_SOURCE_BYTES = 32 * 2 ** 20;
