/** run.json: what the recorder knows and perf.data does not say. Written by the recorder, read back here. */

export interface RunRecord {
  readonly version: 1;
  readonly command: readonly string[];
  readonly workingDirectory: string;
  /** Names only, never values. */
  readonly environmentNames: readonly string[];
  readonly mode: "launch" | "attach" | "pagemap";
  readonly pid: number;
  /** ISO 8601, wall clock. */
  readonly startedAt: string;
  readonly endedAt: string | undefined;
  /** CLOCK_MONOTONIC nanoseconds of the same two moments. */
  readonly startTime: number;
  readonly endTime: number | undefined;
  readonly exit: { readonly code: number | undefined; readonly signal: string | undefined } | undefined;
  readonly events: readonly string[];
  readonly pageSize: number;
  /** Data pages of each ring that was mapped. */
  readonly ringPages: number;
  readonly lost: number;
  /** The kernel's own counts of the events, losses included; undefined until the end, and where no events could be had. */
  readonly faults: RunFaults | undefined;
  readonly userOnly: boolean;
  /** The process's own counters for itself and its waited-for children (getrusage RUSAGE_CHILDREN, or /proc/PID/stat when attached). */
  readonly rusage: { readonly minor: number; readonly major: number } | undefined;
  readonly limits: { readonly memlockSoft: number | undefined; readonly memlockHard: number | undefined };
  readonly machine: {
    readonly arch: string;
    readonly kernel: string;
    readonly cpus: number;
    readonly perfEventParanoid: number | undefined;
    readonly swapTotalKb: number;
  };
  /** What could not be seen, as codes: the report makes sentences of them. */
  readonly blind: readonly BlindSpot[];
}

export interface RunFaults {
  readonly minor: number;
  readonly major: number;
  /** Begins without an end; undefined where begins were not recorded. */
  readonly refused: number | undefined;
}

export type BlindSpot =
  | { readonly kind: "kernel-mode"; readonly reason: "unprivileged" | "asked" }
  | { readonly kind: "get-user-pages" }
  | { readonly kind: "setuid"; readonly path: string }
  | { readonly kind: "unreadable"; readonly path: string }
  | { readonly kind: "page-size"; readonly pageSize: number }
  | { readonly kind: "no-perf-events"; readonly reason: string }
  | { readonly kind: "service-time" }
  | { readonly kind: "interrupted" }
  /** Somebody paused it for that long. */
  | { readonly kind: "paused"; readonly milliseconds: number };
