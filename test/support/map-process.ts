/** Small but real shapes for the memory map: a program, its heap far away, a library with a long quiet .text. */
import type { MapObject, MapProcess, MapRegion } from "../../src/core/report/map-model.js";
import type { View } from "../../webview/map/view.js";

export const PAGE = 4096;
export const PROGRAM = 0x5591_c2e0_0000;
export const HEAP = 0x5591_c3a1_2000;
export const LIBRARY = 0x7f3a_1e80_0000;

/** What layout() needs beside the process. */
export const SCENE_SIZE = { pageSize: PAGE, lost: 0, width: 700, height: 550 };

/** Of a window in which nothing was done yet; fit() gives it its scale. */
export const BLANK_VIEW: View = {
  width: 960,
  height: 600,
  pixelRatio: 1,
  x: 0,
  y: 0,
  scaleX: 1,
  scaleY: 1,
  heat: "faults",
  selection: undefined,
  cursor: undefined,
  hover: undefined,
  matches: [],
};

/** Pages by address; `faults` gives minor and major of each. */
export function mapProcess(
  pages: readonly { readonly address: number; readonly minor?: number; readonly major?: number }[] = SAMPLE_PAGES,
  regions: readonly MapRegion[] = SAMPLE_REGIONS,
  objects: readonly MapObject[] = SAMPLE_OBJECTS,
): MapProcess {
  const region = ({ address }: { address: number }) =>
    regions.findIndex(({ start, end }) => address + PAGE > start && address < end);
  return {
    pid: 42,
    name: "input-thread",
    faults: pages.reduce((sum, { minor = 1, major = 0 }) => sum + minor + major, 0),
    regions,
    pages: {
      address: pages.map(({ address }) => address),
      region: pages.map(region),
      minor: pages.map(({ minor = 1 }) => minor),
      major: pages.map(({ major = 0 }) => major),
      timeNs: pages.map(({ minor = 1, major = 0 }) => minor * 600 + major * 200_000),
    },
    objects,
  };
}

const image = (name: string, start: number, size: number, section: string, permissions: string): MapRegion => ({
  start,
  end: start + size,
  kind: "image",
  name,
  section,
  permissions,
});

export const SAMPLE_REGIONS: readonly MapRegion[] = [
  image("/home/dev/build/input-thread", PROGRAM, 0x930, ".text", "r-xp"),
  image("/home/dev/build/input-thread", PROGRAM + 0x930, 0x53d, "input_code", "r-xp"),
  image("/home/dev/build/input-thread", PROGRAM + 0x2000, 0x1020, ".data", "rw-p"),
  { start: HEAP, end: HEAP + 0x21000, kind: "heap", name: "[heap]", section: undefined, permissions: "rw-p" },
  image("/usr/lib/libc.so.6", LIBRARY, 0x155000, ".text", "r-xp"),
  image("/usr/lib/libc.so.6", LIBRARY + 0x155000, 0x2b000, ".rodata", "r--p"),
];

export const SAMPLE_PAGES = [
  { address: PROGRAM, minor: 2 },
  { address: PROGRAM + 0x2000, minor: 1, major: 1 },
  { address: PROGRAM + 0x3000 },
  { address: HEAP },
  { address: HEAP + 0x20000 },
  { address: LIBRARY + 0x1000, minor: 0, major: 3 },
  { address: LIBRARY + 0x154000 },
  { address: LIBRARY + 0x160000, minor: 9 },
];

export const SAMPLE_OBJECTS: readonly MapObject[] = [
  { start: PROGRAM + 0x100, end: PROGRAM + 0x180, name: "main", kind: "function", file: "main.c", line: 3 },
  { start: PROGRAM + 0x940, end: PROGRAM + 0x9c0, name: "dispatch", kind: "function", file: "main.c", line: 30 },
  { start: PROGRAM + 0x2800, end: PROGRAM + 0x3010, name: "history", kind: "variable", file: "main.c", line: 9 },
];
