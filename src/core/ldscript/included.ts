/** What a script has from elsewhere: files it includes, the linker's own script. The reader is the caller's: it knows folders and trust. */
import type { Dialect } from "./dialect.js";
import { MAX_INCLUDED_SCRIPTS, MAX_INCLUDE_DEPTH } from "./limits.js";
import { parse } from "./parse.js";
import type { Problem } from "./problems.js";
import { unquoted, type Entry, type Include, type Node, type Script } from "./tree.js";

/** The text of a file as INCLUDE names it, and where it was found; undefined where it cannot be had. */
export type ReadInclude = (name: string) => { readonly path: string; readonly text: string } | undefined;

export interface IncludedScript {
  readonly path: string;
  readonly text: string;
  readonly tree: Script;
  readonly problems: readonly Problem[];
  /** The script's own INCLUDE that it came by; undefined of the linker's own script. */
  readonly by: Include | undefined;
}

export interface MissingScript {
  /** As INCLUDE names it. */
  readonly name: string;
  readonly entry: Entry;
  /** The script's own INCLUDE that it would have come by. */
  readonly by: Include;
}

export interface Included {
  readonly scripts: ReadonlyMap<Include, IncludedScript>;
  /** Not found, or nested deeper than linkers go: what they hold is not known. */
  readonly missing: readonly MissingScript[];
  /** The linker's own script, whose statements come behind those of one that only adds to it. */
  readonly base: IncludedScript | undefined;
}

/** A script's statements and those it has from elsewhere. */
export interface WholeScript {
  readonly tree: Script;
  readonly included: Included;
}

export const NONE_INCLUDED: Included = { scripts: new Map(), missing: [], base: undefined };

/** Reads what `tree` includes, at every level, each as the piece of a script that it stands for. Never fails. */
export function followIncludes(tree: Script, read: ReadInclude, dialect: Dialect): Included {
  const scripts = new Map<Include, IncludedScript>();
  const missing: MissingScript[] = [];
  const pending: Pending[] = [{ script: tree, depth: 0, by: undefined }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { script, depth } = next;
    for (const include of includesOf(script)) {
      const by = next.by ?? include;
      const name = include.file === undefined ? "" : unquoted(include.file);
      const isTooMuch = depth >= MAX_INCLUDE_DEPTH || scripts.size >= MAX_INCLUDED_SCRIPTS;
      const found = isTooMuch || name === "" ? undefined : read(name);
      if (found === undefined) {
        missing.push({ name, entry: include.entry, by });
        continue;
      }
      const parsed = parse(found.text, include.entry, dialect);
      scripts.set(include, { ...found, ...parsed, by });
      pending.push({ script: parsed.tree, depth: depth + 1, by });
    }
  }
  return { scripts, missing, base: undefined };
}

interface Pending {
  readonly script: Script;
  readonly depth: number;
  readonly by: Include | undefined;
}

/** In the order of the text, outside of expressions and lists, where none can be. */
function includesOf(tree: Script): Include[] {
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
