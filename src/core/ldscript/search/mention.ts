/** Where a build says which linker script it uses, as its files tell it. */
import type { LinkCommand } from "./link-command.js";

/** What says so: what a build tool wrote for itself, or what a person wrote for the build tool. */
export type MentionKind = "link-command" | "ninja" | "make" | "cmake" | "meson" | "cargo";

/** Paths are as written; `folders` says what a relative one counts from, the likeliest first. */
export interface Mention {
  readonly kind: MentionKind;
  /** Names of the scripts, in the order of the command; of a link without one, none. */
  readonly scripts: readonly string[];
  /** What is linked: a path, or a build tool's name for it; undefined: everything in the folder. */
  readonly program: string | undefined;
  /** How many folders above the file relative paths count from: 0 is the file's own. */
  readonly up: number;
  /** 1-based, in the file: where the script's name stands; of a link without one, 1. */
  readonly line: number;
  /** Where the whole command is known. */
  readonly command: LinkCommand | undefined;
}

/** The line that names the script: variables put it anywhere. 1 where none does. */
export function lineOf(text: string, script: string | undefined): number {
  const name = script?.split("/").at(-1);
  if (name === undefined || name === "") return 1;
  const lines = text.split("\n");
  const says = (line: string): boolean => line.includes(name) && !/^\s*(?:#|\/\/)/.test(line);
  return lines.findIndex(says) + 1 || 1;
}
