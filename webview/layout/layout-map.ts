/** The pages a file asks for when it is loaded, as the memory map draws pages: symbols instead of faults. */
import type { ImageSection } from "../../src/core/image/image.js";
import type { MapModel, MapObject, MapRegion } from "../../src/core/report/map-model.js";
import { SYMBOL_KINDS, type LayoutModel } from "../../src/protocol/binary-layout.js";
import type { Counted } from "../map/vocabulary.js";

export type LayoutMap = Omit<MapModel, "counted"> & { readonly counted: Counted };

/** undefined where nothing is loaded at an address of its own: object files, which are not linked yet. */
export function layoutMap(layout: LayoutModel): LayoutMap | undefined {
  const regions = regionsOf(layout);
  if (regions.length === 0) return undefined;
  const objects = objectsOf(layout, regions);
  const pages = pagesOf(regions, objects, layout.pageSize);
  const name = layout.path.slice(layout.path.lastIndexOf("/") + 1);
  const process = { pid: 0, name, faults: objects.length, regions, pages, objects };
  return { pageSize: layout.pageSize, lost: 0, counted: "symbols", processes: [process] };
}

/** Sections that are in memory, by address. Of two that claim the same bytes, the first has them. */
function regionsOf({ sections, path }: LayoutModel): readonly MapRegion[] {
  const loaded = sections
    .filter(({ flags, size }) => flags.allocated && !flags.tls && size > 0)
    .sort((a, b) => a.address - b.address);
  // In an object file every section begins at 0.
  if (loaded.length > 1 && loaded.every(({ address }) => address === 0)) return [];
  const regions: MapRegion[] = [];
  for (const section of loaded) {
    const end = section.address + section.size;
    const start = Math.max(section.address, regions.at(-1)?.end ?? 0);
    if (!(end > start) || end > Number.MAX_SAFE_INTEGER) continue;
    regions.push({ start, end, kind: "image", name: path, section: section.name, permissions: permissionsOf(section) });
  }
  return regions;
}

function permissionsOf({ flags }: ImageSection): string {
  return `r${flags.write ? "w" : "-"}${flags.execute ? "x" : "-"}p`;
}

/** Symbols inside the loaded sections; those of thread-local memory have offsets, not addresses. */
function objectsOf({ symbols }: LayoutModel, regions: readonly MapRegion[]): readonly MapObject[] {
  const from = regions[0]!.start;
  const to = regions[regions.length - 1]!.end;
  const objects: MapObject[] = [];
  symbols.name.forEach((name, row) => {
    const start = symbols.address[row]!;
    const kind = SYMBOL_KINDS[symbols.kind[row]!];
    if (kind === "tls" || start < from || start >= to) return;
    const end = Math.min(start + Math.max(symbols.size[row]!, 1), to);
    objects.push({
      start,
      end,
      name,
      kind: kind === "function" ? "function" : "variable",
      file: undefined,
      line: undefined,
    });
  });
  return objects;
}

/** Every page of every section; of sections that are very large, only the pages where something begins or ends. */
function pagesOf(
  regions: readonly MapRegion[],
  objects: readonly MapObject[],
  pageSize: number,
): MapModel["processes"][number]["pages"] {
  const pageOf = (address: number) => Math.floor(address / pageSize);
  const symbols = new Map<number, number>();
  const touch = (page: number, count: number) => symbols.set(page, (symbols.get(page) ?? 0) + count);
  for (const { start, end } of regions) {
    const last = pageOf(end - 1);
    const whole = last - pageOf(start) <= MOST_PAGES_OF_ONE;
    for (let page = pageOf(start); page <= last; page++) {
      touch(page, 0);
      if (!whole && page < last) page = last - 1;
    }
  }
  for (const { start, end } of objects) {
    const last = pageOf(end - 1);
    const first = pageOf(start);
    for (let page = first; page <= Math.min(last, first + MOST_PAGES_OF_ONE); page++) touch(page, 1);
  }
  const pages = [...symbols.keys()].sort((a, b) => a - b).slice(0, MOST_PAGES);
  let region = 0;
  const none = pages.map(() => 0);
  return {
    address: pages.map((page) => page * pageSize),
    region: pages.map((page) => {
      while (region < regions.length - 1 && regions[region]!.end <= page * pageSize) region++;
      return regions[region]!.start < (page + 1) * pageSize && regions[region]!.end > page * pageSize ? region : -1;
    }),
    minor: pages.map((page) => symbols.get(page)!),
    major: none,
    timeNs: none,
  };
}

/** A section or symbol of 64 MB with pages of 4 kB; larger ones are mostly one array. */
const MOST_PAGES_OF_ONE = 16_384;
const MOST_PAGES = 400_000;
