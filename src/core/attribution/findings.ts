/** Findings: what the faults of a trace mean, as data. Sentences are made in core/report. */
import type { Frame, ObjectKind, SourcePosition } from "../image/image.js";

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
  /** The fault was taken in code that was called from here, the kernel's: `address` lies within the call. */
  readonly called: boolean;
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
  /** Where it is declared; looked up when asked, since that scans debug information. */
  declaration(): SourcePosition | undefined;
}

/** One combination of site, object and thread, with what it counted. Every view of a trace is a sum over cells. */
export interface Cells {
  readonly length: number;
  /** Row in Findings.sites. */
  readonly site: Uint32Array;
  /** Row in Findings.objects. */
  readonly object: Uint32Array;
  /** Row in Findings.threads. */
  readonly thread: Uint32Array;
  readonly minor: Float64Array;
  readonly major: Float64Array;
  /** Faults of unknown kind: only their begin was recorded. */
  readonly other: Float64Array;
  /** Of them all, how many were taken in kernel mode. */
  readonly kernel: Float64Array;
  /** Sum of the known service times, ns. */
  readonly timeNs: Float64Array;
}

/** The touched pages, in no order: one row a (process, page, region). */
export interface TouchedPages {
  readonly length: number;
  readonly pid: Int32Array;
  /** Address of the page divided by the trace's page size. */
  readonly page: Float64Array;
  /** Row in Findings.regions. */
  readonly region: Uint32Array;
  readonly minor: Float64Array;
  readonly major: Float64Array;
  readonly other: Float64Array;
  readonly timeNs: Float64Array;
}

/** A thread while it ran one program: exec begins another one. */
export interface FaultingThread {
  readonly pid: number;
  readonly tid: number;
  readonly name: string;
}

export interface Findings {
  readonly sites: readonly Site[];
  readonly objects: readonly MemoryObject[];
  readonly regions: readonly Region[];
  /** Row in regions of each object. */
  readonly regionOfObject: readonly number[];
  readonly threads: readonly FaultingThread[];
  readonly cells: Cells;
  readonly pages: TouchedPages;
  /** Rows in pages of each object. */
  readonly pagesOfObject: readonly (readonly number[])[];
  /** Rows in sites and objects of each fault of the trace, where they were asked for. */
  readonly perFault: { readonly site: Uint32Array; readonly object: Uint32Array } | undefined;
  /** Files that could not be symbolised, with the reason, once each. */
  readonly unavailable: readonly UnavailableImage[];
}

export interface UnavailableImage {
  readonly path: string;
  readonly reason: "file-changed" | "file-missing" | "not-an-image" | "no-symbols";
  /** What was compared or tried, for the sentence: a build id, a path. */
  readonly detail: string | undefined;
}
