/** Causes and remedies as codes and parameters: why the kernel had to handle a fault, and what would prevent it. */

export type CauseCode =
  /** Code or a constant of a file was not in memory. */
  | "code-not-resident"
  | "constant-not-resident"
  /** A variable of an image: its page is private to the process once written. */
  | "variable-not-resident"
  /** The dynamic linker looked up a function at its first call. */
  | "lazy-binding"
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
  /** A library was loaded, thread-local storage was made, or stdio made its buffers. */
  | "first-use-of-library"
  | "kernel-access"
  | "file-not-resident"
  | "anonymous-memory";

export type RemedyCode =
  /** Put the functions and variables into locked sections. */
  | "place-in-locked-section"
  /** Lock the ranges of a library by file offset. */
  | "lock-library-ranges"
  /** Link with -z now. */
  | "bind-now"
  /** Do once before the interval what is only done the first time. */
  | "warm-up"
  | "prefault-stack"
  | "prefault-thread-stack"
  | "prefault-heap"
  | "populate-for-writing"
  | "no-fork-copies"
  | "memory-backed-file"
  | "lock-mapping"
  | "lock-buffer";

/** One rule's answer about one group of pages. */
export interface Diagnosis {
  readonly cause: CauseCode;
  readonly remedy: RemedyCode;
  /** What the sentence names: a function, a section, a file. Hostile, as every name from a file. */
  readonly subject: string | undefined;
  /** Pages the rule speaks about. */
  readonly pages: number;
}
