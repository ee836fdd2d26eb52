/** The memory map's model from a trace and its findings: regions of each process as they were at its last fault. */
import type { Findings } from "../attribution/findings.js";
import type { ImageResolver } from "../attribution/image-resolver.js";
import { Places, type Place } from "../attribution/place.js";
import type { Image } from "../image/image.js";
import type { Mapping, Trace } from "../trace/trace.js";
import { lostRecords } from "./completeness.js";
import type { MapModel, MapObject, MapPages, MapProcess, MapRegion } from "./map-model.js";
import type { SourceMapper } from "./source-map.js";
import { entry } from "./tally.js";

export function buildMap(trace: Trace, findings: Findings, resolve: ImageResolver, mapSource: SourceMapper): MapModel {
  const places = new Places(trace, resolve);
  const pagesOf = new Map<number, number[]>();
  findings.pages.pid.forEach((pid, row) => entry(pagesOf, pid, () => []).push(row));
  const processes = [...pagesOf].map(([pid, rows]): MapProcess => {
    const sorted = rows.toSorted((a, b) => findings.pages.page[a]! - findings.pages.page[b]!);
    const regions = regionsOf(trace, findings, places, pid, sorted);
    const pages = pageColumns(trace, findings, sorted, regions);
    return {
      pid,
      name: trace.processes.nameAt(pid, Infinity),
      faults: rows.reduce((sum, row) => sum + faultsOn(findings, row), 0),
      regions,
      pages,
      objects: objectsOf(findings, places, pid, mapSource),
    };
  });
  return {
    pageSize: trace.pageSize,
    lost: lostRecords(trace),
    processes: processes.sort((a, b) => b.faults - a.faults),
  };
}

function faultsOn({ pages }: Findings, row: number): number {
  return pages.minor[row]! + pages.major[row]! + pages.other[row]!;
}

function regionsOf(
  trace: Trace,
  findings: Findings,
  places: Places,
  pid: number,
  rows: readonly number[],
): readonly MapRegion[] {
  const regions = layoutAt(trace, places, pid, lastFault(trace, pid)).flatMap(({ mapping, start, end }) =>
    regionsOfMapping(places.of(pid, mapping), mapping, start, end),
  );
  const uncovered = rows.filter((row) => {
    const address = findings.pages.page[row]! * trace.pageSize;
    return !regions.some(({ start, end }) => address + trace.pageSize > start && address < end);
  });
  // Pages of mappings that were gone by the last fault, and of a main stack that grew.
  for (const row of uncovered) {
    const start = findings.pages.page[row]! * trace.pageSize;
    const { kind, name, section } = findings.regions[findings.pages.region[row]!]!;
    const last = regions.at(-1);
    if (last !== undefined && last.end === start && last.name === name && last.section === section) {
      regions[regions.length - 1] = { ...last, end: start + trace.pageSize };
    } else {
      regions.push({ start, end: start + trace.pageSize, kind, name, section, permissions: "" });
    }
  }
  return regions.sort((a, b) => a.start - b.start);
}

interface Extent {
  readonly mapping: Mapping;
  readonly start: number;
  readonly end: number;
}

/** What was mapped where at one moment: later mappings cover earlier ones, so every start is a possible border. */
function layoutAt(trace: Trace, places: Places, pid: number, time: number): readonly Extent[] {
  const borders = [...new Set(places.ofProcess(pid).flatMap(({ start, end }) => [start, end]))].sort((a, b) => a - b);
  const extents: Extent[] = [];
  borders.forEach((start, i) => {
    const mapping = trace.mappings.at(pid, time, start);
    const end = Math.min(borders[i + 1] ?? start, mapping?.end ?? start);
    if (mapping === undefined || end <= start) return;
    const last = extents.at(-1);
    if (last?.mapping === mapping && last.end === start) extents[extents.length - 1] = { ...last, end };
    else extents.push({ mapping, start, end });
  });
  return extents;
}

function regionsOfMapping(place: Place, mapping: Mapping, start: number, end: number): readonly MapRegion[] {
  const permissions = [
    mapping.readable === false ? "-" : "r",
    mapping.writable === true ? "w" : "-",
    mapping.executable ? "x" : "-",
    mapping.shared === true ? "s" : "p",
  ].join("");
  const common = { permissions, section: undefined };
  switch (place.kind) {
    case "memory":
      return [{ ...common, start, end, kind: place.region, name: place.name }];
    case "thread-stack":
      return [{ ...common, start, end, kind: "thread-stack", name: `stack of tid ${place.stack.tid}` }];
    case "image":
      return sectionsWithin(place.image, start - place.bias, end - place.bias).map((piece) => ({
        ...common,
        start: piece.start + place.bias,
        end: piece.end + place.bias,
        kind: place.region,
        name: place.path,
        section: piece.section,
      }));
  }
}

/** The link-time range cut along its sections; what lies between two of them is a piece without a section. */
function sectionsWithin(image: Image, start: number, end: number) {
  const pieces: { start: number; end: number; section: string | undefined }[] = [];
  const sections = image.sections
    .filter(({ flags, address, size }) => flags.allocated && !flags.tls && address < end && address + size > start)
    .sort((a, b) => a.address - b.address);
  let at = start;
  for (const section of sections) {
    const from = Math.max(section.address, at);
    const to = Math.min(section.address + section.size, end);
    if (to <= from) continue;
    if (from - at >= SMALLEST_GAP) pieces.push({ start: at, end: from, section: undefined });
    pieces.push({ start: from - at >= SMALLEST_GAP ? from : at, end: to, section: section.name });
    at = to;
  }
  if (end > at)
    pieces.push({
      start: at,
      end,
      section: sections.length > 0 && end - at < 65536 ? sections.at(-1)!.name : undefined,
    });
  return pieces;
}

/** Alignment padding between sections is drawn as part of the next one. */
const SMALLEST_GAP = 256;

function pageColumns(
  trace: Trace,
  findings: Findings,
  rows: readonly number[],
  regions: readonly MapRegion[],
): MapPages {
  const { pages } = findings;
  const merged: number[][] = [];
  for (const row of rows) {
    const last = merged.at(-1);
    if (last !== undefined && pages.page[last[0]!] === pages.page[row]) last.push(row);
    else merged.push([row]);
  }
  const sum = (group: readonly number[], column: Float64Array) => group.reduce((total, row) => total + column[row]!, 0);
  let region = 0;
  return {
    address: merged.map(([row]) => pages.page[row!]! * trace.pageSize),
    region: merged.map(([row]) => {
      const address = pages.page[row!]! * trace.pageSize;
      while (region < regions.length && regions[region]!.end <= address) region++;
      return region < regions.length && regions[region]!.start < address + trace.pageSize ? region : -1;
    }),
    minor: merged.map((group) => sum(group, pages.minor) + sum(group, pages.other)),
    major: merged.map((group) => sum(group, pages.major)),
    timeNs: merged.map((group) => sum(group, pages.timeNs)),
  };
}

/** Every object that was touched, at its run-time address in this process. */
function objectsOf(findings: Findings, places: Places, pid: number, mapSource: SourceMapper): readonly MapObject[] {
  const biases = new Map<string, number>();
  for (const mapping of places.ofProcess(pid)) {
    const place = places.of(pid, mapping);
    if (place.kind === "image") biases.set(place.path, place.bias);
  }
  return findings.objects
    .flatMap((object, number): MapObject[] => {
      if (!findings.pagesOfObject[number]!.some((row) => findings.pages.pid[row] === pid)) return [];
      const bias = object.image === undefined ? undefined : biases.get(object.image);
      if (bias === undefined) return [];
      const declaration = object.declaration();
      const start = object.address + bias;
      return [
        {
          start,
          end: start + Math.max(object.size, 1),
          name: object.name,
          kind: object.kind,
          file: declaration === undefined ? undefined : mapSource(declaration.file),
          line: declaration?.line,
        },
      ];
    })
    .sort((a, b) => a.start - b.start);
}

function lastFault({ faults }: Trace, pid: number): number {
  const row = faults.pid.lastIndexOf(pid);
  return row < 0 ? Infinity : faults.time[row]!;
}
