/** What locking a running process came to, as sentences; and its locked memory as a table. */
import type { LockLimits } from "../memlock/lock-set.js";
import { printable } from "./printable.js";
import { bytes } from "./quantities.js";
import { titled, type TableOptions } from "./text.js";
import type { Column } from "./text-table.js";
import type { Translate } from "./translate.js";

/** Why the kernel refused, with the limit and what is needed. */
export function lockFailureText(
  failure: {
    readonly errno: string;
    readonly newBytes: number;
    readonly lockedBytes: number;
    readonly limits: LockLimits;
  },
  translate: Translate,
): string {
  const { errno, newBytes, lockedBytes, limits } = failure;
  const { softBytes } = limits;
  if ((errno === "EPERM" || errno === "ENOMEM") && softBytes !== undefined && !limits.privileged) {
    return translate(
      "The kernel refused ({0}): the process may lock {1}, has locked {2}, and {3} more are needed. Raise its limit: prlimit --pid PID --memlock={4}, ulimit -l, or LimitMEMLOCK= of its service.",
      errno,
      bytes(softBytes),
      bytes(lockedBytes),
      bytes(newBytes),
      lockedBytes + newBytes,
    );
  }
  return translate("The kernel refused ({0}), for none of the reasons that limits have.", errno);
}

/** What is known to go wrong, before it does. */
export type LockWarning =
  /** A JavaScript engine gives memory back by MADV_DONTNEED, which locked memory refuses. */
  | { readonly kind: "v8"; readonly program: string }
  /** Later mappings count against the limit, and fail beyond it. */
  | { readonly kind: "future-limit"; readonly leftBytes: number };

export function lockWarningText(warning: LockWarning, translate: Translate): string {
  switch (warning.kind) {
    case "v8":
      return translate(
        "{0} runs JavaScript by V8, which ends when all of its memory is locked: madvise(MADV_DONTNEED) is refused then.",
        printable(warning.program, 60),
      );
    case "future-limit":
      return translate(
        "What the process maps later counts, too: beyond {0} more, mmap, malloc and new threads will fail.",
        bytes(warning.leftBytes),
      );
  }
}

/** One mapping of a running process. JSON-safe. */
export interface LockedMemoryRow {
  /** "0x…" */
  readonly address: string;
  readonly size: number;
  readonly resident: number;
  readonly locked: boolean;
  readonly onFault: boolean;
  readonly swapped: number;
  readonly name: string;
}

export interface SwapDevice {
  readonly path: string;
  /** zram holds swapped pages in memory, compressed. */
  readonly zram: boolean;
  readonly size: number;
  readonly used: number;
}

export interface LockedMemory {
  readonly version: 1;
  readonly pid: number;
  readonly name: string;
  readonly lockedBytes: number;
  /** undefined: no limit. */
  readonly limitBytes: number | undefined;
  readonly privileged: boolean;
  readonly mappings: readonly LockedMemoryRow[];
  readonly swap: readonly SwapDevice[];
}

export function lockedMemoryText(memory: LockedMemory, options: TableOptions): string {
  const { style, translate } = options;
  const { pid, name, lockedBytes, limitBytes, privileged, mappings, swap } = memory;
  const limit =
    limitBytes === undefined || privileged
      ? translate("without limit")
      : translate("of {0} it may lock", bytes(limitBytes));
  const swaps =
    swap.length === 0
      ? translate("There is no swap: private memory stays, locked or not.")
      : swap
          .map(({ path, zram, used, size }) =>
            zram
              ? translate("{0} (zram, compressed memory): {1} of {2} used", printable(path), bytes(used), bytes(size))
              : translate("{0}: {1} of {2} used", printable(path), bytes(used), bytes(size)),
          )
          .join("; ");
  const rows = mappings.toSorted((a, b) => Number(b.locked) - Number(a.locked) || b.resident - a.resident);
  const lines = [
    style.bold(translate("Locked memory of {0} ({1})", printable(name), pid)),
    translate("{0} locked, {1}.", bytes(lockedBytes), limit),
    style.dim(swaps),
    "",
    ...titled(translate("Mappings"), rows, columns(options), options),
  ];
  return `${lines.join("\n")}\n`;
}

function columns({ translate }: TableOptions): readonly Column<LockedMemoryRow>[] {
  return [
    { title: translate("address"), align: "right", text: ({ address }) => address },
    { title: translate("size"), align: "right", text: ({ size }) => bytes(size) },
    { title: translate("in memory"), align: "right", text: ({ resident }) => (resident > 0 ? bytes(resident) : "") },
    { title: translate("swapped"), align: "right", text: ({ swapped }) => (swapped > 0 ? bytes(swapped) : "") },
    {
      title: translate("locked"),
      align: "left",
      text: ({ locked, onFault }) => (onFault ? translate("on fault") : locked ? translate("yes") : ""),
    },
    { title: translate("mapping"), align: "left", text: ({ name }) => printable(name) },
  ];
}
