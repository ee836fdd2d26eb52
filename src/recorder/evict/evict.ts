/** Takes everything that is not locked out of the target's memory, and looks in pagemap what really went. */
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { dropFromCache } from "../ffi/file-cache.js";
import { lookAt, type StayedPages } from "./look.js";
import type { MappingFacts } from "./mapping-facts.js";
import { isCandidate, type EvictionMeans } from "./means.js";

export interface Eviction {
  readonly means: EvictionMeans["name"];
  readonly pageSize: number;
  readonly passes: number;
  readonly milliseconds: number;
  /** Pages that are not locked and may be evicted: in memory before, and still there afterwards. */
  readonly before: number;
  readonly after: number;
  /** The same without private memory that has no swap to go to: what could leave, and of that what did not. */
  readonly evictable: number;
  readonly resistant: number;
  readonly stayed: readonly StayedPages[];
  /** Locked pages in memory, and those that should be and are not. */
  readonly lockedResident: number;
  readonly lockedAbsent: number;
  /** Locked pages that the eviction of their neighbours had unmapped, and that were brought back. */
  readonly restored: number;
  /** Page numbers in memory now, locked ones included: what a look afterwards is compared with. */
  present(): ReadonlySet<number>;
  readonly mappings: readonly MappingFacts[];
  /** Parts of the address space too large to look at. */
  readonly unseen: number;
}

/** A pass that changes nothing is tried again this often: pages on their way to or from a list cannot be taken yet. */
const PATIENCE = 3;
const MAX_PASSES = 40;

/** Until nothing unlocked is left, or nothing changes any more. */
export async function evict(pid: number, means: EvictionMeans, pageSize: number): Promise<Eviction> {
  const begun = performance.now();
  let look = lookAt(pid, pageSize);
  const before = look.unlocked;
  const first = look;
  let idle = 0;
  let passes = 0;
  let dropped = false;
  while (look.unlocked > look.unswappable && idle < PATIENCE && passes < MAX_PASSES) {
    passes += 1;
    const left = look.unlocked;
    await means.pageOut(look.mappings.filter((mapping) => isCandidate(mapping) && mayLeave(mapping, look.swapFree)));
    look = lookAt(pid, pageSize);
    if (look.unlocked < left) {
      idle = 0;
      continue;
    }
    if (means.drop !== undefined && !dropped) {
      dropped = true;
      const clean = look.mappings.filter((mapping) => isCandidate(mapping) && mayBeDropped(mapping));
      if (clean.length > 0) await means.drop(clean);
      look = lookAt(pid, pageSize);
      continue;
    }
    idle += 1;
    dropUnmapped(pid, look.stayed());
    if (idle < PATIENCE) await sleep(idle);
  }
  const lost = look.lockedResident < first.lockedResident ? missing(first.lockedPages(), look.present()) : [];
  if (lost.length > 0) {
    restore(pid, lost, pageSize);
    look = lookAt(pid, pageSize);
  }
  const stayed = look.stayed();
  // What stayed must show whether the interval touches it.
  if (stayed.length > 0) means.age?.([...new Set(stayed.map(({ mapping }) => mapping))]);
  return {
    means: means.name,
    pageSize,
    passes,
    milliseconds: performance.now() - begun,
    before,
    after: look.unlocked,
    evictable: first.unlocked - first.unswappable,
    resistant: look.unlocked - look.unswappable,
    stayed,
    lockedResident: look.lockedResident,
    lockedAbsent: look.lockedAbsent,
    restored: lost.length,
    present: look.present,
    mappings: look.mappings,
    unseen: look.unseen,
  };
}

/**
 * Taking out part of a large folio splits it, and the split unmaps all of it, locked pages too (mm/huge_memory.c,
 * unmap_folio): they stay in the page cache, but their next touch faults. Pressure does not do that, so it is undone:
 * reading a page from outside maps it again.
 */
function restore(pid: number, pages: readonly number[], pageSize: number): void {
  let memory: number;
  try {
    memory = openSync(`/proc/${pid}/mem`, "r");
  } catch {
    return; // Not ours to read: they are counted as absent.
  }
  const byte = Buffer.alloc(1);
  for (const page of pages) {
    try {
      readSync(memory, byte, 0, 1, page * pageSize);
    } catch {
      // Unmapped meanwhile, or without permission to read: counted as absent, if it still is locked.
    }
  }
  closeSync(memory);
}

/** Frees pages that are held by nothing but the lists of a cpu, so that the next pass can take them. */
function dropUnmapped(pid: number, stayed: readonly StayedPages[]): void {
  const paths = stayed.filter(({ reason }) => reason === "file").map(({ mapping }) => mapping.name);
  for (const path of new Set(paths)) {
    let fd: number;
    try {
      // As the target sees it: it may have a file of its own under that path. Never a pipe that could hang us.
      fd = openSync(`/proc/${pid}/root${path}`, constants.O_RDONLY | constants.O_NONBLOCK);
    } catch {
      continue; // Deleted, or not ours to read.
    }
    if (fstatSync(fd).isFile()) dropFromCache(fd);
    closeSync(fd);
  }
}

/** Without swap, memory of no file stays: asking only costs time. */
function mayLeave(mapping: MappingFacts, swapFree: number): boolean {
  return swapFree > 0 || mapping.inode !== 0;
}

/**
 * Private, read-only, of a file, and without a single page of the process's own, in memory or in swap: its entries can
 * go, and the next touch finds the same bytes in the file.
 */
function mayBeDropped(mapping: MappingFacts): boolean {
  const { inode, shared, writable, anonymous, swapped } = mapping;
  return inode !== 0 && !shared && !writable && anonymous === 0 && swapped === 0;
}

function missing(wanted: ReadonlySet<number>, there: ReadonlySet<number>): number[] {
  return [...wanted].filter((page) => !there.has(page));
}
