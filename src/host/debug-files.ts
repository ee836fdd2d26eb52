/** Separate debug files of this machine, by build id and by .gnu_debuglink, where gdb looks for them. */
import { statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { ByteSource } from "../core/base/byte-source.js";
import type { DebugFile, DebugRequest } from "../core/image/debug-provider.js";
import { crc32 } from "./crc32.js";
import { FileByteSource } from "./file-source.js";

export const DEFAULT_DEBUG_DIRECTORIES: readonly string[] = ["/usr/lib/debug"];

export interface FoundDebugFile extends DebugFile {
  readonly source: FileByteSource;
}

/** The first candidate that exists and is the right one. A build id is checked by whoever opens it as an image. */
export function findDebugFile(
  request: DebugRequest,
  directories: readonly string[] = DEFAULT_DEBUG_DIRECTORIES,
): FoundDebugFile | undefined {
  for (const path of buildIdPaths(request, directories)) {
    const source = openIfFile(path);
    if (source !== undefined) return { source, path };
  }
  for (const path of debugLinkPaths(request, directories)) {
    const source = openIfFile(path);
    if (source === undefined) continue;
    if (checksum(source) === request.debugLink?.crc32) return { source, path };
    source.close();
  }
  return undefined;
}

function buildIdPaths({ buildId }: DebugRequest, directories: readonly string[]): string[] {
  if (buildId === undefined || !/^[0-9a-f]{4,}$/.test(buildId)) return [];
  return directories.map((directory) => join(directory, ".build-id", buildId.slice(0, 2), `${buildId.slice(2)}.debug`));
}

/** What lies now where a debug file is looked for: while it says the same, what was found is what would be found. */
export function debugFilesNow(
  request: DebugRequest,
  directories: readonly string[] = DEFAULT_DEBUG_DIRECTORIES,
): string {
  const paths = [...buildIdPaths(request, directories), ...debugLinkPaths(request, directories)];
  return paths.map(fileNow).join("\n");
}

/** Device, inode, size and time of the file at the path; "" where there is none. */
export function fileNow(path: string): string {
  try {
    const { dev, ino, size, mtimeMs } = statSync(path);
    return `${dev} ${ino} ${size} ${mtimeMs}`;
  } catch {
    return ""; // Not there, or not ours to see: either way nothing can be opened.
  }
}

/** The name comes from the file: one that could lead elsewhere is refused. */
function debugLinkPaths({ debugLink, path }: DebugRequest, directories: readonly string[]): string[] {
  const name = debugLink?.name;
  if (name === undefined || name === "" || name === "." || name === ".." || /[/\\\0]/.test(name)) return [];
  const own = dirname(path);
  return [
    join(own, name),
    join(own, ".debug", name),
    ...directories.map((directory) => join(directory, own, name)),
  ].filter((candidate) => candidate !== path);
}

function openIfFile(path: string): FileByteSource | undefined {
  try {
    return FileByteSource.open(path);
  } catch (error) {
    // Not there, not readable or no file: none of the three is a debug file.
    if (error instanceof Error) return undefined;
    throw error;
  }
}

function checksum(source: ByteSource): number {
  let sum = 0;
  for (let offset = 0; offset < source.size; offset += PIECE_BYTES) sum = crc32(source.read(offset, PIECE_BYTES), sum);
  return sum;
}

const PIECE_BYTES = 4 * 2 ** 20;
