/** Faults by function, memory object, section, region, page and thread. */
import type { Findings } from "../attribution/findings.js";
import type { Trace } from "../trace/trace.js";
import type { FunctionRow, ObjectRow, PageRow, RegionRow, SectionRow, ThreadRow } from "./report.js";
import { mappedPosition, type SourceMapper } from "./source-map.js";
import { addCell, byFaults, emptyTally, entry, type Tally } from "./tally.js";

/** By out-of-line function: the one whose code page it was and that can be placed in a section. */
export function functionRows(findings: Findings, mapSource: SourceMapper): readonly FunctionRow[] {
  const groups = new Map<string, Tally & Omit<FunctionRow, keyof Tally>>();
  const { cells } = findings;
  for (let cell = 0; cell < cells.length; cell++) {
    const site = findings.sites[cells.site[cell]!]!;
    const outer = site.frames.at(-1);
    const name = outer === undefined || outer.function === "" ? site.label : outer.function;
    const group = entry(groups, `${site.image ?? ""}\0${name}`, () => ({
      name,
      image: site.image,
      file: outer?.declaration === undefined ? undefined : mapSource(outer.declaration.file),
      line: outer?.declaration?.line,
      ...emptyTally(),
    }));
    addCell(group, cells, cell);
  }
  return [...groups.values()].sort(byFaults);
}

/** @param declarations whether to look up where objects are declared: that scans debug information. */
export function objectRows(findings: Findings, mapSource: SourceMapper, declarations: boolean): readonly ObjectRow[] {
  const tallies = findings.objects.map(emptyTally);
  const { cells } = findings;
  for (let cell = 0; cell < cells.length; cell++) addCell(tallies[cells.object[cell]!]!, cells, cell);
  return findings.objects
    .map((object, number): ObjectRow => ({
      name: object.name,
      kind: object.kind,
      symbol: object.symbol,
      section: object.section,
      image: object.image,
      pages: findings.pagesOfObject[number]!.length,
      size: object.size,
      declaration: declarations ? mappedPosition(object.declaration(), mapSource) : undefined,
      ...tallies[number]!,
    }))
    .sort(byFaults);
}

export function sectionRows(findings: Findings): readonly SectionRow[] {
  return regionTallies(findings)
    .filter(({ region }) => region.kind === "image")
    .map(({ region, tally, pages }) => ({ image: region.name, section: region.section ?? "", pages, ...tally }))
    .sort(byFaults);
}

export function regionRows(findings: Findings): readonly RegionRow[] {
  const groups = new Map<string, Tally & { kind: RegionRow["kind"]; name: string; pages: number }>();
  for (const { region, tally, pages } of regionTallies(findings)) {
    const group = entry(groups, `${region.kind}\0${region.name}`, () => ({
      kind: region.kind,
      name: region.name,
      pages: 0,
      ...emptyTally(),
    }));
    group.faults += tally.faults;
    group.minor += tally.minor;
    group.major += tally.major;
    group.timeNs += tally.timeNs;
    group.pages += pages;
  }
  return [...groups.values()].sort(byFaults);
}

export function pageRows(findings: Findings, trace: Trace): readonly PageRow[] {
  const { pages } = findings;
  const objects = objectsOfPages(findings);
  return Array.from(pagesByFaults(findings), (row): PageRow => {
    const region = findings.regions[pages.region[row]!]!;
    const minor = pages.minor[row]!;
    const major = pages.major[row]!;
    return {
      address: `0x${(pages.page[row]! * trace.pageSize).toString(16)}`,
      pid: pages.pid[row]!,
      region: region.name,
      section: region.section,
      objects: objects[row]!,
      faults: minor + major + pages.other[row]!,
      minor,
      major,
      timeNs: pages.timeNs[row]!,
    };
  });
}

/** Rows of pages in the order of `byFaults`: there may be millions of them, and numbers are sorted faster than objects. */
function pagesByFaults({ pages }: Findings): Uint32Array {
  const faults = Float64Array.from(pages.minor, (minor, row) => minor + pages.major[row]! + pages.other[row]!);
  const { timeNs } = pages;
  return Uint32Array.from(faults.keys()).sort((a, b) => faults[b]! - faults[a]! || timeNs[b]! - timeNs[a]! || a - b);
}

/** Names of the objects on each page. Most pages have one only: those of one object share their list. */
function objectsOfPages({ pages, objects, pagesOfObject }: Findings): readonly (readonly string[])[] {
  const none: string[] = [];
  const lists = new Array<string[]>(pages.length).fill(none);
  pagesOfObject.forEach((rows, number) => {
    const { name } = objects[number]!;
    const alone = [name];
    for (const row of rows) {
      const list = lists[row]!;
      if (list === none) lists[row] = alone;
      else if (list.length === 1) lists[row] = [...list, name];
      else list.push(name);
    }
  });
  return lists;
}

export function threadRows(findings: Findings): readonly ThreadRow[] {
  const tallies = findings.threads.map(emptyTally);
  const { cells } = findings;
  for (let cell = 0; cell < cells.length; cell++) addCell(tallies[cells.thread[cell]!]!, cells, cell);
  return findings.threads.map((thread, number) => ({ ...thread, ...tallies[number]! })).sort(byFaults);
}

function regionTallies({ pages, regions }: Findings) {
  const tallies = regions.map(emptyTally);
  const counts = new Uint32Array(regions.length);
  for (let row = 0; row < pages.length; row++) {
    const region = pages.region[row]!;
    const tally = tallies[region]!;
    const minor = pages.minor[row]!;
    const major = pages.major[row]!;
    tally.faults += minor + major + pages.other[row]!;
    tally.minor += minor;
    tally.major += major;
    tally.timeNs += pages.timeNs[row]!;
    counts[region]! += 1;
  }
  return regions.map((region, number) => ({ region, tally: tallies[number]!, pages: counts[number]! }));
}
