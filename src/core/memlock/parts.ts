/** The pages of a lock set, grouped into what the program calls them: sections, stacks, the heap, libraries. */
import { diagnose } from "../diagnosis/diagnose.js";
import type { Diagnosis } from "../diagnosis/diagnosis.js";
import type { ImageResolver } from "../attribution/image-resolver.js";
import type { SourcePosition } from "../image/image.js";
import type { LiveProcess } from "./live-process.js";
import type { LockSetObservation, LockSetPart, ObservedPage, PartRange, PartReasons, PartSite } from "./lock-set.js";
import { factsOf, placeOfPage, type PlacedPage } from "./page-facts.js";
import { objectsOn } from "./part-objects.js";

export interface PartOptions {
  readonly resolve: ImageResolver;
  /** From the path a compiler recorded to the one here. */
  readonly mapSource: (file: string) => string;
}

/** Those that stayed; most pages first. */
export function partsOf(
  observation: LockSetObservation,
  process: LiveProcess,
  mapSource: PartOptions["mapSource"],
): readonly LockSetPart[] {
  const { pageSize } = observation;
  const groups = new Map<string, PlacedPage[]>();
  for (const page of observation.pages.filter(({ dropped }) => !dropped).sort((a, b) => a.page - b.page)) {
    const place = placeOfPage(process, page, pageSize);
    const key = `${place.region}\0${place.name}\0${place.section ?? ""}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [{ page, place }]);
    else group.push({ page, place });
  }
  return [...groups.values()]
    .map((pages) => partOf(process, pages, pageSize, mapSource))
    .sort((a, b) => b.pages - a.pages || Number(a.address) - Number(b.address));
}

function partOf(
  process: LiveProcess,
  pages: readonly PlacedPage[],
  pageSize: number,
  mapSource: PartOptions["mapSource"],
): LockSetPart {
  const { page: first, place } = pages[0]!;
  const mapped = (position: SourcePosition | undefined) =>
    position === undefined ? undefined : { ...position, file: mapSource(position.file) };
  const { objects, more } = objectsOn(process, pages, pageSize);
  return {
    region: place.region,
    name: place.name,
    own: place.own,
    image: place.image === undefined ? undefined : place.name,
    buildId: place.image?.buildId,
    section: place.section,
    address: hex(first.page * pageSize),
    pages: pages.length,
    bytes: pages.length * pageSize,
    ranges: rangesIn(pages, pageSize),
    objects: objects.map((object) => ({ ...object, declaration: mapped(object.declaration) })),
    moreObjects: more,
    sites: sitesOf(process, pages).map((site) => ({
      ...site,
      file: site.file === undefined ? undefined : mapSource(site.file),
    })),
    reasons: reasonsOf(pages),
    diagnoses: diagnosesOf(process, pages),
  };
}

function rangesIn(pages: readonly PlacedPage[], pageSize: number): readonly PartRange[] {
  const ranges: PartRange[] = [];
  let last: PlacedPage | undefined;
  for (const next of pages) {
    const open = ranges.at(-1);
    const { mapping, fileOffset, linkAddress } = next.place;
    if (open !== undefined && last?.page.page === next.page.page - 1 && last.place.mapping === mapping) {
      ranges[ranges.length - 1] = { ...open, pages: open.pages + 1 };
    } else {
      ranges.push({ address: hex(next.page.page * pageSize), pages: 1, fileOffset, linkAddress });
    }
    last = next;
  }
  return ranges;
}

/** Functions whose code reached for the pages; each counts once a page. */
function sitesOf(process: LiveProcess, pages: readonly PlacedPage[]): readonly PartSite[] {
  const sites = new Map<string, { -readonly [Field in keyof PartSite]: PartSite[Field] }>();
  for (const { page } of pages) {
    const seen = new Set<string>();
    for (const { chain } of page.reasons) {
      const code = chain[0] === undefined ? undefined : process.codeAt(chain[0]);
      if (code === undefined || seen.has(`${code.function}\0${code.image ?? ""}`)) continue;
      const key = `${code.function}\0${code.image ?? ""}`;
      seen.add(key);
      const site = sites.get(key);
      if (site !== undefined) site.pages += 1;
      else sites.set(key, { ...code, calledFrom: ownCaller(process, chain, code.image), pages: 1 });
    }
  }
  return [...sites.values()].sort((a, b) => b.pages - a.pages).slice(0, MOST_SITES);
}

function ownCaller(process: LiveProcess, chain: readonly number[], image: string | undefined): string | undefined {
  if (image === process.program) return undefined;
  for (const address of chain.slice(1)) {
    const caller = process.codeAt(address - 1);
    if (caller !== undefined && caller.image === process.program && caller.function !== "") return caller.function;
  }
  return undefined;
}

function reasonsOf(pages: readonly PlacedPage[]): PartReasons {
  const count = (test: (page: ObservedPage) => boolean) => pages.filter(({ page }) => test(page)).length;
  const by = (access: string) =>
    count(({ reasons }) => reasons.some((reason) => reason.kind === "fault" && reason.access === access));
  const stimuli = new Set<string>();
  for (const { page } of pages)
    for (const { stimulus } of page.reasons) if (stimulus !== undefined) stimuli.add(stimulus);
  return {
    read: by("read"),
    write: by("write"),
    execute: by("execute"),
    kernel: count(({ reasons }) => reasons.some(({ kind, kernel }) => kind === "fault" && kernel)),
    unnamed: count(({ reasons }) => reasons.every(({ kind }) => kind === "pagemap")),
    major: count(({ reasons }) => reasons.some(({ major }) => major)),
    stimuli: [...stimuli],
  };
}

function diagnosesOf(process: LiveProcess, pages: readonly PlacedPage[]): readonly Diagnosis[] {
  const diagnoses = new Map<string, Diagnosis>();
  for (const { page, place } of pages) {
    const finding = diagnose(factsOf(process, page, place));
    const key = `${finding.cause}\0${finding.remedy}\0${finding.subject ?? ""}`;
    diagnoses.set(key, { ...finding, pages: (diagnoses.get(key)?.pages ?? 0) + 1 });
  }
  return [...diagnoses.values()].sort((a, b) => b.pages - a.pages);
}

function hex(address: number): string {
  return `0x${address.toString(16)}`;
}

/** More functions than this reach for one part in a long interval only, and nobody reads them all. */
const MOST_SITES = 100;
