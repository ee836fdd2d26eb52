/** One source file compiled alone, as its build does it: whether a changed file still compiles. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, realpathSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { listOf, objectOf, parsedJson, textOf } from "../core/base/json-fields.js";
import { splitWords } from "../core/base/shell-words.js";
import type { Definition } from "../core/image/image.js";
import { compilerOptions, producedBy } from "../core/placement/source-producer.js";

export interface CompileCommand {
  /** Compiler and options, without what says where the output goes. */
  readonly argv: readonly string[];
  readonly directory: string;
  /** What is compiled: of a header, a file that includes it. */
  readonly source: string;
  readonly from: "compile_commands.json" | "debug information";
}

/**
 * How the unit is compiled: by the compile_commands.json of a folder around it, or of the build folders there, else by
 * what the compiler recorded of its options, of which only those are taken that choose how code is made.
 */
export function compileCommand(unit: Definition["unit"], folders: readonly string[]): CompileCommand | undefined {
  const name = unit.name.replace(/\/@\/.*$/, "");
  const source = realPath(resolve(unit.directory, name));
  if (name === "" || source === undefined) return undefined;
  for (const database of databases(source, folders)) {
    const found = inDatabase(database, source);
    if (found !== undefined) return found;
  }
  const argv = producedBy(unit.producer, unit.language, source);
  return argv === undefined ? undefined : { argv, directory: unit.directory, source, from: "debug information" };
}

/** Where it looks for headers besides the source's own folder, as far as the command line says. */
export function headerFolders({ argv, directory }: CompileCommand): readonly string[] {
  return argv.flatMap((word, index) => {
    const found = /^(?:-I|-iquote|-isystem|-idirafter)(.*)$/.exec(word);
    const folder = found === null ? undefined : found[1] === "" ? argv[index + 1] : found[1];
    return folder === undefined ? [] : [resolve(directory, folder)];
  });
}

export type Compiled =
  | { readonly ok: true }
  /** `error` is the compiler's first, with its file and line. */
  | { readonly ok: false; readonly error: string }
  /** The compiler is not here, or took too long. */
  | { readonly ok: undefined; readonly reason: string };

/** Compiles down to assembler: conflicts of sections show nowhere before. Leaves nothing behind. */
export function compileAlone({ argv, directory, source }: CompileCommand): Compiled {
  const folder = mkdtempSync(join(tmpdir(), "faultline-compile-"));
  try {
    const [compiler = "", ...options] = argv;
    const rust = source.endsWith(".rs");
    const output = join(folder, "output");
    const own = rust ? ["--emit=metadata", "-o", output] : ["-fno-lto", "-S", "-o", output];
    // A driver that is killed leaves its compiler running: timeout(1) ends the whole group.
    const { status, signal, stderr, error } = spawnSync("timeout", [...LIMIT, compiler, ...options, ...own, source], {
      cwd: directory,
      encoding: "utf8",
      maxBuffer: MOST_MESSAGES,
      stdio: ["ignore", "ignore", "pipe"],
      env: { ...process.env, LC_ALL: "C", TMPDIR: folder },
    });
    if (error !== undefined) return { ok: undefined, reason: `${compiler}: ${error.message}` };
    if (signal !== null || status === KILLED)
      return { ok: undefined, reason: `${compiler} took more than ${LIMIT[2]} seconds` };
    if (status === NOT_FOUND || status === NOT_RUN) return { ok: undefined, reason: `${compiler} is not here` };
    return status === 0 ? { ok: true } : { ok: false, error: firstError(stderr) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function firstError(messages: string): string {
  const line = messages.split("\n").find((one) => /\b(?:error|fatal error)(?:\[E\d+\])?: /.test(one));
  const where = /^\s*--> (\S+)/m.exec(messages)?.[1];
  const text = (line ?? messages.split("\n")[0] ?? "").trim();
  return where !== undefined && text.startsWith("error") ? `${where}: ${text}` : text;
}

/** From the source outwards, the nearest first. */
function databases(source: string, folders: readonly string[]): readonly string[] {
  const found = new Set<string>();
  const add = (folder: string): void => {
    for (const below of BUILD_FOLDERS) {
      const path = join(folder, below, "compile_commands.json");
      const stats = statSync(path, { throwIfNoEntry: false });
      if (stats?.isFile() === true && stats.size <= MOST_DATABASE_BYTES) found.add(path);
    }
  };
  folders.forEach(add);
  for (let folder = dirname(source); ; folder = dirname(folder)) {
    add(folder);
    if (folder === dirname(folder) || folders.includes(folder)) break;
  }
  return [...found];
}

/** https://clang.llvm.org/docs/JSONCompilationDatabase.html */
function inDatabase(path: string, source: string): CompileCommand | undefined {
  for (const item of listOf(parsedJson(readFileSync(path, "utf8")))) {
    const entry = objectOf(item);
    const directory = resolve(dirname(path), textOf(entry?.["directory"]) ?? ".");
    const file = textOf(entry?.["file"]);
    if (file === undefined || realPath(resolve(directory, file)) !== source) continue;
    const given = entry?.["arguments"];
    const argv = Array.isArray(given)
      ? given.filter((word): word is string => typeof word === "string")
      : splitWords(textOf(entry?.["command"]) ?? "");
    if (argv === undefined || argv.length === 0) continue;
    return { argv: compilerOptions(argv, file), directory, source, from: "compile_commands.json" };
  }
  return undefined;
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined; // What is not here is not compiled here.
  }
}

const BUILD_FOLDERS: readonly string[] = [".", "build", "out", "builddir", "cmake-build-debug", "cmake-build-release"];
/** Options of timeout(1). A file that takes longer is compiled by the build alone. */
const LIMIT = ["-s", "KILL", "120"] as const;
/** Exit statuses of timeout(1): 128 and the signal, and those of the shell. */
const KILLED = 137;
const NOT_RUN = 126;
const NOT_FOUND = 127;
const MOST_MESSAGES = 8 << 20;
const MOST_DATABASE_BYTES = 256 << 20;
