/** The report: what `faultline report --json` prints and every other view is made from. Described by schemas/report.schema.json. */
import type { ObjectKind, SourcePosition } from "../image/image.js";
import type { RegionKind } from "../attribution/findings.js";

export interface Report {
  readonly version: 1;
  readonly command: readonly string[];
  readonly arch: string | undefined;
  readonly pageSize: number;
  /** What `faults` counts in rows: faults, or, where perf events were refused, pages that came in. */
  readonly counted: "faults" | "pages";
  /** Nanoseconds from the first to the last fault. */
  readonly spanNs: number;
  readonly faults: FaultCounts;
  readonly completeness: Completeness;
  /** The lines that took faults, most faults first. Each fault counts once, for the innermost (inlined) line. */
  readonly lines: readonly LineRow[];
  /** Lines whose inlined calls took faults: the callers of the inline chains in `lines`. */
  readonly callSites: readonly CallSiteRow[];
  readonly functions: readonly FunctionRow[];
  readonly objects: readonly ObjectRow[];
  readonly sections: readonly SectionRow[];
  readonly regions: readonly RegionRow[];
  readonly pages: readonly PageRow[];
  readonly threads: readonly ThreadRow[];
  /** What the source files in `lines` and `callSites` held when they were compiled, where compilers recorded it. */
  readonly sources?: readonly CompiledSource[];
  /** Every completed fault in time order, on request. */
  readonly samples?: readonly SampleRow[];
}

export interface CompiledSource {
  /** Path after the source map. Of a file that was compiled in several states there are several. */
  readonly file: string;
  /** Lower-case hexadecimal (DWARF 5, section 6.2.4.1: DW_LNCT_MD5). */
  readonly md5: string;
}

export interface FaultCounts {
  /** Completed: minor + major. */
  readonly total: number;
  readonly minor: number;
  readonly major: number;
  readonly user: number;
  readonly kernel: number;
  /** Begins that never completed: SIGSEGV, SIGBUS. */
  readonly refused: number;
  /** Records the kernel dropped. */
  readonly lost: number;
  readonly timeNs: number;
}

export interface Completeness {
  /** Nothing lost, nothing known to be invisible but what is named in `notes`. */
  readonly complete: boolean;
  readonly completed: number;
  readonly refused: number;
  readonly lost: number;
  /** The process's own counters, when they were recorded. */
  readonly rusage: { readonly minor: number; readonly major: number } | undefined;
  readonly notes: readonly { readonly code: string; readonly message: string }[];
}

interface Counts {
  readonly faults: number;
  readonly minor: number;
  readonly major: number;
  readonly timeNs: number;
}

export interface LineRow extends Counts {
  /** Path after the source map; `""` with line 0 where the code has no line. */
  readonly file: string;
  readonly line: number;
  readonly function: string;
  readonly image: string | undefined;
  /** What was touched from here, most faults first. */
  readonly objects: readonly TouchedObject[];
  /** "0x…" link-time addresses of the faulting instructions in `image`, most faults first. */
  readonly addresses: readonly string[];
  /** The threads that took them, most faults first. */
  readonly threads?: readonly LineThread[];
  /** Where the inlined code was called from, outermost last; the most frequent chain. */
  readonly inlinedInto: readonly { readonly function: string; readonly file: string; readonly line: number }[];
}

export interface LineThread {
  readonly pid: number;
  readonly tid: number;
  readonly name: string;
  readonly faults: number;
}

export interface CallSiteRow extends Counts {
  readonly file: string;
  readonly line: number;
  readonly function: string;
}

export interface TouchedObject {
  readonly name: string;
  readonly kind: ObjectKind | RegionKind;
  /** Path of the image it is in; undefined outside any. */
  readonly image?: string | undefined;
  readonly faults: number;
  readonly declaration: SourcePosition | undefined;
}

export interface FunctionRow extends Counts {
  readonly name: string;
  readonly image: string | undefined;
  readonly file: string | undefined;
  readonly line: number | undefined;
}

export interface ObjectRow extends Counts {
  readonly name: string;
  readonly kind: ObjectKind | RegionKind;
  readonly symbol: string | undefined;
  readonly section: string | undefined;
  readonly image: string | undefined;
  readonly pages: number;
  readonly size: number;
  readonly declaration: SourcePosition | undefined;
}

export interface SectionRow extends Counts {
  readonly image: string;
  readonly section: string;
  readonly pages: number;
}

export interface RegionRow extends Counts {
  readonly kind: RegionKind;
  readonly name: string;
  readonly pages: number;
}

export interface PageRow extends Counts {
  /** "0x…" run-time address of the page. */
  readonly address: string;
  readonly pid: number;
  readonly region: string;
  readonly section: string | undefined;
  readonly objects: readonly string[];
}

/** A thread while it ran one program: after exec it is another row. */
export interface ThreadRow extends Counts {
  readonly pid: number;
  readonly tid: number;
  readonly name: string;
}

/** One completed fault. Addresses are "0x…" strings: JSON numbers cannot hold kernel addresses. */
export interface SampleRow {
  /** Nanoseconds on the trace's clock, when the fault began. */
  readonly time: number;
  readonly pid: number;
  readonly tid: number;
  readonly ip: string;
  readonly address: string;
  readonly kind: "minor" | "major" | "unknown";
  readonly mode: "user" | "kernel";
  readonly access: "read" | "write" | "execute" | "unknown";
  /** Service time, undefined when unknown. */
  readonly timeNs: number | undefined;
}
