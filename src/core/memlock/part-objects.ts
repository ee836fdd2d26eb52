/** What lies on the pages of a part: first what faults reached for, then the rest of what shares those pages. */
import { lastAtOrBelow } from "../base/bisect.js";
import type { Image, ImageSymbol } from "../image/image.js";
import type { LiveProcess } from "./live-process.js";
import type { PartObject } from "./lock-set.js";
import type { PlacedPage } from "./page-facts.js";

/** All pages are of one part. */
export function objectsOn(
  process: LiveProcess,
  pages: readonly PlacedPage[],
  pageSize: number,
): { readonly objects: readonly PartObject[]; readonly more: number } {
  const objects = new Map<string, PartObject>();
  const add = (object: PartObject, at: number) => {
    const key = `${object.kind}\0${object.name}\0${at}`;
    if (!objects.has(key)) objects.set(key, object);
  };
  for (const { page, place } of pages) {
    const { image, linkAddress, mapping } = place;
    if (image === undefined || linkAddress === undefined || mapping === undefined) continue;
    const bias = page.page * pageSize - linkAddress;
    for (const touched of touchedAddresses(page.reasons)) {
      if (touched < page.page * pageSize || touched >= (page.page + 1) * pageSize) continue;
      const object = image.objectAt(touched - bias);
      if (object === undefined || object.kind === "padding") continue;
      const { kind, name, symbol, size, address } = object;
      const section = image.sectionAt(address)?.name;
      add({ kind, name, symbol, size, section, reached: true, declaration: image.declarationAt(address) }, address);
    }
  }
  const reached = objects.size;
  // All pages of a part are of one image.
  const symbols = pages[0]!.place.image?.symbols() ?? [];
  const starts = Float64Array.from(symbols, ({ address }) => address);
  for (const { place } of pages) {
    if (place.image === undefined || place.linkAddress === undefined) continue;
    for (const symbol of symbolsOn(symbols, starts, place.linkAddress, pageSize)) {
      add(neighbour(place.image, symbol), symbol.address);
    }
  }
  if (objects.size === 0) for (const object of memoryObjects(process, pages, pageSize)) add(object, 0);
  const all = [...objects.values()];
  const most = Math.max(reached, MOST_NEIGHBOURS);
  return { objects: all.slice(0, most), more: Math.max(0, all.length - most) };
}

function neighbour(image: Image, { displayName, name, kind, size, address }: ImageSymbol): PartObject {
  return {
    kind: kind === "function" ? "function" : "variable",
    name: displayName,
    symbol: name,
    size,
    section: image.sectionAt(address)?.name,
    reached: false,
    // Looking up a declaration reads debug information: only for what was reached.
    declaration: undefined,
  };
}

function touchedAddresses(reasons: PlacedPage["page"]["reasons"]): readonly number[] {
  return reasons.flatMap(({ address, access, chain }) =>
    address !== undefined ? [address] : access === "execute" && chain[0] !== undefined ? [chain[0]] : [],
  );
}

/** Functions and variables with a byte on the page. */
function symbolsOn(
  symbols: readonly ImageSymbol[],
  starts: Float64Array,
  start: number,
  pageSize: number,
): readonly ImageSymbol[] {
  const found: ImageSymbol[] = [];
  // The last symbol that begins before the page may reach into it.
  for (let at = Math.max(lastAtOrBelow(starts, start), 0); at < symbols.length; at++) {
    const { address, size, kind } = symbols[at]!;
    if (address >= start + pageSize) break;
    if ((kind === "function" || kind === "object") && address + Math.max(size, 1) > start) found.push(symbols[at]!);
  }
  return found;
}

/** A stack mapping holds the thread's own storage at its top. */
function memoryObjects(process: LiveProcess, pages: readonly PlacedPage[], pageSize: number): readonly PartObject[] {
  const { place } = pages[0]!;
  const object = (kind: PartObject["kind"], name: string, size: number): PartObject => ({
    kind,
    name,
    symbol: undefined,
    size,
    section: undefined,
    reached: true,
    declaration: undefined,
  });
  const size = place.mapping === undefined ? 0 : place.mapping.end - place.mapping.start;
  if (place.region !== "thread-stack" || place.mapping === undefined) return [object(place.region, place.name, size)];
  const tls = process.tlsStartIn(place.mapping);
  const onStack = pages.some(({ page }) => page.page * pageSize < tls);
  const onTls = pages.some(({ page }) => (page.page + 1) * pageSize > tls);
  return [
    ...(onStack ? [object("thread-stack", place.name, tls - place.mapping.start)] : []),
    ...(onTls ? [object("tls", "thread-local storage", place.mapping.end - tls)] : []),
  ];
}

/** Beside what was reached; a page of small functions holds a hundred. */
const MOST_NEIGHBOURS = 200;
