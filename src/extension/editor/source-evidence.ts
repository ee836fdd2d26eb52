/** What a source file that lies here tells about the program that was made from it. */
import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { Stats } from "node:fs";

export interface SourceEvidence {
  /** Whether it holds what was compiled; unknown where the compiler recorded nothing about it. */
  readonly contents: "as-compiled" | "other" | "unknown";
  /** Milliseconds since 1970 when it was last written; undefined where it is not here. */
  readonly source: number | undefined;
  /** When its folder was made, where it was written with it, as by a clone or a copy, and not since. */
  readonly arrivedAt: number | undefined;
}

/** @param md5s of the file in each state that was compiled, lower-case hexadecimal. Never rejects. */
export async function sourceEvidence(path: string, md5s: ReadonlySet<string>): Promise<SourceEvidence> {
  const [file, folder] = await Promise.all([path, dirname(path)].map((one) => stat(one).catch(() => undefined)));
  if (file?.isFile() !== true) return { contents: "unknown", source: undefined, arrivedAt: undefined };
  return { contents: await compared(path, file, md5s), source: file.mtimeMs, arrivedAt: arrival(file, folder) };
}

async function compared(path: string, { size }: Stats, md5s: ReadonlySet<string>): Promise<SourceEvidence["contents"]> {
  if (md5s.size === 0 || size > MOST_BYTES) return "unknown";
  try {
    const md5 = createHash("md5")
      .update(await readFile(path))
      .digest("hex");
    return md5s.has(md5) ? "as-compiled" : "other";
  } catch {
    return "unknown"; // Gone meanwhile, or a machine whose rules forbid MD5: the times have to do.
  }
}

function arrival(file: Stats, folder: Stats | undefined): number | undefined {
  // 0 where the file system does not keep it.
  const made = folder?.birthtimeMs ?? 0;
  return made > 0 && file.mtimeMs >= made && file.mtimeMs - made <= ARRIVAL_MS ? made : undefined;
}

/** Larger than any source; read and hashed on the extension host's thread. */
const MOST_BYTES = 4 * 2 ** 20;
/** A clone or a copy fills a folder soon after making it; nobody edits a file as soon. */
const ARRIVAL_MS = 30_000;
