/** Source files for excerpts: regular files below roots the user named, nothing else a trace may point at. */
import { closeSync, constants, fstatSync, openSync, readFileSync, realpathSync } from "node:fs";
import { resolve, sep } from "node:path";

/** Text of the file, undefined when it is missing, no regular file, too large or outside every root. */
export type SourceReader = (file: string) => string | undefined;

export function sourceReader(roots: readonly string[]): SourceReader {
  const allowed = roots.flatMap((root) => realPath(root) ?? []);
  const known = new Map<string, string | undefined>();
  return (file) => {
    if (!known.has(file)) known.set(file, readText(file, allowed));
    return known.get(file);
  };
}

function readText(file: string, roots: readonly string[]): string | undefined {
  const path = realPath(resolve(file));
  if (path === undefined || !roots.some((root) => path === root || path.startsWith(withSlash(root)))) return undefined;
  let descriptor: number;
  try {
    // Non-blocking, so that a FIFO under a source's name cannot hang us; fstat then refuses it.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  } catch {
    return undefined; // Not readable is not found: the report names the path.
  }
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile() || stats.size > MOST_SOURCE_BYTES) return undefined;
    return readFileSync(descriptor, "utf8");
  } finally {
    closeSync(descriptor);
  }
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined; // A root or source that does not exist allows and shows nothing.
  }
}

function withSlash(root: string): string {
  return root.endsWith(sep) ? root : root + sep;
}

/** The largest hand-written source known (sqlite3.c) has 9 MB; generated ones are not for reading. */
const MOST_SOURCE_BYTES = 32 * 2 ** 20;
