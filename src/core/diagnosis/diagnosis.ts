/** Causes and remedies as codes and parameters: why the kernel had to handle a fault, and what would prevent it. */
import type { RegionKind } from "../attribution/findings.js";

export type CauseCode =
  /** Code or a constant of a file was not in memory. */
  | "code-not-resident"
  | "constant-not-resident"
  /** A variable of an image: its page is private to the process once written. */
  | "variable-not-resident"
  /** Tables the linker made: addresses of functions and variables elsewhere. */
  | "linkage-not-resident"
  /** The dynamic linker looked up a function at its first call. */
  | "lazy-binding"
  /** A library was loaded, thread-local storage was made, or stdio made its buffers: done once, at first use. */
  | "first-use-of-library"
  /** The kernel's own data page was reached for the first time. */
  | "vdso-data"
  | "main-stack-grows"
  | "thread-stack"
  | "heap"
  /** The kernel's shared page of zeros was read, then replaced by a page of its own. */
  | "zero-page"
  | "copy-on-write"
  | "shared-file-written"
  | "swapped-in"
  /** The kernel wrote or read the program's memory inside a system call. */
  | "kernel-access"
  | "file-not-resident"
  | "shared-memory"
  | "anonymous-memory";

/** What a person does about it; in the order in which it is best done. */
export type RemedyCode =
  /** Link with -z now. */
  | "bind-now"
  /** Do once before the interval what is only done the first time. */
  | "warm-up"
  /** Put the functions and variables into locked sections. */
  | "place-in-locked-section"
  /** Lock the program's own sections that hold what cannot be placed: .got, .rodata's literals, .data.rel.ro. */
  | "lock-own-section"
  /** Lock the ranges of a library, by file offset. */
  | "lock-library-ranges"
  | "prefault-main-stack"
  | "prefault-thread-stack"
  | "prefault-heap"
  | "populate-for-writing"
  | "no-fork-copies"
  | "memory-backed-file"
  /** Lock the buffer that the system call fills. */
  | "lock-buffer"
  | "lock-mapping";

/** What is known about one fault, or about a group of pages that faulted alike. */
export interface FaultFacts {
  readonly region: RegionKind;
  /** Name of the region: a path, "[heap]", "malloc arena at 7f…". */
  readonly name: string;
  /** Of the image that was touched. */
  readonly section: string | undefined;
  /** The touched image is the program's own, not a library's. */
  readonly own: boolean;
  readonly writable: boolean | undefined;
  readonly executable: boolean;
  readonly shared: boolean | undefined;
  readonly access: "read" | "write" | "execute" | "unknown";
  readonly kernel: boolean;
  readonly major: boolean;
  /** Read first, then written, in one interval. */
  readonly again: boolean;
  /** Everything was evicted before: that a page had to come back from swap says nothing. */
  readonly evicted: boolean;
  /** The process had forked before. */
  readonly forked: boolean | undefined;
  /** The code that took the fault and its callers, innermost first. */
  readonly code: readonly FaultCode[];
}

export interface FaultCode {
  /** "" where no symbol names it. */
  readonly function: string;
  /** Path of the image it is in. */
  readonly image: string | undefined;
}

/** What a rule says about one fault. */
export interface Finding {
  readonly cause: CauseCode;
  readonly remedy: RemedyCode;
  /** What the sentence names: a function, a section, a file. Hostile, as every name from a file. */
  readonly subject: string | undefined;
}

/** One rule's answer about a group of pages. */
export interface Diagnosis extends Finding {
  readonly pages: number;
}

/** undefined: not this rule's case. */
export type Rule = (facts: FaultFacts) => Finding | undefined;
