/** What placements will lock, told before the program is built with them: from where things are and how large now. */
import { kernelAnswer, pagesTouched, type KernelAnswer } from "../memlock/kernel-rules.js";
import type { LockLimits } from "../memlock/lock-set.js";
import type { Image, ImageSection, ImageSymbol } from "../image/image.js";
import type { SectionKind } from "./locked-sections.js";
import type { Placement } from "./placement.js";
import { symbolsOf } from "./placed-symbols.js";
import { constantsSection } from "./section-patterns.js";
import { SymbolNames } from "./symbol-names.js";

export interface PlacementForecast {
  readonly pageSize: number;
  readonly sections: readonly SectionForecast[];
  /** One for each placement, in their order. */
  readonly placements: readonly PlacedForecast[];
  /** Whole pages of all sections, in bytes. */
  readonly lockedBytes: number;
  /** What the kernel will say to locking them all; undefined where no limits were given. */
  readonly answer: KernelAnswer | undefined;
}

export interface ForecastSize {
  readonly name: string;
  /** Of what is placed and what is there already, with the gaps that alignment makes. */
  readonly bytes: number;
  readonly pages: number;
}

export interface SectionForecast extends ForecastSize {
  readonly kind: SectionKind;
  /** Its pages hold nothing else: a script aligns it at both ends. */
  readonly alone: boolean;
  /** Rest of its pages: empty where it is alone, neighbours otherwise, which are locked with it. */
  readonly restBytes: number;
}

export interface PlacedForecast {
  readonly placement: Placement;
  /** Names in the symbol table: the symbol's own, its parts and copies. Empty: it is not in the file. */
  readonly symbols: readonly string[];
  readonly bytes: number;
  /** Pages by which it makes the sections larger: 0 where it fits into what is begun. */
  readonly addedPages: number;
}

export interface Extent {
  readonly address: number;
  readonly size: number;
  /** In bytes, a power of two; told by the address where it is not known. */
  readonly alignment?: number;
}

export interface ForecastOptions {
  readonly pageSize: number;
  readonly limits?: LockLimits | undefined;
  /** What the process locks otherwise, in bytes. */
  readonly lockedBytes?: number;
  /** Jump tables and literals of a function, which a script places with it; none where nothing is known of them. */
  readonly constantsOf?: (symbol: ImageSymbol) => readonly Extent[];
}

/** @param image the program as it is built now, without these placements or with some of them. */
export function forecastPlacements(
  image: Image,
  placements: readonly Placement[],
  options: ForecastOptions,
): PlacementForecast {
  const { pageSize } = options;
  const names = new SymbolNames(image);
  const sections = new Map<string, GrowingSection>();
  const grow = (name: string, kind: SectionKind): GrowingSection => {
    const known = sections.get(name) ?? new GrowingSection(image, name, kind);
    sections.set(name, known);
    return known;
  };
  const constants = placements.find(({ kind }) => kind === "rodata")?.section;
  // Whether a section is alone on its pages changes what each placement adds to it.
  for (const { section, kind, by } of placements) if (by === "script") grow(section, kind).alone = true;
  const placed = placements.map((placement): PlacedForecast => {
    const { own, parts, copies } = symbolsOf(image, names, placement);
    const symbols = [...own, ...parts, ...copies].filter(({ kind }) => kind !== "tls");
    const target = grow(placement.section, placement.kind);
    const before = pagesOfAll(sections, pageSize);
    let bytes = symbols.reduce((sum, symbol) => sum + target.add(symbol, placement.kind === "text"), 0);
    if (placement.by === "script" && placement.kind === "text") {
      const extents = symbols.flatMap((symbol) => options.constantsOf?.(symbol) ?? []);
      if (extents.length > 0) {
        const holder = grow(constants ?? constantsSection(placement.section), "rodata");
        holder.alone = true;
        bytes += extents.reduce((sum, extent) => sum + holder.add(extent, false), 0);
      }
    }
    return {
      placement,
      symbols: symbols.map(({ name }) => name),
      bytes,
      addedPages: pagesOfAll(sections, pageSize) - before,
    };
  });
  const forecasts = [...sections.values()].map((section) => section.forecast(pageSize));
  const lockedBytes = forecasts.reduce((sum, { pages }) => sum + pages * pageSize, 0);
  const { limits } = options;
  return {
    pageSize,
    sections: forecasts,
    placements: placed,
    lockedBytes,
    answer: limits && kernelAnswer({ kind: "range", newBytes: lockedBytes }, limits, options.lockedBytes ?? 0),
  };
}

export interface ForecastDifference {
  readonly name: string;
  readonly forecastPages: number;
  /** 0 where the section is not in the file. */
  readonly builtPages: number;
  readonly forecastBytes: number;
  readonly builtBytes: number;
}

/** @param image the program after it was built. */
export function forecastDifferences(
  { sections, pageSize }: { readonly sections: readonly ForecastSize[]; readonly pageSize: number },
  image: Image,
): readonly ForecastDifference[] {
  return sections.map(({ name, pages, bytes }) => {
    const section = sectionNamed(image, name);
    return {
      name,
      forecastPages: pages,
      builtPages: section === undefined ? 0 : pagesTouched(section.address, section.size, pageSize),
      forecastBytes: bytes,
      builtBytes: section === undefined ? 0 : contentSize(image, section),
    };
  });
}

/** A section while things are put into it, one after the other. */
class GrowingSection {
  alone = false;
  private bytes = 0;
  private readonly present: ImageSection | undefined;
  private readonly placed = new Set<number>();

  constructor(
    image: Image,
    private readonly name: string,
    private readonly kind: SectionKind,
  ) {
    this.present = sectionNamed(image, name);
    if (this.present !== undefined) this.bytes = contentSize(image, this.present);
  }

  /** Bytes it grew by: nothing for what is in it already, and the gap before what wants to be aligned. */
  add({ address, size, alignment }: Extent, isCode: boolean): number {
    if (this.holds(address) || this.placed.has(address)) return 0;
    this.placed.add(address);
    const before = this.bytes;
    const step = alignment ?? alignmentOf(address, isCode);
    this.bytes = Math.ceil(before / step) * step + size;
    return this.bytes - before;
  }

  pages(pageSize: number): number {
    if (this.bytes === 0) return 0;
    if (this.alone) return Math.ceil(this.bytes / pageSize);
    if (this.present !== undefined) return pagesTouched(this.present.address, this.bytes, pageSize);
    // Where the linker will put it is not known: the least fortunate place.
    return Math.floor((this.bytes + pageSize - 2) / pageSize) + 1;
  }

  forecast(pageSize: number): SectionForecast {
    const { name, kind, bytes, alone } = this;
    const pages = this.pages(pageSize);
    return { name, kind, bytes, pages, alone, restBytes: pages * pageSize - bytes };
  }

  private holds(address: number): boolean {
    const { present } = this;
    return present !== undefined && address >= present.address && address < present.address + present.size;
  }
}

function pagesOfAll(sections: ReadonlyMap<string, GrowingSection>, pageSize: number): number {
  return [...sections.values()].reduce((sum, section) => sum + section.pages(pageSize), 0);
}

function sectionNamed(image: Image, wanted: string): ImageSection | undefined {
  return image.sections.find(({ name, flags }) => flags.allocated && (name === wanted || name === `.${wanted}`));
}

/** Up to the end of the last symbol: a script fills the section to the end of its page. */
function contentSize(image: Image, { address, size }: ImageSection): number {
  const ends = image
    .symbols()
    .filter((symbol) => symbol.kind !== "tls" && symbol.size > 0)
    .filter((symbol) => symbol.address >= address && symbol.address < address + size)
    .map((symbol) => symbol.address + symbol.size - address);
  return ends.length === 0 ? size : Math.min(size, Math.max(...ends));
}

/** As the compiler aligned it: by where it is now, which may be by accident above what is usual. */
function alignmentOf(address: number, isCode: boolean): number {
  if (address % PAGE_ALIGNED === 0) return PAGE_ALIGNED;
  let alignment = isCode ? USUAL_CODE_ALIGNMENT : USUAL_DATA_ALIGNMENT;
  while (address % alignment !== 0) alignment /= 2;
  return alignment;
}

/** What asks for pages of its own: hardly ever an accident. */
const PAGE_ALIGNED = 4096;
const USUAL_CODE_ALIGNMENT = 16;
const USUAL_DATA_ALIGNMENT = 32;
