/** One page of a lock set: which part it belongs to, and what the rules of diagnosis ask about it. */
import type { RegionKind } from "../attribution/findings.js";
import type { FaultCode, FaultFacts } from "../diagnosis/diagnosis.js";
import type { Image, ImageSection } from "../image/image.js";
import type { Mapping } from "../trace/trace.js";
import type { LiveProcess } from "./live-process.js";
import type { ObservedPage } from "./lock-set.js";

/** Where a page lies. */
export interface PagePlace {
  readonly region: RegionKind;
  readonly name: string;
  readonly own: boolean;
  readonly mapping: Mapping | undefined;
  readonly image: Image | undefined;
  /** Link-time address of the page's first byte. */
  readonly linkAddress: number | undefined;
  readonly fileOffset: number | undefined;
  readonly section: string | undefined;
}

export interface PlacedPage {
  readonly page: ObservedPage;
  readonly place: PagePlace;
}

export function placeOfPage(process: LiveProcess, page: ObservedPage, pageSize: number): PagePlace {
  const address = page.page * pageSize;
  const mapping = process.mappingAt(address);
  if (mapping === undefined) {
    const region = process.isBelowMainStack(address) ? "main-stack" : "unmapped";
    return memory(region, region === "main-stack" ? "[stack]" : "unmapped memory", undefined);
  }
  const place = process.placeOf(mapping);
  switch (place.kind) {
    case "image": {
      const linkAddress = address - place.bias;
      return {
        region: place.region,
        name: place.path,
        own: place.path === process.program,
        mapping,
        image: place.image,
        linkAddress,
        // What a file does not reach is .bss: it has no bytes there.
        fileOffset: mapping.name === "" ? undefined : mapping.fileOffset + (address - mapping.start),
        section: sectionOf(place.image, linkAddress, page, place.bias, pageSize)?.name,
      };
    }
    case "thread-stack": {
      const owner = process.stackOwner(place.stack);
      return memory("thread-stack", `stack of ${owner}`, mapping);
    }
    case "memory": {
      if (place.region === "anonymous" && process.looksLikeStack(mapping))
        return memory("thread-stack", `stack of a thread, at ${mapping.start.toString(16)}`, mapping);
      const inFile = place.region === "file" || place.region === "shared-memory";
      const fileOffset = inFile ? mapping.fileOffset + (address - mapping.start) : undefined;
      return { ...memory(place.region, place.name, mapping), fileOffset };
    }
  }
}

/** What the first look at the page said of it. */
export function factsOf(process: LiveProcess, page: ObservedPage, place: PagePlace): FaultFacts {
  const reason = page.reasons.find(({ kind }) => kind === "fault") ?? page.reasons[0];
  const { region, name, section, own, mapping } = place;
  return {
    region,
    name,
    section,
    own,
    writable: mapping?.writable,
    executable: mapping?.executable ?? false,
    shared: mapping?.shared,
    access: reason?.access ?? "unknown",
    // Without an event it is not known who touched the page, only that perf did not see it.
    kernel: reason?.kind === "fault" && reason.kernel,
    major: reason?.major ?? false,
    again: reason?.again ?? false,
    evicted: true,
    forked: undefined,
    code: chainOf(process, reason?.chain ?? []),
  };
}

/** Functions of a call chain; every address but the innermost is a return address, behind its call. */
export function chainOf(process: LiveProcess, chain: readonly number[]): FaultCode[] {
  return chain.map((address, depth) => {
    const code = process.codeAt(depth === 0 ? address : address - 1);
    return { function: code?.function ?? "", image: code?.image };
  });
}

/** The section that was reached into, else the one that most of the page belongs to. */
function sectionOf(
  image: Image,
  start: number,
  { reasons }: ObservedPage,
  bias: number,
  pageSize: number,
): ImageSection | undefined {
  const touched = reasons.find(({ address }) => address !== undefined)?.address;
  const reached = touched === undefined ? undefined : image.sectionAt(touched - bias);
  if (reached !== undefined) return reached;
  const executed = reasons.some(({ access }) => access === "execute");
  let best: ImageSection | undefined;
  let most = -Infinity;
  for (const section of image.sections) {
    const { allocated, tls, execute } = section.flags;
    if (!allocated || (tls && section.nobits) || (executed && !execute)) continue;
    const shared = Math.min(section.address + section.size, start + pageSize) - Math.max(section.address, start);
    if (shared <= 0) continue;
    // What only the loader and the unwinder read is rarely why a page is needed.
    const weight = SELDOM_READ.test(section.name) ? shared - pageSize : shared;
    if (weight > most) [best, most] = [section, weight];
  }
  return best;
}

const SELDOM_READ = /^\.(?:eh_frame|gcc_except_table|note|comment|interp|init|fini|sframe)/;

function memory(region: RegionKind, name: string, mapping: Mapping | undefined): PagePlace {
  return {
    region,
    name,
    own: false,
    mapping,
    image: undefined,
    linkAddress: undefined,
    fileOffset: undefined,
    section: undefined,
  };
}
