/** `faultline inspect`: what a file holds, by page, and what is locked together with what. JSON-safe. */
import type { Image, ImageSection, ImageSymbol } from "../image/image.js";
import { isLockedSection, kindOf, type LockedSectionNames, type SectionKind } from "../placement/locked-sections.js";

export interface Inspection {
  readonly version: 1;
  readonly path: string;
  readonly buildId: string | undefined;
  readonly machine: Image["machine"];
  readonly kind: Image["kind"];
  readonly pageSize: number;
  readonly segments: readonly InspectedSegment[];
  readonly sections: readonly InspectedSection[];
  readonly symbols: readonly InspectedSymbol[];
  readonly lockedSections: readonly LockedSection[];
  readonly problems: readonly string[];
}

/** Addresses are link-time addresses, as hexadecimal text with "0x". */
export interface PageSpan {
  readonly address: string;
  readonly size: number;
  /** Pages that its bytes lie on. */
  readonly pages: number;
}

export interface InspectedSegment extends PageSpan {
  readonly type: number;
  readonly permissions: string;
  readonly fileOffset: number;
  readonly fileSize: number;
}

export interface InspectedSection extends PageSpan {
  readonly name: string;
  readonly type: number;
  /** undefined for what is not in memory. */
  readonly kind: SectionKind | undefined;
  readonly fileOffset: number;
  readonly locked: boolean;
}

export interface InspectedSymbol extends PageSpan {
  /** As in the symbol table. */
  readonly name: string;
  readonly displayName: string;
  readonly kind: ImageSymbol["kind"];
  readonly section: string | undefined;
}

export interface LockedSection extends PageSpan {
  readonly name: string;
  readonly kind: SectionKind;
  /** Bytes that locking it takes: its pages, whole. */
  readonly lockedBytes: number;
  /** Whether nothing else lies on its first and last page. */
  readonly alone: boolean;
  readonly symbols: readonly string[];
  /** What is locked with it, because it lies on the same pages. */
  readonly neighbours: readonly Neighbour[];
}

export interface Neighbour {
  readonly section: string;
  /** Its bytes on those pages. */
  readonly bytes: number;
  readonly symbols: readonly string[];
}

/** @param pageSize bytes in a page of the machine that is meant: a power of two. */
export function inspect(image: Image, pageSize: number, names: LockedSectionNames): Inspection {
  const inMemory = image.sections.filter(hasAddresses);
  const symbols = image.symbols().filter(({ kind }) => kind !== "tls");
  const spanOf = (address: number, size: number) => ({
    address: hexadecimal(address),
    size,
    pages: pagesBetween(address, address + size, pageSize),
  });
  return {
    version: 1,
    path: image.path,
    buildId: image.buildId,
    machine: image.machine,
    kind: image.kind,
    pageSize,
    segments: image.segments.map(({ type, flags, fileOffset, fileSize, address, memorySize }) => ({
      ...spanOf(address, memorySize),
      type,
      permissions: `${flags.read ? "r" : "-"}${flags.write ? "w" : "-"}${flags.execute ? "x" : "-"}`,
      fileOffset,
      fileSize,
    })),
    sections: image.sections.map((section) => ({
      ...(hasAddresses(section)
        ? spanOf(section.address, section.size)
        : { address: hexadecimal(section.address), size: section.size, pages: 0 }),
      name: section.name,
      type: section.type,
      kind: section.flags.allocated ? kindOf(section) : undefined,
      fileOffset: section.fileOffset,
      locked: isLockedSection(section, names),
    })),
    symbols: symbols.map((symbol) => ({
      ...spanOf(symbol.address, symbol.size),
      name: symbol.name,
      displayName: symbol.displayName,
      kind: symbol.kind,
      section: image.sectionAt(symbol.address)?.name,
    })),
    lockedSections: inMemory
      .filter((section) => isLockedSection(section, names))
      .map((section) => lockedSection(section, { inMemory, symbols, pageSize })),
    problems: image.problems,
  };
}

interface Surroundings {
  readonly inMemory: readonly ImageSection[];
  /** By address. */
  readonly symbols: readonly ImageSymbol[];
  readonly pageSize: number;
}

function lockedSection(section: ImageSection, { inMemory, symbols, pageSize }: Surroundings): LockedSection {
  const { name, address, size } = section;
  const first = Math.floor(address / pageSize) * pageSize;
  const end = Math.ceil((address + size) / pageSize) * pageSize;
  const neighbours = inMemory
    .filter((other) => other !== section && other.address < end && other.address + other.size > first)
    .map((other) => {
      const from = Math.max(other.address, first);
      const to = Math.min(other.address + other.size, end);
      return { section: other.name, bytes: to - from, symbols: namesBetween(symbols, from, to) };
    });
  return {
    name,
    kind: kindOf(section),
    address: hexadecimal(address),
    size,
    pages: (end - first) / pageSize,
    lockedBytes: end - first,
    alone: neighbours.length === 0,
    symbols: namesBetween(symbols, address, address + size),
    neighbours,
  };
}

/** Names of what starts in the span, or reaches into it; the linker's marks of places hold nothing. */
function namesBetween(symbols: readonly ImageSymbol[], from: number, to: number): readonly string[] {
  return symbols
    .filter(({ kind, size }) => size > 0 || kind === "function")
    .filter(({ address, size }) => address < to && (address >= from || address + size > from))
    .map(({ displayName }) => displayName);
}

/** .tbss has an address but takes no memory there: the next section has the same. */
function hasAddresses({ flags, nobits, size }: ImageSection): boolean {
  return flags.allocated && size > 0 && !(flags.tls && nobits);
}

function pagesBetween(from: number, to: number, pageSize: number): number {
  return to > from ? Math.ceil(to / pageSize) - Math.floor(from / pageSize) : 0;
}

function hexadecimal(address: number): string {
  return `0x${address.toString(16)}`;
}
