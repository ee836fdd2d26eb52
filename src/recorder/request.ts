/** What a recording is asked to do, and what it gave. */
import type { Refusal } from "../core/trace/refusal.js";
import type { RunRecord } from "../core/trace/run.js";
import type { TraceFolder } from "../host/trace-folder.js";
import type { Caller } from "./elevation.js";

export interface RecordRequest {
  readonly target: RecordTarget;
  /** Only minor-faults and major-faults: cheaper, without service times. */
  readonly light: boolean;
  /** The exceptions:page_fault_* tracepoints too, which tell reads from writes; needs privilege. */
  readonly access: boolean;
  readonly callchains: boolean;
  /** Leave out faults taken in kernel mode even where they may be seen. */
  readonly userOnly: boolean;
  /** Data pages of each ring, a power of two; undefined: as many as the kernel grants. */
  readonly ringPages: number | undefined;
  /** Seconds after which the recording ends by itself. */
  readonly seconds: number | undefined;
  /** The trace folder to write; undefined: a new one below `tracesFolder`. */
  readonly output: string | undefined;
  /** Where folders without a name of their own go: size-capped and pruned. */
  readonly tracesFolder: string;
  /** Who called us through sudo: the target runs as them, the trace belongs to them. */
  readonly caller: Caller | undefined;
  /** Bytes of perf.data that hold whole records, after each drain. */
  readonly onDrained?: (bytes: number) => void;
  /** The trace folder exists and its header is written. */
  readonly onFolder?: (folder: TraceFolder) => void;
  /** One sentence for the person who waits: what fell back, what was missed. */
  readonly onNotice?: (sentence: string) => void;
  /** Pauses must not miss what is mapped meanwhile: an event of its own tells that. */
  readonly pausable?: boolean;
  /** Recording has begun, of this process. */
  readonly onBegun?: (begun: Begun) => void;
  /** Perf events were refused, and pages are recorded instead. */
  readonly onRefused?: (refusal: Refusal) => void;
}

/** A recording under way. */
export interface Begun {
  readonly pid: number;
  readonly folder: TraceFolder;
  /** Pages, where perf events were refused: then `faults` are the process's own counters, and nothing pauses. */
  readonly counted: "faults" | "pages";
  /** So far; undefined once it is over. */
  counts(): { readonly faults: number; readonly major: number; readonly lost: number } | undefined;
  /** Faults are not recorded until `resume`. */
  pause(): void;
  resume(): void;
}

export type RecordTarget =
  | {
      readonly kind: "launch";
      /** The program as it was called, then its arguments. */
      readonly argv: readonly string[];
      readonly workingDirectory: string;
      /** On top of the recorder's own (or the caller's) environment; undefined takes a variable away. */
      readonly environment: Readonly<Record<string, string | undefined>>;
    }
  | { readonly kind: "attach"; readonly pid: number }
  /** The next process whose name (comm, or last part of its path) this is. */
  | { readonly kind: "wait"; readonly name: string };

export interface RecordOutcome {
  readonly folder: TraceFolder;
  /** As it was written to run.json. */
  readonly run: RunRecord;
  /** Why recording stopped before the target did: a full disk. Undefined when it ran to its end. */
  readonly stoppedEarly: string | undefined;
}
