/** What a memory map is drawn from: regions and touched pages of each process, in address order. JSON-safe. */
import type { ObjectKind } from "../image/image.js";
import type { RegionKind } from "../attribution/findings.js";

export interface MapModel {
  /** Bytes in a page. */
  readonly pageSize: number;
  /** Records the kernel dropped: always drawn, so that a gap is not taken for quiet. */
  readonly lost: number;
  /** What the pages' columns count: faults, or, where perf events were refused, pages that came in. Absent: faults. */
  readonly counted?: "faults" | "pages";
  /** The processes that faulted, most faults first. */
  readonly processes: readonly MapProcess[];
}

export interface MapProcess {
  readonly pid: number;
  readonly name: string;
  readonly faults: number;
  /** Disjoint, by address. */
  readonly regions: readonly MapRegion[];
  /** Columns, one row a touched page, by address. */
  readonly pages: MapPages;
  /** Named things on the touched pages, by address. */
  readonly objects: readonly MapObject[];
}

/** A section of a mapped image, or a whole mapping that is none. */
export interface MapRegion {
  /** Run-time addresses below 2^53, [start, end). */
  readonly start: number;
  readonly end: number;
  readonly kind: RegionKind;
  /** Path of the image or file, "[heap]", "stack of input". */
  readonly name: string;
  readonly section: string | undefined;
  readonly permissions: string;
}

export interface MapPages {
  readonly address: readonly number[];
  /** Index into regions, -1 outside any. */
  readonly region: readonly number[];
  readonly minor: readonly number[];
  readonly major: readonly number[];
  readonly timeNs: readonly number[];
}

export interface MapObject {
  readonly start: number;
  readonly end: number;
  readonly name: string;
  readonly kind: ObjectKind | RegionKind;
  readonly file: string | undefined;
  readonly line: number | undefined;
}
