/** `faultline reach`: what a function could touch, by section and page. JSON-safe. */
import type { Image } from "../image/image.js";
import { kindOf, type SectionKind } from "../placement/locked-sections.js";
import type {
  Candidate,
  FunctionPlace,
  LibraryReference,
  Reach,
  ReachedData,
  ReachedObject,
  UnknownCall,
  Via,
} from "../reach/reached.js";
import type { PageSpan } from "./inspection.js";

export interface ReachReport {
  readonly version: 1;
  /** As it was asked for. */
  readonly function: string;
  readonly path: string;
  readonly pageSize: number;
  readonly sections: readonly ReachedSection[];
  /** Of all sections together; two sections on one page count it once. */
  readonly bytes: number;
  readonly pages: number;
  readonly objects: readonly ReportedObject[];
  readonly unknownCalls: readonly ReportedUnknownCall[];
  readonly addressTaken: readonly ReportedPlace[];
  /** Data that was not reached, but whose address is taken: a pointer that the function is given could lead there. */
  readonly throughPointers: readonly ReachedSection[];
  readonly library: readonly ReportedLibraryReference[];
  /** Functions that could not be disassembled. */
  readonly unread: readonly string[];
}

export interface ReachedSection {
  readonly image: string;
  readonly section: string;
  readonly kind: SectionKind;
  /** Of what is reached in it: not of the section. */
  readonly bytes: number;
  readonly pages: number;
}

export interface ReportedVia extends Omit<Via, "site"> {
  readonly site: string | undefined;
}

export interface ReportedObject extends PageSpan, Omit<ReachedObject, "address" | "size" | "via"> {
  readonly via: ReportedVia | undefined;
}

export interface ReportedUnknownCall extends Omit<UnknownCall, "site" | "candidates"> {
  readonly site: string;
  readonly candidates: readonly (Omit<Candidate, "address"> & { readonly address: string })[];
}

export interface ReportedPlace extends Omit<FunctionPlace, "address"> {
  readonly address: string;
}

export interface ReportedLibraryReference extends Omit<LibraryReference, "via"> {
  readonly via: ReportedVia | undefined;
}

/** @param images of all files that were followed into. */
export function reachReport(wanted: string, found: Reach, images: readonly Image[], pageSize: number): ReachReport {
  const { objects, unknown, addressTaken, library, unread } = found;
  const sections = sectionsOf(objects, images, pageSize);
  return {
    version: 1,
    function: wanted,
    path: images[0]?.path ?? "",
    pageSize,
    sections,
    bytes: sections.reduce((sum, { bytes }) => sum + bytes, 0),
    pages: images.reduce(
      (sum, { path }) =>
        sum +
        reachedPages(
          objects.filter(({ image }) => image === path),
          pageSize,
        ).size,
      0,
    ),
    objects: objects.map(({ address, size, via, ...object }) => ({
      ...object,
      address: hexadecimal(address),
      size,
      pages: lastPage(address, size, pageSize) - Math.floor(address / pageSize) + 1,
      via: via && reportedVia(via),
    })),
    unknownCalls: unknown.map(({ site, candidates, ...call }) => ({
      ...call,
      site: hexadecimal(site),
      candidates: candidates.map(({ name, address, from }) => ({ name, address: hexadecimal(address), from })),
    })),
    addressTaken: addressTaken.map(({ address, ...place }) => ({ ...place, address: hexadecimal(address) })),
    throughPointers: sectionsOf(found.pointed(), images, pageSize),
    library: library.map(({ via, ...reference }) => ({ ...reference, via: via && reportedVia(via) })),
    unread,
  };
}

/** Link-time addresses divided by the page size. */
export function reachedPages(
  objects: readonly Pick<ReachedObject, "address" | "size">[],
  pageSize: number,
): ReadonlySet<number> {
  const pages = new Set<number>();
  for (const { address, size } of objects) {
    for (let page = Math.floor(address / pageSize); page <= lastPage(address, size, pageSize); page++) pages.add(page);
  }
  return pages;
}

function sectionsOf(
  objects: readonly ReachedData[],
  images: readonly Image[],
  pageSize: number,
): readonly ReachedSection[] {
  const byPlace = new Map<string, ReachedData[]>();
  for (const object of objects) {
    const key = `${object.image}\0${object.section}`;
    const known = byPlace.get(key);
    if (known === undefined) byPlace.set(key, [object]);
    else known.push(object);
  }
  return images.flatMap(({ path, sections }) =>
    sections.flatMap((section) => {
      const held = byPlace.get(`${path}\0${section.name}`);
      if (held === undefined || !section.flags.allocated) return [];
      const inside = held.filter(
        ({ address }) => address >= section.address && address < section.address + section.size,
      );
      if (inside.length === 0) return [];
      return [
        {
          image: path,
          section: section.name,
          kind: kindOf(section),
          bytes: coveredBytes(inside),
          pages: reachedPages(inside, pageSize).size,
        },
      ];
    }),
  );
}

/** A literal may be reached by itself and as part of something larger. */
function coveredBytes(objects: readonly ReachedData[]): number {
  let end = 0;
  let sum = 0;
  for (const { address, size } of objects.toSorted((a, b) => a.address - b.address)) {
    sum += Math.max(0, address + size - Math.max(end, address));
    end = Math.max(end, address + size);
  }
  return sum;
}

function lastPage(address: number, size: number, pageSize: number): number {
  return Math.floor((address + Math.max(size, 1) - 1) / pageSize);
}

function reportedVia({ by, how, site }: Via): ReportedVia {
  return { by, how, site: site === undefined ? undefined : hexadecimal(site) };
}

function hexadecimal(address: number): string {
  return `0x${address.toString(16)}`;
}
