/** A script with what it has from elsewhere: what edits and diagnoses start from. */
import type { Dialect } from "./dialect.js";
import { followIncludes, NONE_INCLUDED, type IncludedScript, type ReadInclude, type WholeScript } from "./included.js";
import { parse, scriptReader } from "./parse.js";
import type { Problem } from "./problems.js";
import { isComplete } from "./script-outline.js";

/** What the caller can get of what is not in the script's own text. */
export interface Surroundings {
  readonly dialect: Dialect;
  /** Without it what is included stays unknown, and is listed as missing. */
  readonly readInclude: ReadInclude | undefined;
  /** The script that the linker has built in (ld --verbose); lld has none. */
  readonly defaultScript: { readonly path: string; readonly text: string } | undefined;
}

export interface OpenedScript extends WholeScript {
  readonly text: string;
  readonly problems: readonly Problem[];
}

/** One that only adds to the linker's own script is opened on top of that. `read` is of the same dialect. Never fails. */
export function openScript(
  text: string,
  { dialect, readInclude, defaultScript }: Surroundings,
  read = scriptReader("script", dialect),
): OpenedScript {
  const { tree, problems } = read(text);
  const isAlone = !text.includes("INCLUDE");
  const included = isAlone ? NONE_INCLUDED : followIncludes(tree, readInclude ?? (() => undefined), dialect);
  if (defaultScript === undefined || isComplete({ tree, included })) return { text, tree, problems, included };
  const base: IncludedScript = { ...defaultScript, ...parse(defaultScript.text, "script", dialect), by: undefined };
  return { text, tree, problems, included: { ...included, base } };
}
