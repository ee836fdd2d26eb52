/** The lock set: what a campaign observed, and what it comes to in the program's terms. */
import type { ObjectKind, SourcePosition } from "../image/image.js";
import type { RegionKind } from "../attribution/findings.js";
import type { Diagnosis } from "../diagnosis/diagnosis.js";

/** Everything a campaign of evicting, tracing and locking learnt. Addresses are run-time addresses, below 2^53. */
export interface LockSetObservation {
  readonly pid: number;
  readonly command: readonly string[];
  /** Where /proc/PID/exe pointed to: every other image is a library. */
  readonly executable?: string | undefined;
  /** Bytes in a page of the target. */
  readonly pageSize: number;
  /** Text of /proc/PID/maps when the last interval had ended. */
  readonly maps: string;
  /** The threads at that time: whose stack a mapping is. */
  readonly threads: readonly ObservedThread[];
  readonly rounds: readonly LockSetRound[];
  /** Every page that was ever locked by the campaign, in no order; the dropped ones, too. */
  readonly pages: readonly ObservedPage[];
  /** What was observed: one entry an interval of each stimulus. */
  readonly intervals: readonly ObservedInterval[];
  /** Faults of the last intervals, with the set locked and everything else evicted; undefined where none was run. */
  readonly faultsAfter: number | undefined;
  /** Whether each page that stayed was unlocked alone, evicted and seen to fault again. */
  readonly leftOneOut: boolean;
  /** What the program itself had locked before, in pages; they are no part of the set. */
  readonly alreadyLockedPages: number;
  readonly limits: LockLimits;
  /** What mlockall(MCL_CURRENT) would lock, for comparison. */
  readonly whole: { readonly virtualBytes: number; readonly residentBytes: number } | undefined;
  /** What the observation could not see or evict. */
  readonly gaps: readonly Gap[];
  /** The trace folder of the last round that faulted. */
  readonly tracePath: string | undefined;
  /** undefined: pages of what could be reached were not added. */
  readonly reach?: ReachedByPath | undefined;
}

export interface ObservedThread {
  readonly tid: number;
  readonly name: string;
  /** The third last field of /proc/PID/task/TID/syscall, or what ptrace said; undefined where neither was to be had. */
  readonly stackPointer: number | undefined;
}

export interface LockSetRound {
  /** From 1. */
  readonly round: number;
  /** Pages that were still resident and not locked when the interval began. */
  readonly resident: number;
  readonly faults: number;
  /** Pages that were locked because of this round. */
  readonly newPages: number;
  /** Each page had a fault of its own: the kernel was kept from mapping those around it as well. */
  readonly exact?: boolean | undefined;
}

export interface ObservedPage {
  /** Address divided by the page size. */
  readonly page: number;
  readonly reasons: readonly PageReason[];
  /** Left out again: the intervals took no fault without it. */
  readonly dropped: boolean;
}

/** Why a page is in the set: one entry a (way it was seen, stimulus) is enough, the first one that was seen. */
export interface PageReason {
  /**
   * A perf event; the difference of pagemap around an interval whose counters rose. Of "reach" nothing was seen: the
   * critical path could come to it.
   */
  readonly kind: "fault" | "pagemap" | "reach";
  readonly round: number;
  readonly stimulus: string | undefined;
  readonly access: "read" | "write" | "execute" | "unknown";
  /** Taken inside a system call. */
  readonly kernel: boolean;
  readonly major: boolean;
  /** Two faults of one interval hit the page: read first, then written. */
  readonly again: boolean;
  readonly tid: number | undefined;
  /** The byte that was reached for, where an event told it: names the object on the page. */
  readonly address?: number | undefined;
  /** Run-time addresses of user code, innermost first; empty where none is known. */
  readonly chain: readonly number[];
}

export interface ObservedInterval {
  readonly name: string;
  readonly stimulus: string | undefined;
  /** How often it was run, all rounds together. */
  readonly runs: number;
}

export interface LockLimits {
  /** Soft RLIMIT_MEMLOCK of the target in bytes; undefined: unlimited. */
  readonly softBytes: number | undefined;
  /** The most it may raise it to by itself; undefined: unlimited. */
  readonly hardBytes: number | undefined;
  /** The target has CAP_IPC_LOCK: the limit does not count. */
  readonly privileged: boolean;
}

/** What a campaign cannot speak about; `detail` names the path, the count or the refusal. */
export interface Gap {
  readonly code: GapCode;
  readonly detail?: string | undefined;
}

export type GapCode =
  /** perf may not look into system calls: faults there were found by counters and pagemap. */
  | "no-kernel-events"
  /** perf was refused altogether. */
  | "no-events"
  /** Anonymous pages stayed: there is no swap. */
  | "no-swap"
  /** Of those, what an interval touched: `detail` is the largest number of pages of one interval. */
  | "touched-unswappable"
  /** The interval begins with the program: nothing can be locked before it runs. */
  | "before-lock"
  /** `detail`: the file whose pages other processes hold, so that they could not be evicted. */
  | "shared-with-others"
  /** `detail`: number of pages that stayed resident for another reason. */
  | "stayed-resident"
  /** Not each page was tried alone. */
  | "not-left-one-out"
  /** Records were lost: `detail` is their number. */
  | "lost-records"
  /** Faults of the counters that no event and no page explains: `detail` is their number. */
  | "unexplained-faults"
  /** A stimulus did not arrive, or its end was not seen: `detail` is its name. */
  | "no-end"
  /** The program slept through an interval, or the stimulus woke nothing up: `detail` is its name. */
  | "nothing-ran"
  /** Pages of a child process, of which there were `detail`. */
  | "child-processes";

/**
 * irreducible: no fault with the set, and each page of it was missed while it was not locked, in one of the observed
 * intervals at least; a page that only a rare one needs stays, although leaving it out is seldom noticed.
 * sufficient: no fault with the set; not every page was tried alone.
 * faults: there are faults even with the set. unproved: something kept the observation from saying so.
 */
export type LockSetVerdict = "irreducible" | "sufficient" | "faults" | "unproved";

/** The answer, as `faultline lockset --json` prints it; described by schemas/lockset.schema.json. */
/** What the critical functions could reach beyond what the intervals came to. */
export interface ReachedByPath {
  /** Pages that are in the set for that alone. */
  readonly addedPages: number;
  /** Functions below the critical path that no interval executed; those on pages of executed ones cannot be told. */
  readonly notExecuted: readonly { readonly function: string; readonly calledFrom: string | undefined }[];
  /** Calls through pointers, which could lead to more. */
  readonly unknownCalls: number;
}

export interface LockSet {
  readonly version: 1;
  readonly verdict: LockSetVerdict;
  readonly command: readonly string[];
  readonly pid: number;
  readonly pageSize: number;
  readonly pages: number;
  readonly bytes: number;
  readonly faultsAfter: number | undefined;
  readonly rounds: readonly LockSetRound[];
  readonly intervals: readonly ObservedInterval[];
  /** Most pages first. */
  readonly parts: readonly LockSetPart[];
  /** Grouped: what to do, in the order to do it. */
  readonly remedies: readonly LockSetRemedy[];
  readonly alreadyLockedPages: number;
  readonly droppedPages: number;
  readonly limits: LockLimits;
  readonly whole: LockSetObservation["whole"];
  readonly gaps: readonly Gap[];
  readonly tracePath: string | undefined;
  /** The executable's own image; undefined where its file could not be read. */
  readonly program: ProgramMemory | undefined;
  /** Only where it was asked for. */
  readonly reach?: ReachedByPath | undefined;
}

/** What the executable itself has in memory: for a small program the whole of it is soon locked. */
export interface ProgramMemory {
  readonly path: string;
  readonly buildId: string | undefined;
  /** Bytes of the pages of all its loaded segments. */
  readonly bytes: number;
  /** Of them, those that are written: variables, and what the linker relocates. */
  readonly writableBytes: number;
}

/** Pages of one section of an image, of one stack, of the heap …: what is placed, or locked, in one go. */
export interface LockSetPart {
  readonly region: RegionKind;
  /** Path of the image or file, "[heap]", "stack of input (tid 12)". */
  readonly name: string;
  /** What the program brought itself: the executable's own image, as opposed to a library's. */
  readonly own: boolean;
  readonly image: string | undefined;
  readonly buildId: string | undefined;
  /** Name of the section most of its pages are in; undefined outside images. */
  readonly section: string | undefined;
  /** "0x…" run-time address of the first page. */
  readonly address: string;
  readonly pages: number;
  readonly bytes: number;
  readonly ranges: readonly PartRange[];
  /** What lies on these pages: what faults reached for first, then by address. */
  readonly objects: readonly PartObject[];
  /** Objects beyond those that are listed. */
  readonly moreObjects: number;
  /** Functions whose code reached for these pages, most frequent first. */
  readonly sites: readonly PartSite[];
  /** How the pages came into the set. */
  readonly reasons: PartReasons;
  readonly diagnoses: readonly Diagnosis[];
}

/** Adjacent pages. */
export interface PartRange {
  /** "0x…" run-time address. */
  readonly address: string;
  readonly pages: number;
  /** Byte of the image's file, so that a later process can find the page again; undefined outside files. */
  readonly fileOffset: number | undefined;
  /** Link-time address in the image; undefined outside images. */
  readonly linkAddress: number | undefined;
}

export interface PartObject {
  readonly kind: ObjectKind | RegionKind;
  readonly name: string;
  readonly symbol: string | undefined;
  readonly size: number;
  /** Not the part's where a page holds the end of one section and the start of the next. */
  readonly section: string | undefined;
  /** An instruction or address of a fault was in it; the others merely lie on the same pages. */
  readonly reached: boolean;
  readonly declaration: SourcePosition | undefined;
}

export interface PartSite {
  readonly function: string;
  readonly image: string | undefined;
  readonly file: string | undefined;
  readonly line: number | undefined;
  /** The nearest function of the program itself that called it; undefined where it is its own, or none is known. */
  readonly calledFrom: string | undefined;
  readonly pages: number;
}

export interface PartReasons {
  readonly read: number;
  readonly write: number;
  readonly execute: number;
  /** Pages that the kernel touched inside a system call. */
  readonly kernel: number;
  /** Pages known only from pagemap: no event named them. */
  readonly unnamed: number;
  readonly major: number;
  readonly stimuli: readonly string[];
}

export interface LockSetRemedy {
  readonly code: Diagnosis["remedy"];
  /** Numbers in LockSet.parts that it is for. */
  readonly parts: readonly number[];
  readonly pages: number;
}
