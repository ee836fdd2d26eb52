/** Reach: everything in the files that a run of a function could touch, as far as it can be told without running it. */
import type { CodeRange } from "./function-index.js";
import type { ReachFile } from "./reach-file.js";
import type { Reach, ReachOptions } from "./reached.js";
import { Walk } from "./walk.js";

/** @param roots of `file`: a function with its parts, or several. */
export function reach(file: ReachFile, roots: readonly CodeRange[], options: ReachOptions): Reach {
  const walk = new Walk(options);
  walk.start(file, roots);
  return walk.result();
}

/** As many calls as there are. */
export const EVERY_CALL = Infinity;
