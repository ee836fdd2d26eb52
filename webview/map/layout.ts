/**
 * Where each page goes: like a hex dump, one cell a page, rows aligned to their address, one block of rows for each
 * mapped file, heap or stack. Rows without a fault are left out, as hexdump leaves out repeated lines.
 */
import { lastAtOrBelow } from "../../src/core/base/bisect.js";
import type { MapProcess, MapRegion } from "../../src/core/report/map-model.js";
import type { Counted } from "./vocabulary.js";

/** World coordinates: one column and one row are 1 × 1. */
export interface Scene {
  readonly process: MapProcess;
  readonly pageSize: number;
  /** Records the kernel dropped while this was recorded. */
  readonly lost: number;
  /** What the process's columns count. */
  readonly counted: Counted;
  /** A cell's size where all of the map is shown, at the most. */
  readonly largestCell: { readonly width: number; readonly height: number };
  /** Pages in a row, a power of two. */
  readonly columns: number;
  readonly height: number;
  /** Columns, one entry a row from top to bottom. */
  readonly rows: {
    readonly length: number;
    /** World y of the row's upper edge. */
    readonly y: Float64Array;
    /** Address of its first cell, a multiple of columns × pageSize. */
    readonly address: Float64Array;
    readonly block: Int32Array;
    /** First touched page of the row; the next row's is where it ends. One entry more than rows. */
    readonly firstPage: Int32Array;
  };
  readonly blocks: readonly Block[];
  readonly gaps: readonly Gap[];
  /** Row of each touched page. */
  readonly rowOfPage: Int32Array;
}

/** What shares one name: all sections of an image, the heap, one stack. */
export interface Block {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  /** Its regions are regions[firstRegion] … regions[lastRegion]; -1 when its pages are in no known region. */
  readonly firstRegion: number;
  readonly lastRegion: number;
  readonly firstRow: number;
  readonly lastRow: number;
  readonly faults: number;
}

/** What is left out between two rows. */
export interface Gap {
  readonly y: number;
  /** Bytes from the row above to the row below. */
  readonly bytes: number;
  /** Within one block, so that it is mapped; otherwise there are holes in it. */
  readonly mapped: boolean;
}

const COLUMN_CHOICES = [16, 32, 64, 128, 256, 512];
/** A binary has fewer pages than a process, and their contents are what is looked for. */
const SYMBOL_COLUMN_CHOICES = [4, 8, ...COLUMN_CHOICES];
/** A cell grows to this size, in CSS pixels, where all of the map is shown. */
const LARGEST_CELL = { width: 64, height: 40 };
const LARGEST_SYMBOL_CELL = { width: 200, height: 96 };
export const GAP_HEIGHT = 1;
const BLOCK_SPACE = 0.35;
/** Untouched rows in a row that are still shown. */
const QUIET_ROWS = 1;

export interface LayoutOptions {
  readonly pageSize: number;
  readonly lost: number;
  readonly counted?: Counted | undefined;
  /** CSS pixels for the cells. */
  readonly width: number;
  readonly height: number;
  /** Pages in a row; otherwise as many as show all of it best. */
  readonly columns?: number | undefined;
}

/** The layout whose cells are largest, and not too flat, when all of it fills `width` × `height` pixels; or of so many columns. */
export function layout(process: MapProcess, options: LayoutOptions): Scene {
  if (options.columns !== undefined) return arrange(process, options.columns, options);
  let best: Scene | undefined;
  let bestScore = -1;
  for (const columns of options.counted === "symbols" ? SYMBOL_COLUMN_CHOICES : COLUMN_CHOICES) {
    const scene = arrange(process, columns, options);
    const { width, height } = scene.largestCell;
    const cellWidth = Math.min(options.width / columns, width);
    const score = Math.min(cellWidth, 1.8 * Math.min(options.height / scene.height, 0.8 * height));
    if (score > bestScore) [best, bestScore] = [scene, score];
  }
  return best ?? arrange(process, COLUMN_CHOICES[0]!, options);
}

/** Index of the page's region by address, or -1. */
export function regionAt(regions: readonly MapRegion[], address: number): number {
  let low = 0;
  let high = regions.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (regions[middle]!.start <= address) low = middle + 1;
    else high = middle;
  }
  const found = low - 1;
  return found >= 0 && address < regions[found]!.end ? found : -1;
}

/** The row whose upper edge is at or above the world y, or -1. */
export function rowAt(scene: Scene, y: number): number {
  return lastAtOrBelow(scene.rows.y, y, scene.rows.length);
}

function arrange(process: MapProcess, columns: number, options: LayoutOptions): Scene {
  const { pageSize, lost, counted = "faults" } = options;
  const { regions, pages } = process;
  const count = pages.address.length;
  const rowBytes = columns * pageSize;
  const y: number[] = [];
  const address: number[] = [];
  const blockOfRow: number[] = [];
  const firstPage: number[] = [];
  const blocks: { -readonly [key in keyof Block]: Block[key] }[] = [];
  const gaps: Gap[] = [];
  const rowOfPage = new Int32Array(count);
  const groups = groupRegions(regions);
  let cursor = BLOCK_SPACE;

  const addRow = (start: number, firstOfRow: number) => {
    y.push(cursor);
    address.push(start);
    blockOfRow.push(blocks.length - 1);
    firstPage.push(firstOfRow);
    blocks[blocks.length - 1]!.lastRow = y.length - 1;
    cursor += 1;
  };

  for (let i = 0; i < count; i++) {
    const at = pages.address[i]!;
    const region = pages.region[i]!;
    const group = region < 0 ? -1 : groups.of[region]!;
    const start = Math.floor(at / rowBytes) * rowBytes;
    const last = blocks[blocks.length - 1];
    const continues =
      last !== undefined && (group < 0 ? last.firstRegion < 0 : last.firstRegion === groups.first[group]);
    const previous = address[address.length - 1];
    if (!continues) {
      if (last !== undefined && previous !== undefined) {
        const from = Math.min(last.end, previous + rowBytes);
        const next = group < 0 ? at : regions[groups.first[group]!]!.start;
        if (next > from) {
          gaps.push({ y: cursor, bytes: next - from, mapped: false });
          cursor += GAP_HEIGHT;
        } else cursor += BLOCK_SPACE;
      }
      blocks.push(newBlock(process, i, group, groups, y.length, pageSize));
      addRow(start, i);
    } else if (previous !== start) {
      const skipped = (start - previous!) / rowBytes - 1;
      if (skipped <= QUIET_ROWS) {
        for (let quiet = 1; quiet <= skipped; quiet++) addRow(previous! + quiet * rowBytes, i);
      } else {
        gaps.push({ y: cursor, bytes: skipped * rowBytes, mapped: true });
        cursor += GAP_HEIGHT;
      }
      addRow(start, i);
    }
    const block = blocks[blocks.length - 1]!;
    block.faults += pages.minor[i]! + pages.major[i]!;
    if (group < 0) block.end = at + pageSize;
    rowOfPage[i] = y.length - 1;
  }
  firstPage.push(count);
  return {
    process,
    pageSize,
    lost,
    counted,
    largestCell: counted === "symbols" ? LARGEST_SYMBOL_CELL : LARGEST_CELL,
    columns,
    height: Math.max(cursor, 1) + BLOCK_SPACE,
    rows: {
      length: y.length,
      y: Float64Array.from(y),
      address: Float64Array.from(address),
      block: Int32Array.from(blockOfRow),
      firstPage: Int32Array.from(firstPage),
    },
    blocks,
    gaps,
    rowOfPage,
  };
}

interface Groups {
  /** Group of each region, and the first and last region of each group. */
  readonly of: Int32Array;
  readonly first: readonly number[];
  readonly last: readonly number[];
}

/** Neighbours of one name are one block: an image's sections stay together. */
function groupRegions(regions: readonly MapRegion[]): Groups {
  const of = new Int32Array(regions.length);
  const first: number[] = [];
  const last: number[] = [];
  regions.forEach((region, index) => {
    const before = regions[index - 1];
    if (before === undefined || before.name !== region.name || before.kind !== region.kind) first.push(index);
    of[index] = first.length - 1;
    last[first.length - 1] = index;
  });
  return { of, first, last };
}

function newBlock(
  process: MapProcess,
  page: number,
  group: number,
  groups: Groups,
  row: number,
  pageSize: number,
): Block {
  const at = process.pages.address[page]!;
  const first = groups.first[group];
  const last = groups.last[group];
  const common = { firstRow: row, lastRow: row, faults: 0 };
  if (first === undefined || last === undefined) {
    return { ...common, name: "not in a known region", start: at, end: at + pageSize, firstRegion: -1, lastRegion: -1 };
  }
  const { regions } = process;
  const name = regions[first]!.name;
  return {
    ...common,
    name,
    start: regions[first]!.start,
    end: regions[last]!.end,
    firstRegion: first,
    lastRegion: last,
  };
}
