/** Where, in a running process, the locked sections of its images lie, and the pages of a lock set. */
import { readFileSync } from "node:fs";
import type { ByteRange } from "../core/memlock/byte-ranges.js";
import type { LockSet, LockSetPart, PartRange } from "../core/memlock/lock-set.js";
import { isLockedSection, type LockedSectionNames } from "../core/placement/locked-sections.js";
import { parseMaps, type ProcMapping } from "../core/proc/maps.js";
import { openImageFile } from "./images.js";

export interface FoundRanges {
  readonly ranges: readonly ByteRange[];
  /** What was looked for and is there: sections as "input_code of input-thread". */
  readonly found: readonly string[];
  /** What is not there, one phrase each: a library that is not loaded, another build, a stack of another run. */
  readonly missing: readonly string[];
}

/** Throws what reading /proc/PID/maps throws. */
export function sectionRanges(pid: number, names: LockedSectionNames, pageSize: number): FoundRanges {
  const maps = mapsOf(pid);
  const ranges: ByteRange[] = [];
  const found: string[] = [];
  for (const path of new Set(maps.filter(isImage).map(({ name }) => name))) {
    const opened = openImageFile(path);
    if (!opened.ok) continue;
    for (const section of opened.image.sections) {
      const start = isLockedSection(section, names) ? addressOf(maps, path, opened.image, section.address) : undefined;
      if (start === undefined || section.size === 0) continue;
      ranges.push(wholePages(start, section.size, pageSize));
      found.push(`${section.name} of ${path.slice(path.lastIndexOf("/") + 1)}`);
    }
    opened.close();
  }
  return { ranges, found, missing: [] };
}

/** Pages of images are found by build id and offset, others only in the very process that was observed. */
export function setRanges(pid: number, set: LockSet): FoundRanges {
  const maps = mapsOf(pid);
  const ranges: ByteRange[] = [];
  const found: string[] = [];
  const missing: string[] = [];
  for (const part of set.parts) {
    const places = part.image === undefined ? sameProcess(set, pid, part) : inImage(maps, part);
    if (typeof places === "string") missing.push(places);
    else {
      ranges.push(...places.map((start, index) => ({ start, end: start + part.ranges[index]!.pages * set.pageSize })));
      found.push(part.section === undefined ? part.name : `${part.section} of ${baseName(part.name)}`);
    }
  }
  return { ranges, found, missing };
}

/** The start of each of the part's ranges, or what is in the way. */
function inImage(maps: readonly ProcMapping[], part: LockSetPart): readonly number[] | string {
  const name = baseName(part.image ?? "");
  const path = maps.find((mapping) => isImage(mapping) && baseName(mapping.name) === name)?.name;
  if (path === undefined) return `${name} is not loaded`;
  const opened = openImageFile(path);
  if (!opened.ok) return `${name} cannot be read`;
  try {
    if (part.buildId !== undefined && opened.image.buildId !== part.buildId) return `${name} is another build`;
    const starts = part.ranges.map((range) => startOf(maps, path, opened.image, range));
    return starts.every((start) => start !== undefined) ? starts : `${name} is mapped in another way`;
  } finally {
    opened.close();
  }
}

function startOf(
  maps: readonly ProcMapping[],
  path: string,
  image: { addressOfFileOffset(offset: number): number | undefined },
  { fileOffset, linkAddress }: PartRange,
): number | undefined {
  if (linkAddress !== undefined) return addressOf(maps, path, image, linkAddress);
  const mapping = maps.find(
    (one) =>
      one.name === path &&
      fileOffset !== undefined &&
      fileOffset >= one.fileOffset &&
      fileOffset < one.fileOffset + one.end - one.start,
  );
  return mapping === undefined ? undefined : mapping.start + fileOffset! - mapping.fileOffset;
}

function sameProcess(set: LockSet, pid: number, part: LockSetPart): readonly number[] | string {
  if (set.pid !== pid) return `${part.name} is memory of the process that was observed`;
  return part.ranges.map(({ address }) => Number(address));
}

/** Run-time address of a link-time one: by where the image's file is mapped. */
function addressOf(
  maps: readonly ProcMapping[],
  path: string,
  image: { addressOfFileOffset(offset: number): number | undefined },
  address: number,
): number | undefined {
  for (const mapping of maps) {
    if (mapping.name !== path) continue;
    const linked = image.addressOfFileOffset(mapping.fileOffset);
    if (linked !== undefined) return address + mapping.start - linked;
  }
  return undefined;
}

function wholePages(start: number, size: number, pageSize: number): ByteRange {
  return { start: start - (start % pageSize), end: Math.ceil((start + size) / pageSize) * pageSize };
}

function isImage({ name, inode }: ProcMapping): boolean {
  return inode !== 0 && name.startsWith("/");
}

function mapsOf(pid: number): readonly ProcMapping[] {
  return parseMaps(readFileSync(`/proc/${pid}/maps`, "utf8"));
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
