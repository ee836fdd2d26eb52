/** What critical functions of a program on this machine could reach. */
import type { CodeRange } from "../core/reach/function-index.js";
import { EVERY_CALL, reach } from "../core/reach/reach.js";
import type { Reach } from "../core/reach/reached.js";
import { rootsNamed } from "../core/reach/roots.js";
import { printable } from "../core/report/printable.js";
import { openReachFiles, type ReachFiles } from "./reach-files.js";
import { UserError } from "./user-error.js";

/** Throws UserError where the program cannot be read, or has none of a name. */
export function criticalReach(program: string, critical: readonly string[]): Reach {
  const files = openReachFiles(program);
  try {
    return reach(files.file, rootsOf(files, program, critical), {
      depth: EVERY_CALL,
      candidates: false,
      lazyLibraries: files.bindsLazily(),
    });
  } finally {
    files.close();
  }
}

/** What criticalReach would throw, at once: before a long search, say. */
export function checkCritical(program: string, critical: readonly string[]): void {
  const files = openReachFiles(program);
  try {
    rootsOf(files, program, critical);
  } finally {
    files.close();
  }
}

function rootsOf({ file }: ReachFiles, program: string, critical: readonly string[]): readonly CodeRange[] {
  return critical.flatMap((name) => {
    const found = rootsNamed(file, name);
    if (found.length > 0) return found;
    throw new UserError(
      `There is no function ${printable(name)} in ${printable(program)}: mend "critical" in faultline.json, or leave --with-reach out.`,
    );
  });
}
