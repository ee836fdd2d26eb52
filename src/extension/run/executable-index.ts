/** Programs found below a folder by their ELF header: looked for once, on first use, then kept up to date file by file. */
import { constants, type Dirent } from "node:fs";
import { lstat, open, readdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { ELF_HEAD_BYTES, isProgram, machinesOf } from "./elf-kind.js";

export interface Executable {
  readonly path: string;
  /** Milliseconds since 1970. */
  readonly modified: number;
}

export class ExecutableIndex {
  private found: Map<string, Executable> | undefined;
  private looking: Promise<Map<string, Executable>> | undefined;

  constructor(private readonly root: string) {}

  /** The newest first: what was built last is what one wants to trace. */
  async list(): Promise<readonly Executable[]> {
    const found = this.found ?? (await (this.looking ??= this.look()));
    return [...found.values()].sort((a, b) => b.modified - a.modified || (a.path < b.path ? -1 : 1));
  }

  /** Looks again at the file, which may be new, changed or gone; before the first `list` there is nothing to do. */
  async refresh(path: string): Promise<void> {
    await this.looking;
    if (this.found === undefined || !isInteresting(relative(this.root, path))) return;
    const executable = await executableAt(path);
    if (executable === undefined) this.found.delete(path);
    else this.found.set(path, executable);
  }

  /** Forgets everything: the next `list` looks anew. */
  forget(): void {
    this.found = undefined;
    this.looking = undefined;
  }

  private async look(): Promise<Map<string, Executable>> {
    const found = new Map<string, Executable>();
    const folders = [{ path: this.root, depth: 0 }];
    let left = MOST_ENTRIES;
    for (let folder = folders.shift(); folder !== undefined && left > 0; folder = folders.shift()) {
      const { path: above, depth } = folder;
      const entries = (await entriesOf(above)).slice(0, left);
      left -= entries.length;
      const items = entries
        .map((entry) => ({ entry, path: join(above, entry.name) }))
        .filter(({ path }) => isInteresting(relative(this.root, path)));
      if (depth < MOST_DEPTH) {
        for (const { entry, path } of items) if (entry.isDirectory()) folders.push({ path, depth: depth + 1 });
      }
      const files = items.filter(({ entry }) => entry.isFile());
      for (const executable of await Promise.all(files.map(({ path }) => executableAt(path)))) {
        if (executable !== undefined) found.set(executable.path, executable);
      }
    }
    this.found = found;
    this.looking = undefined;
    return found;
  }
}

/** A workspace larger than that has its programs nearer to its top than its last files. */
const MOST_ENTRIES = 200_000;
const MOST_DEPTH = 16;

/** Files and folders where built programs are not, or only those of others. */
export function isInteresting(path: string): boolean {
  const parts = path.split("/");
  if (path === "" || parts[0] === "..") return false;
  if (parts.some((part) => BORING.has(part)) || /\.(o|a|so|ko|obj|debug|dwo|dwp|rlib|rmeta)$|\.so\./.test(path)) {
    return false;
  }
  // Cargo keeps what it makes on the way (build scripts, hashed copies) beside the programs.
  const target = parts.indexOf("target");
  return target < 0 || !parts.slice(target).some((part) => CARGO_OWN.has(part));
}

const BORING: ReadonlySet<string> = new Set([
  ".git",
  ".hg",
  ".svn",
  ".vscode",
  ".faultline",
  ".cache",
  ".venv",
  "venv",
  "node_modules",
  "CMakeFiles",
  "__pycache__",
]);
const CARGO_OWN: ReadonlySet<string> = new Set(["deps", "build", "incremental", ".fingerprint"]);

async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch {
    return []; // Not for us to read, or gone meanwhile.
  }
}

async function executableAt(path: string): Promise<Executable | undefined> {
  try {
    const stats = await lstat(path);
    if (!stats.isFile() || (stats.mode & ANY_EXECUTE) === 0) return undefined;
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(ELF_HEAD_BYTES), 0, ELF_HEAD_BYTES, 0);
      const program = isProgram(buffer.subarray(0, bytesRead), machinesOf(process.arch));
      return program ? { path, modified: stats.mtimeMs } : undefined;
    } finally {
      await file.close();
    }
  } catch {
    return undefined; // Gone, or not for us to read.
  }
}

const ANY_EXECUTE = 0o111;
