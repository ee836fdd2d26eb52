/** What locking a running process comes to, as sentences. */
import type { LockWarning } from "../memlock/lock-forecast.js";
import type { LockLimits } from "../memlock/lock-set.js";
import { printable } from "./printable.js";
import { bytes } from "./quantities.js";
import type { Translate } from "./translate.js";

/** Why the kernel refused, with the limit and what is needed. */
export function lockFailureText(
  pid: number,
  failure: {
    readonly errno: string;
    readonly lockedBytes: number;
    readonly neededBytes: number;
    readonly limits: LockLimits;
  },
  translate: Translate,
): string {
  const { errno, lockedBytes, neededBytes, limits } = failure;
  const { softBytes } = limits;
  if ((errno === "EPERM" || errno === "ENOMEM") && softBytes !== undefined && !limits.privileged) {
    return translate(
      "The kernel refused ({0}): the process may lock {1}, has locked {2}, and {3} in all are needed. Raise its limit: prlimit --pid {4} --memlock={5}, ulimit -l, or LimitMEMLOCK= of its service.",
      errno,
      bytes(softBytes),
      bytes(lockedBytes),
      bytes(neededBytes),
      pid,
      neededBytes,
    );
  }
  return translate("The kernel refused ({0}), for none of the reasons that limits have.", errno);
}

export function lockWarningText(warning: LockWarning, translate: Translate): string {
  switch (warning.kind) {
    case "v8":
      return translate(
        "{0} runs JavaScript by V8, which ends when all of its memory is locked: madvise(MADV_DONTNEED) is refused then.",
        printable(warning.program, LONGEST_NAME),
      );
    case "future-limit":
      return translate(
        "What the process maps later counts, too: beyond {0} more, mmap, malloc and new threads will fail.",
        bytes(warning.leftBytes),
      );
    case "limit":
      return translate(
        "The kernel will refuse it: {0} in all are needed, and the process may lock {1}.",
        bytes(warning.neededBytes),
        bytes(warning.limitBytes),
      );
    case "own-mlockall":
      return translate(
        "The process has locked all of its memory by itself. Should it have asked for what it maps later, too (MCL_FUTURE, which nothing tells), that ends now or with --undo.",
      );
  }
}

const LONGEST_NAME = 60;
