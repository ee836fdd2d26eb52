/** Files of this machine as reach wants them: with their code disassembled, and the libraries that they need. */
import { spawnSync } from "node:child_process";
import { dirname, resolve } from "node:path";
import { readElf, type ElfFile } from "../core/elf/elf-file.js";
import type { Image } from "../core/image/image.js";
import { reachFile, type ReachFile } from "../core/reach/reach-file.js";
import { codeDisassembly } from "./code-disassembly.js";
import { FileByteSource } from "./file-source.js";
import { openImageFile } from "./images.js";
import { UserError } from "./user-error.js";

export interface ReachFiles {
  readonly file: ReachFile;
  /** The library of a name, as the loader would find it; undefined where it is not here. Opened once. */
  readonly library: (name: string) => ReachFile | undefined;
  /** Whether a library that it needs, or one of theirs, is bound at the first call. */
  readonly bindsLazily: () => boolean;
  /** Whether a disassembler was found: told after the first question. */
  readonly hasDisassembler: () => boolean;
  /** Of what is open now: the file first. */
  readonly images: () => readonly Image[];
  readonly close: () => void;
}

/** @param objects paths of object files that the file was linked from. Throws UserError for what is no ELF file that can be read. */
export function openReachFiles(path: string, objects: readonly string[] = []): ReachFiles {
  const closers: (() => void)[] = [];
  const programs: (() => string | undefined)[] = [];
  const openObject = (object: string): ElfFile => {
    const opened = openImageFile(object);
    if (!opened.ok) throw new UserError(opened.message);
    opened.close();
    const source = FileByteSource.open(object);
    closers.push(() => source.close());
    return readElf(source);
  };
  const open = (file: string, linkedFrom: readonly string[] = []): ReachFile | string => {
    const opened = openImageFile(file);
    if (!opened.ok) return opened.message;
    closers.push(opened.close);
    const source = FileByteSource.open(file);
    closers.push(() => source.close());
    const { disassemble, program } = codeDisassembly(resolve(file), opened.image.machine);
    programs.push(program);
    return reachFile(readElf(source), opened.image, disassemble, linkedFrom.map(openObject));
  };
  const file = open(path, objects);
  if (typeof file === "string") throw new UserError(file);
  const libraries = new Map<string, ReachFile | undefined>();
  let paths: ReadonlyMap<string, string> | undefined;
  const openLibrary = (name: string): ReachFile | undefined => {
    paths ??= libraryPaths();
    const found = name.includes("/") ? resolve(dirname(path), name) : paths.get(name);
    const library = found === undefined ? undefined : open(found);
    return typeof library === "string" ? undefined : library;
  };
  const library = (name: string): ReachFile | undefined => {
    if (!libraries.has(name)) libraries.set(name, openLibrary(name));
    return libraries.get(name);
  };
  return {
    file,
    library,
    bindsLazily: () => {
      const asked = new Set(file.needed);
      // A set grows while it is gone through.
      for (const name of asked) {
        const found = asked.size > MOST_LIBRARIES ? undefined : library(name);
        if (found?.boundLazily === true) return true;
        for (const more of found?.needed ?? []) asked.add(more);
      }
      return false;
    },
    hasDisassembler: () => programs.some((program) => program() !== undefined),
    images: () => [file, ...[...libraries.values()].flatMap((library) => library ?? [])].map(({ image }) => image),
    close: () => closers.forEach((close) => close()),
  };
}

/** What the loader's cache knows: "	libc.so.6 (libc6,x86-64) => /lib/x86_64-linux-gnu/libc.so.6". The first of a name stands. */
function libraryPaths(): ReadonlyMap<string, string> {
  const paths = new Map<string, string>();
  for (const program of ["ldconfig", "/sbin/ldconfig"]) {
    const { status, stdout } = spawnSync(program, ["-p"], {
      encoding: "utf8",
      timeout: LDCONFIG_TIMEOUT_MS,
      stdio: ["ignore", "pipe", "ignore"],
      env: { ...process.env, LC_ALL: "C" },
    });
    if (status !== 0) continue;
    for (const [, name, path] of stdout.matchAll(/^\s+(\S+) \([^)]*\) => (\/.+)$/gm))
      if (!paths.has(name!)) paths.set(name!, path!);
    return paths;
  }
  return paths;
}

const MOST_LIBRARIES = 256;
const LDCONFIG_TIMEOUT_MS = 10_000;
