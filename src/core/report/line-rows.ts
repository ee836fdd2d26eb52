/** Faults by source line: the innermost line of each, and the call sites it was inlined into. */
import type { Findings, MemoryObject, Site } from "../attribution/findings.js";
import type { Frame } from "../image/image.js";
import type { CallSiteRow, CompiledSource, LineRow, TouchedObject } from "./report.js";
import { mappedPosition, type SourceMapper } from "./source-map.js";
import { addCell, byFaults, emptyTally, entry, faultsOfCell, type Tally } from "./tally.js";

interface LineGroup extends Tally {
  readonly site: Site;
  readonly objects: Map<number, number>;
  /** Faults per site, to find the most frequent inline chain. */
  readonly sites: Map<number, number>;
  readonly threads: Map<number, number>;
}

/** @param declarations whether to look up where touched objects are declared: that scans debug information. */
export function lineRows(findings: Findings, mapSource: SourceMapper, declarations: boolean): readonly LineRow[] {
  const groups = new Map<string, LineGroup>();
  const keys = findings.sites.map(lineKey);
  const { cells } = findings;
  for (let cell = 0; cell < cells.length; cell++) {
    const siteNumber = cells.site[cell]!;
    const site = findings.sites[siteNumber]!;
    const group = entry(groups, keys[siteNumber]!, () => ({
      ...emptyTally(),
      site,
      objects: new Map<number, number>(),
      sites: new Map<number, number>(),
      threads: new Map<number, number>(),
    }));
    addCell(group, cells, cell);
    const faults = faultsOfCell(cells, cell);
    addTo(group.objects, cells.object[cell]!, faults);
    addTo(group.sites, siteNumber, faults);
    addTo(group.threads, cells.thread[cell]!, faults);
  }
  return [...groups.values()].sort(byFaults).map((group) => lineRow(group, findings, mapSource, declarations));
}

export function callSiteRows(findings: Findings, mapSource: SourceMapper): readonly CallSiteRow[] {
  const groups = new Map<string, Tally & { file: string; line: number; function: string }>();
  const { cells } = findings;
  const callsOf = findings.sites.map(calls);
  for (let cell = 0; cell < cells.length; cell++) {
    for (const frame of callsOf[cells.site[cell]!]!) {
      const { file, line } = frame;
      const group = entry(groups, `${file}\0${line}\0${frame.function}`, () => ({
        file: mapSource(file),
        line,
        function: frame.function,
        ...emptyTally(),
      }));
      addCell(group, cells, cell);
    }
  }
  return [...groups.values()].sort(byFaults);
}

/** Each file and MD5 once. */
export function compiledSources({ sites }: Findings, mapSource: SourceMapper): readonly CompiledSource[] {
  const found = new Map<string, CompiledSource>();
  for (const { file, md5 } of sites.flatMap(({ frames }) => frames)) {
    if (md5 !== undefined) found.set(`${file}\0${md5}`, { file: mapSource(file), md5 });
  }
  return [...found.values()];
}

/**
 * The calls that a site was inlined through, outermost first, one for each line: what is inlined on its own line, or
 * twice through one, takes its faults there once.
 */
function calls({ frames: [innermost, ...callers] }: Site): readonly Frame[] {
  const seen = new Set(innermost === undefined ? [] : [lineOf(innermost)]);
  return callers.reverse().filter((frame) => {
    const line = lineOf(frame);
    if (frame.line === 0 || seen.has(line)) return false;
    seen.add(line);
    return true;
  });
}

function lineOf({ file, line }: Frame): string {
  return `${file}\0${line}`;
}

/** Sites on one line of one function are one row; code without lines is a row a function, or an address. */
function lineKey(site: Site): string {
  const frame = site.frames[0];
  if (frame === undefined) return `${site.image ?? ""}\0${site.label}`;
  return `${frame.line > 0 ? frame.file : (site.image ?? "")}\0${frame.line}\0${frame.function}`;
}

function lineRow(group: LineGroup, findings: Findings, mapSource: SourceMapper, declarations: boolean): LineRow {
  const frame = group.site.frames[0];
  const hasLine = frame !== undefined && frame.line > 0;
  const sites = [...group.sites].sort((a, b) => b[1] - a[1]).map(([number]) => findings.sites[number]!);
  const chain = sites[0]!.frames.slice(1);
  return {
    file: hasLine ? mapSource(frame.file) : "",
    line: hasLine ? frame.line : 0,
    function: frame === undefined || frame.function === "" ? group.site.label : frame.function,
    image: group.site.image,
    faults: group.faults,
    minor: group.minor,
    major: group.major,
    timeNs: group.timeNs,
    objects: touchedObjects(group.objects, findings, mapSource, declarations),
    addresses: sites
      .filter(({ called }) => !called)
      .slice(0, MOST_ADDRESSES)
      .map(({ address }) => `0x${address.toString(16)}`),
    threads: [...group.threads]
      .sort((a, b) => b[1] - a[1])
      .slice(0, MOST_THREADS)
      .map(([number, faults]) => ({ ...findings.threads[number]!, faults })),
    inlinedInto: chain.map(({ function: name, file, line }) => ({ function: name, file: mapSource(file), line })),
  };
}

function addTo(sums: Map<number, number>, key: number, faults: number): void {
  sums.set(key, (sums.get(key) ?? 0) + faults);
}

function touchedObjects(
  faultsOf: ReadonlyMap<number, number>,
  findings: Findings,
  mapSource: SourceMapper,
  declarations: boolean,
): readonly TouchedObject[] {
  // The heaps of two processes are two objects, but one line here.
  const groups = new Map<string, { object: MemoryObject; faults: number }>();
  for (const [number, faults] of faultsOf) {
    const object = findings.objects[number]!;
    entry(groups, `${object.kind}\0${object.name}\0${object.image ?? ""}`, () => ({ object, faults: 0 })).faults +=
      faults;
  }
  return [...groups.values()]
    .sort((a, b) => b.faults - a.faults)
    .slice(0, MOST_TOUCHED_OBJECTS)
    .map(({ object, faults }) => {
      const declaration = declarations ? mappedPosition(object.declaration(), mapSource) : undefined;
      return { name: object.name, kind: object.kind, image: object.image, faults, declaration };
    });
}

/** A line of a copying loop may touch thousands of objects; the rest is in the table of objects. */
const MOST_TOUCHED_OBJECTS = 20;
/** A line compiles to a handful of instructions that can fault; an unrolled loop to many. */
const MOST_ADDRESSES = 20;
/** More threads than a person tells apart; all of them are in the table of threads. */
const MOST_THREADS = 20;
