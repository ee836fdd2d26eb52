/** The files below a folder that tell how a project is linked: build files, scripts, link maps, objects. */
import { readdirSync, type Dirent } from "node:fs";
import { join } from "node:path";

export interface BuildTree {
  /** Everything that may say what is linked with what; by name, not by content. */
  readonly buildFiles: readonly string[];
  readonly scripts: readonly string[];
  readonly maps: readonly string[];
  readonly objects: readonly string[];
}

/** Each folder is looked at once, the nearest first; symbolic links are not followed. */
export function buildTree(folders: readonly string[]): BuildTree {
  const found = { buildFiles: [] as string[], scripts: [] as string[], maps: [] as string[], objects: [] as string[] };
  const pending = folders.map((path) => ({ path, depth: 0 }));
  let left = MOST_ENTRIES;
  for (let folder = pending.shift(); folder !== undefined && left > 0; folder = pending.shift()) {
    const { path, depth } = folder;
    const entries = entriesOf(path).slice(0, left);
    left -= entries.length;
    for (const entry of entries) {
      const { name } = entry;
      if (entry.isDirectory()) {
        if (depth < MOST_DEPTH && !BORING.has(name)) pending.push({ path: join(path, name), depth: depth + 1 });
      } else if (entry.isFile()) listOf(name, path, found)?.push(join(path, name));
    }
  }
  return found;
}

function listOf<T>(name: string, folder: string, found: Record<keyof BuildTree, T>): T | undefined {
  if (/\.o$/.test(name)) return found.objects;
  if (/\.map$/i.test(name)) return found.maps;
  if (SCRIPT_FILE.test(name)) return found.scripts;
  const isBuild = BUILD_FILE.test(name) || (/^config(?:\.toml)?$/.test(name) && folder.endsWith("/.cargo"));
  return isBuild || (name === "output" && /\/build\/[^/]+$/.test(folder)) ? found.buildFiles : undefined;
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return []; // Not for us to read, or gone meanwhile.
  }
}

const BUILD_FILE =
  /^(?:link\.txt|compile_commands\.json|build\.ninja|(?:GNU)?[Mm]akefile|.*\.mk|CMakeLists\.txt|.*\.cmake|meson\.build|build\.rs)$/;
const SCRIPT_FILE = /\.(?:ld|lds|ldscript)$/;
const BORING: ReadonlySet<string> = new Set([
  ...[".git", ".hg", ".svn", ".vscode", ".faultline", ".cache", ".venv", "venv", "node_modules", "__pycache__"],
  ...["incremental", ".fingerprint", "CompilerIdC", "CompilerIdCXX"],
]);
const MOST_DEPTH = 12;
const MOST_ENTRIES = 100_000;
