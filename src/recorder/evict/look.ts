/** One look at a target's pages: which are in memory, which of those could leave, and which should be there. */
import type { PageRun } from "../../core/proc/pagemap.js";
import { readProc } from "../../host/proc-snapshot.js";
import { mappingFacts, type MappingFacts } from "./mapping-facts.js";
import { presentPages, readResidency } from "./residency.js";

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

export interface Look {
  readonly mappings: readonly MappingFacts[];
  present(): ReadonlySet<number>;
  readonly unlocked: number;
  /** Of those, private memory that has nowhere to go. */
  readonly unswappable: number;
  lockedPages(): ReadonlySet<number>;
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
  let unlocked = 0;
  let unswappable = 0;
  let lockedResident = 0;
  let lockedAbsent = 0;
  for (const [mapping, found] of runs) {
    if (mapping.special) continue;
    const count = countOf(found, "anonymous") + countOf(found, "file");
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
    // A set of numbers for millions of pages takes time: made for those who ask.
    present: once(() => pagesOf(runs.values(), pageSize)),
    lockedPages: once(() => {
      const locked = [...runs].filter(([{ locked: own, special }]) => own && !special);
      return pagesOf(
        locked.map(([, found]) => found),
        pageSize,
      );
    }),
    unlocked,
    unswappable,
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

function pagesOf(all: Iterable<readonly PageRun[]>, pageSize: number): ReadonlySet<number> {
  const pages = new Set<number>();
  for (const runs of all) for (const page of presentPages(runs, pageSize)) pages.add(page);
  return pages;
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
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
