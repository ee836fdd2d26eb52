/** Findings: what the faults of a trace mean, as data. Sentences are made in core/report. */
import type { Frame, ObjectKind, SourcePosition } from "../image/image.js";

/** Counts that every aggregate carries. */
export interface Tally {
  readonly faults: number;
  readonly minor: number;
  readonly major: number;
  readonly user: number;
  readonly kernel: number;
  /** Sum of the known service times, ns. */
  readonly timeNs: number;
}

export type RegionKind =
  | "image"
  | "heap"
  | "main-stack"
  | "thread-stack"
  | "tls"
  | "anonymous"
  | "file"
  | "shared-memory"
  | "vdso"
  | "vvar"
  | "kernel"
  | "unmapped";

/** Where an address belongs. One per (kind, name, section) of the trace. */
export interface Region {
  readonly kind: RegionKind;
  /** Path of the image or file, "[heap]", "stack of input (tid 12)". */
  readonly name: string;
  /** ".text" … for images. */
  readonly section: string | undefined;
}

/** The code that took a fault: the innermost frame first; empty frames for code without symbols. */
export interface Site {
  /** Path of the image the instruction is in, or undefined outside any. */
  readonly image: string | undefined;
  /** Link-time address in the image, or the run-time address outside any. */
  readonly address: number;
  readonly section: string | undefined;
  readonly frames: readonly Frame[];
  /** "libc.so.6 .text+0x1234" when no function is known. */
  readonly label: string;
  /** Why there are no frames: said, not guessed. */
  readonly unknown: "no-symbols" | "file-changed" | "file-missing" | "not-an-image" | "kernel" | undefined;
}

/** What was touched. */
export interface MemoryObject {
  readonly kind: ObjectKind | RegionKind;
  readonly name: string;
  readonly symbol: string | undefined;
  readonly image: string | undefined;
  readonly section: string | undefined;
  /** Link-time address for image objects, run-time otherwise. */
  readonly address: number;
  readonly size: number;
  readonly declaration: SourcePosition | undefined;
}
