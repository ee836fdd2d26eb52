/** What there is to say about pages: their region and objects, sums over a selection, and finding them by name. */
import type { MapObject, MapRegion } from "../../src/core/report/map-model.js";
import { regionAt, type Scene } from "./layout.js";
import type { PageSpan } from "./view.js";

/** The objects that reach into a touched page, by address. */
export function objectsOnPage(scene: Scene, page: number): readonly MapObject[] {
  const address = scene.process.pages.address[page];
  return address === undefined ? [] : objectsBetween(scene.process.objects, address, address + scene.pageSize);
}

/** All regions on a page: several sections may share one. */
export function regionsOnPage(scene: Scene, address: number): readonly MapRegion[] {
  const { regions } = scene.process;
  const found: MapRegion[] = [];
  let index = regionAt(regions, address);
  if (index < 0) index = regions.findIndex((region) => region.end > address);
  for (; index >= 0 && index < regions.length && regions[index]!.start < address + scene.pageSize; index++) {
    found.push(regions[index]!);
  }
  return found;
}

export interface SelectionFacts {
  readonly pages: number;
  readonly faults: number;
  readonly minor: number;
  readonly major: number;
  readonly timeNs: number;
  /** First byte of the first page, and the byte after the last. */
  readonly start: number;
  readonly end: number;
  /** Regions by faults. */
  readonly regions: readonly {
    readonly region: MapRegion | undefined;
    readonly pages: number;
    readonly faults: number;
  }[];
  readonly objects: readonly MapObject[];
}

export function selectionFacts(scene: Scene, { first, last }: PageSpan): SelectionFacts {
  const { pages, regions, objects } = scene.process;
  let minor = 0;
  let major = 0;
  let timeNs = 0;
  const byRegion = new Map<number, { pages: number; faults: number }>();
  for (let page = first; page <= last; page++) {
    minor += pages.minor[page]!;
    major += pages.major[page]!;
    timeNs += pages.timeNs[page]!;
    const tally = byRegion.get(pages.region[page]!) ?? { pages: 0, faults: 0 };
    tally.pages++;
    tally.faults += pages.minor[page]! + pages.major[page]!;
    byRegion.set(pages.region[page]!, tally);
  }
  const start = pages.address[first] ?? 0;
  const end = (pages.address[last] ?? 0) + scene.pageSize;
  return {
    pages: last - first + 1,
    faults: minor + major,
    minor,
    major,
    timeNs,
    start,
    end,
    regions: [...byRegion]
      .map(([index, tally]) => ({ region: regions[index], ...tally }))
      .sort((a, b) => b.faults - a.faults),
    objects: objectsBetween(objects, start, end),
  };
}

/** Touched pages whose objects, section, region or address contain the words, ascending. Case does not matter. */
export function findPages(scene: Scene, words: string): readonly number[] {
  const wanted = words.trim().toLowerCase();
  if (wanted === "") return [];
  const { pages, regions, objects } = scene.process;
  const found = new Set<number>();
  for (const region of regions) {
    if (`${region.name} ${region.section ?? ""}`.toLowerCase().includes(wanted)) addPages(scene, region, found);
  }
  const digits = wanted.replace(/^0x/, "");
  pages.address.forEach((address, page) => {
    if (digits.length >= 3 && address.toString(16).includes(digits)) found.add(page);
  });
  for (const object of objects) {
    if (!object.name.toLowerCase().includes(wanted)) continue;
    addPages(scene, object, found);
  }
  return [...found].sort((a, b) => a - b);
}

/** Touched pages the target is on, ascending: exact names, or the page of an address. */
export function pagesOfTarget(scene: Scene, target: MapTarget): readonly number[] {
  const { pages, regions, objects } = scene.process;
  const address = target.address === undefined ? NaN : Number(target.address);
  if (!Number.isNaN(address)) {
    const page = firstPageAfter(pages.address, address) - 1;
    return page >= 0 && address < pages.address[page]! + scene.pageSize ? [page] : [];
  }
  const found = new Set<number>();
  const named = objects.filter(({ name }) => name === target.object);
  for (const object of named) addPages(scene, object, found);
  // Where no object is known, what was touched is called by its region: "[heap]".
  const region = named.length === 0 ? (target.object ?? target.region) : target.region;
  if (found.size === 0 && (region !== undefined || target.section !== undefined)) {
    const wanted = regions.filter(
      ({ name, section }) =>
        (region === undefined || name === region) && (target.section === undefined || section === target.section),
    );
    for (const each of wanted) addPages(scene, each, found);
  }
  return [...found].sort((a, b) => a - b);
}

/** What to select: every part of it that is given has to match. */
export interface MapTarget {
  /** "0x…" run-time address. */
  readonly address?: string | undefined;
  readonly object?: string | undefined;
  readonly region?: string | undefined;
  readonly section?: string | undefined;
}

/** Objects do not overlap much, so the first candidate is near the one found by address. */
function objectsBetween(objects: readonly MapObject[], start: number, end: number): readonly MapObject[] {
  let low = 0;
  let high = objects.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (objects[middle]!.start < start) low = middle + 1;
    else high = middle;
  }
  const found: MapObject[] = [];
  // One that starts on an earlier page may reach into this one: the nearest few are looked at.
  for (let before = Math.max(0, low - 8); before < low; before++) {
    if (objects[before]!.end > start) found.push(objects[before]!);
  }
  for (let index = low; index < objects.length && objects[index]!.start < end; index++) found.push(objects[index]!);
  return found;
}

/** The touched pages a region or object reaches into: not its own alone, small sections share theirs. */
function addPages(
  { process: { pages }, pageSize }: Scene,
  { start, end }: { readonly start: number; readonly end: number },
  found: Set<number>,
): void {
  const from = firstPageAfter(pages.address, start - pageSize);
  for (let page = from; page < pages.address.length && pages.address[page]! < end; page++) found.add(page);
}

/** Index of the first page that starts after the address. */
function firstPageAfter(addresses: readonly number[], address: number): number {
  let low = 0;
  let high = addresses.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (addresses[middle]! <= address) low = middle + 1;
    else high = middle;
  }
  return low;
}
