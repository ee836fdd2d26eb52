/** The compilers of this machine, and how tests of runtime/faultline.h call them. */
import { execFile, execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

export const SOURCES = "test/support/runtime";
export const WARNINGS = "-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wsign-conversion -Wcast-qual -Werror".split(
  " ",
);
export const ROOT = process.getuid?.() === 0;

const NOBODY = 65534;
/** In front of a command, it runs as somebody without rights. */
export const WITHOUT_RIGHTS: readonly string[] = ROOT
  ? ["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups"]
  : [];

export interface Compiler {
  readonly c: string;
  readonly cpp: string;
  /** By name, as -fuse-ld takes it; "" is its own. */
  readonly linkers: readonly string[];
}

const has = (command: string): boolean => spawnSync(command, ["--version"]).status === 0;

export const COMPILERS: readonly Compiler[] = [
  { c: "gcc", cpp: "g++", linkers: ["", "gold", ...(has("ld.lld") ? ["lld"] : [])] },
  { c: "clang-19", cpp: "clang++-19", linkers: ["", "lld"] },
  { c: "clang-14", cpp: "clang++-14", linkers: [""] },
].filter(({ c, cpp }) => has(c) && has(cpp));

/** Throws with what the compiler said. */
export function compile(compiler: string, args: readonly string[]): void {
  execFileSync(compiler, [...args, ...ALWAYS], { stdio: ["ignore", "ignore", "pipe"] });
}

export async function compileAside(compiler: string, args: readonly string[]): Promise<void> {
  await promisify(execFile)(compiler, [...args, ...ALWAYS]);
}

const ALWAYS = ["-Iruntime", "-pthread"];

export const source = (name: string, cpp = false): string[] => (cpp ? ["-x", "c++"] : []).concat(join(SOURCES, name));
