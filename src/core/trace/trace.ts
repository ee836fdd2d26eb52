/** A trace: all that one recording gave, as values. */
import type { FaultTable } from "./fault-table.js";
import type { RunRecord } from "./run.js";

export interface Trace {
  /** Completed faults, in time order. */
  readonly faults: FaultTable;
  /** Begins without an end (SIGSEGV, SIGBUS). Empty where ends were not recorded: then begins are the faults. */
  readonly refused: FaultTable;
  readonly chains: CallChains;
  readonly processes: ProcessTimeline;
  readonly mappings: MappingTimeline;
  /** Bytes in a page, as recorded. */
  readonly pageSize: number;
  /** Records the kernel said it dropped. */
  readonly lost: number;
  /** What was recorded, by perf's names: "page-faults", "minor-faults", "exceptions:page_fault_user". */
  readonly events: readonly string[];
  /** Command line as perf or we stored it. */
  readonly command: readonly string[];
  /** Architecture as uname says it: "x86_64", "aarch64". */
  readonly arch: string | undefined;
  /** Our own recordings carry run.json; those of perf do not. */
  readonly run: RunRecord | undefined;
  /** What was wrong with the file: cut off, unknown records. Empty for a whole file. */
  readonly problems: readonly TraceProblem[];
}

export type TraceProblem =
  | { readonly kind: "truncated"; readonly offset: number }
  | { readonly kind: "malformed"; readonly offset: number; readonly subject: string }
  | { readonly kind: "unsupported"; readonly subject: string }
  /** Only some of these events have a sample. */
  | { readonly kind: "sampled"; readonly event: string };

/** Call chains: row i is frames offsets[i] … offsets[i+1], innermost first, user-space frames only. */
export interface CallChains {
  readonly length: number;
  readonly offsets: Uint32Array;
  readonly ipGranule: Float64Array;
  readonly ipOffset: Uint16Array;
}

export interface ProcessTimeline {
  /** Every pid and tid seen, with its latest name and its parent. */
  readonly threads: ReadonlyMap<number, ThreadInfo>;
  /** Name of the thread at that time: the last COMM at or before it. */
  nameAt(tid: number, time: number): string;
}

export interface ThreadInfo {
  readonly pid: number;
  readonly tid: number;
  readonly parent: number | undefined;
  /** Time of the FORK record that began it; undefined for threads that were there before. */
  readonly started: number | undefined;
  readonly names: readonly { readonly time: number; readonly name: string; readonly exec: boolean }[];
  readonly exited: number | undefined;
}

export interface Mapping {
  /** First address and the one after the last, below 2^53. */
  readonly start: number;
  readonly end: number;
  /** Byte of the file at `start`. */
  readonly fileOffset: number;
  /** Path, "[heap]", "[stack]", "[vdso]", "//anon", … as the kernel gave it. */
  readonly name: string;
  readonly readable: boolean | undefined;
  readonly writable: boolean | undefined;
  readonly executable: boolean;
  readonly shared: boolean | undefined;
  /** Lower-case hexadecimal, when the record carried one. */
  readonly buildId: string | undefined;
  readonly inode: number | undefined;
  readonly device: { readonly major: number; readonly minor: number } | undefined;
  /** When it was mapped; 0 for what was there before. */
  readonly time: number;
}

export interface MappingTimeline {
  /** The mapping that covered the address in that process at that time; fork copies, exec clears. */
  at(pid: number, time: number, address: number): Mapping | undefined;
  /** All mappings a process ever had, in time order. */
  of(pid: number): readonly Mapping[];
  readonly pids: readonly number[];
}
