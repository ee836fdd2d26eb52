/** What takes pages out of a target's memory: process_madvise from outside, its cgroup, or nothing. */
import { closeSync } from "node:fs";
import { adviseRemotely, openPidfd } from "../ffi/remote-memory.js";
import { mappingFacts, type MappingFacts } from "./mapping-facts.js";
import type { MemoryCgroup } from "./memory-cgroup.js";

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

/** Mappings whose pages could leave memory. */
export function isCandidate(mapping: MappingFacts): boolean {
  return !mapping.locked && !mapping.special && mapping.resident > 0;
}
