/** A script with what it includes: what edits and diagnoses start from. */
import type { Dialect } from "./dialect.js";
import { followIncludes, type Included, type ReadInclude } from "./included.js";
import { parse } from "./parse.js";
import type { Problem } from "./problems.js";
import type { Script } from "./tree.js";

export interface OpenedScript {
  readonly text: string;
  readonly tree: Script;
  readonly problems: readonly Problem[];
  readonly included: Included;
}

/** Without a reader what is included stays unknown: it is listed as missing. Never fails. */
export function openScript(text: string, dialect: Dialect, read: ReadInclude | undefined): OpenedScript {
  const { tree, problems } = parse(text, "script", dialect);
  return { text, tree, problems, included: followIncludes(tree, read ?? (() => undefined), dialect) };
}
