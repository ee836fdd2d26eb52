/** Takes everything that is not locked out of the target's memory, and looks in pagemap what really went. */
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { PageRun } from "../../core/proc/pagemap.js";
import { readProc } from "../../host/proc-snapshot.js";
import { dropFromCache } from "../ffi/file-cache.js";
import { adviseRemotely, openPidfd } from "../ffi/remote-memory.js";
import type { MemoryCgroup } from "./memory-cgroup.js";
import { mappingFacts, type MappingFacts } from "./mapping-facts.js";
import { presentPages, readResidency } from "./residency.js";

/** What takes pages out. `undefined` in a result: it does not know. */
export interface EvictionMeans {
  /** "process_madvise", "injected madvise", either with a cgroup's file added, or "none". */
  readonly name: string;
  /** Asks for these mappings' pages to leave; what really left is looked at afterwards. */
  pageOut(mappings: readonly MappingFacts[]): Promise<void>;
  /** Takes the accessed bits of the pages away, in the processor's caches too; undefined: `pageOut` has done so. */
  readonly age: ((mappings: readonly MappingFacts[]) => void) | undefined;
  /** Drops the page-table entries of clean, read-only file mappings; undefined where that cannot be had. */
  readonly drop: ((mappings: readonly MappingFacts[]) => Promise<void>) | undefined;
  close(): void;
}

export type StayReason =
  /** Private memory, and there is no swap it could go to. */
  | "no-swap"
  /** Private memory that did not go to the swap there is. */
  | "anonymous"
  /** A file's page: mapped by another process too, dirty, or not ours to evict. */
  | "file";

export interface StayedPages {
  readonly mapping: MappingFacts;
  readonly runs: readonly PageRun[];
  readonly reason: StayReason;
}

export interface Eviction {
  readonly means: EvictionMeans["name"];
  readonly pageSize: number;
  readonly passes: number;
  readonly milliseconds: number;
  /** Pages that are not locked and may be evicted: in memory before, and still there afterwards. */
  readonly before: number;
  readonly after: number;
  /** Of those after, without private memory that has no swap to go to: what should have left. */
  readonly resistant: number;
  readonly stayed: readonly StayedPages[];
  /** Locked pages in memory, and those that should be and are not. */
  readonly lockedResident: number;
  readonly lockedAbsent: number;
  /** Locked pages that the eviction of their neighbours had unmapped, and that were brought back. */
  readonly restored: number;
  /** Page numbers in memory now, locked ones included: what a look afterwards is compared with. */
  readonly present: ReadonlySet<number>;
  readonly mappings: readonly MappingFacts[];
  /** Parts of the address space too large to look at. */
  readonly unseen: number;
}

/** By process_madvise(2); undefined where this user may not. `pid` must be ours to trace. */
export function remoteMeans(pid: number): EvictionMeans | undefined {
  let pidfd: number;
  try {
    pidfd = openPidfd(pid);
  } catch {
    return undefined; // Gone, or a kernel before 5.3: the other means will tell.
  }
  const [probe] = mappingFacts(pid).filter(isCandidate);
  const refused =
    probe === undefined ? undefined : adviseRemotely(pidfd, probe.start, probe.end - probe.start, "pageout");
  if (refused === "EPERM" || refused === "ENOSYS") {
    closeSync(pidfd);
    return undefined;
  }
  return {
    name: "process_madvise",
    pageOut: (mappings) => {
      for (const { start, end } of mappings) adviseRemotely(pidfd, start, end - start, "pageout");
      return Promise.resolve();
    },
    age: (mappings) => {
      for (const { start, end } of mappings) adviseRemotely(pidfd, start, end - start, "cold");
    },
    drop: undefined,
    close: () => closeSync(pidfd),
  };
}

/** As `means`, and then the target's own memory cgroup is reclaimed, so that what comes back comes from the disk. */
export function withReclaim(means: EvictionMeans, group: MemoryCgroup): EvictionMeans {
  return {
    ...means,
    name: `${means.name}, ${group.file}`,
    pageOut: async (mappings) => {
      await means.pageOut(mappings);
      await group.reclaim();
    },
  };
}

/** Nothing leaves; used to show that a proof then proves nothing. */
export const NO_MEANS: EvictionMeans = {
  name: "none",
  pageOut: () => Promise.resolve(),
  age: () => undefined,
  drop: undefined,
  close: () => undefined,
};

/** A pass that changes nothing is tried again this often: pages on their way to or from a list cannot be taken yet. */
const PATIENCE = 3;
const MAX_PASSES = 40;

/** Until nothing unlocked is left, or nothing changes any more. */
export async function evict(pid: number, means: EvictionMeans, pageSize: number): Promise<Eviction> {
  const begun = performance.now();
  let look = lookAt(pid, pageSize);
  const before = look.unlocked;
  const lockedBefore = look.lockedPages;
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
  const lost = [...lockedBefore].filter((page) => !look.present.has(page));
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

/** Mappings whose pages could leave memory. */
export function isCandidate(mapping: MappingFacts): boolean {
  return !mapping.locked && !mapping.special && mapping.resident > 0;
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

interface Look {
  readonly mappings: readonly MappingFacts[];
  readonly present: ReadonlySet<number>;
  readonly unlocked: number;
  /** Of those, private memory that has nowhere to go. */
  readonly unswappable: number;
  readonly lockedPages: ReadonlySet<number>;
  readonly lockedResident: number;
  readonly lockedAbsent: number;
  readonly swapFree: number;
  readonly unseen: number;
  stayed(): StayedPages[];
}

export function lookAt(pid: number, pageSize: number): Look {
  const mappings = mappingFacts(pid);
  const swapFree = freeSwap();
  // Those without a page in memory need not be read: reservations of terabytes are common.
  const occupied = mappings.filter(({ resident, locked }) => resident > 0 || locked);
  const { runs, incomplete } = readResidency(pid, occupied, pageSize);
  const present = new Set<number>();
  const lockedPages = new Set<number>();
  let unlocked = 0;
  let unswappable = 0;
  let lockedResident = 0;
  let lockedAbsent = 0;
  for (const [mapping, found] of runs) {
    let count = 0;
    for (const page of presentPages(found, pageSize)) {
      present.add(page);
      if (mapping.locked) lockedPages.add(page);
      count += 1;
    }
    if (mapping.special) continue;
    if (mapping.locked) {
      lockedResident += count;
      // On fault, and where nothing may be touched, the kernel brings nothing in: those pages are not missing.
      if (mapping.readable && !mapping.onFault) lockedAbsent += (mapping.end - mapping.start) / pageSize - count;
      continue;
    }
    unlocked += count;
    if (swapFree === 0) unswappable += countOf(found, "anonymous");
  }
  return {
    mappings,
    present,
    unlocked,
    unswappable,
    lockedPages,
    lockedResident,
    lockedAbsent,
    swapFree,
    unseen: incomplete.length,
    stayed: () =>
      [...runs].flatMap(([mapping, found]) =>
        mapping.locked || mapping.special ? [] : stayedIn(mapping, found, swapFree),
      ),
  };
}

function stayedIn(mapping: MappingFacts, runs: readonly PageRun[], swapFree: number): StayedPages[] {
  const own = runs.filter(({ kind, swapped }) => kind === "anonymous" && !swapped);
  const file = runs.filter(({ kind, swapped }) => kind === "file" && !swapped);
  return [
    ...(own.length > 0 ? [{ mapping, runs: own, reason: swapFree > 0 ? "anonymous" : "no-swap" } as const] : []),
    ...(file.length > 0 ? [{ mapping, runs: file, reason: "file" } as const] : []),
  ];
}

function countOf(runs: readonly PageRun[], kind: PageRun["kind"]): number {
  return runs.reduce((sum, run) => sum + (run.kind === kind && !run.swapped ? run.pages : 0), 0);
}

/** Bytes. */
function freeSwap(): number {
  return Number(/^SwapFree:\s+(\d+) kB$/m.exec(readProc("meminfo") ?? "")?.[1] ?? 0) * 1024;
}
