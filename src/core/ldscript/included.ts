/** INCLUDE followed: the files a script takes in, and theirs. The reader is the caller's: it knows folders and trust. */
import type { Dialect } from "./dialect.js";
import { MAX_INCLUDED_SCRIPTS, MAX_INCLUDE_DEPTH } from "./limits.js";
import { parse } from "./parse.js";
import type { Problem } from "./problems.js";
import { unquoted, type Include, type Node, type Script } from "./tree.js";

/** The text of a file as INCLUDE names it, and where it was found; undefined where it cannot be had. */
export type ReadInclude = (name: string) => { readonly path: string; readonly text: string } | undefined;

export interface IncludedScript {
  readonly path: string;
  readonly text: string;
  readonly tree: Script;
  readonly problems: readonly Problem[];
}

export interface Included {
  readonly scripts: ReadonlyMap<Include, IncludedScript>;
  /** Not found, or nested deeper than linkers go: what they hold is not known. */
  readonly missing: readonly Include[];
}

export const NONE_INCLUDED: Included = { scripts: new Map(), missing: [] };

/** Reads what `tree` includes, at every level, each as the piece of a script that it stands for. Never fails. */
export function followIncludes(tree: Script, read: ReadInclude, dialect: Dialect): Included {
  const scripts = new Map<Include, IncludedScript>();
  const missing: Include[] = [];
  const pending: { readonly script: Script; readonly depth: number }[] = [{ script: tree, depth: 0 }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { script, depth } = next;
    for (const include of includesOf(script)) {
      const isTooMuch = depth >= MAX_INCLUDE_DEPTH || scripts.size >= MAX_INCLUDED_SCRIPTS;
      const found = isTooMuch || include.file === undefined ? undefined : read(unquoted(include.file));
      if (found === undefined) {
        missing.push(include);
        continue;
      }
      const parsed = parse(found.text, include.entry, dialect);
      scripts.set(include, { ...found, ...parsed });
      pending.push({ script: parsed.tree, depth: depth + 1 });
    }
  }
  return { scripts, missing };
}

/** In the order of the text, outside of expressions and lists, where none can be. */
export function includesOf(tree: Script): Include[] {
  const found: Include[] = [];
  const visit = (node: Node): void => {
    for (const child of node.children) {
      if (child.kind === "include") found.push(child);
      else if (child.kind !== "token" && HOLDERS.includes(child.kind)) visit(child);
    }
  };
  visit(tree);
  return found;
}

const HOLDERS: readonly Node["kind"][] = ["sections", "overlay", "section-group", "output-section", "memory"];
