/** A campaign's observation as a lock set: with the files behind the mappings, here and now. */
import { lockSetOf } from "../core/memlock/build-lock-set.js";
import type { LockSet, LockSetObservation } from "../core/memlock/lock-set.js";
import { sourceMapper } from "../core/report/source-map.js";
import { imageResolver } from "./image-resolver.js";
import { findProject } from "./project-file.js";

/**
 * @param here the working directory: where the project file is looked for, from here upwards.
 * @param observedAt milliseconds since 1970: a file written later is not the one that ran.
 */
export function readLockSet(observation: LockSetObservation, here: string, observedAt: number): LockSet {
  const opened: (() => void)[] = [];
  const resolve = imageResolver({ tracedAt: observedAt, vdso: undefined, onOpen: (close) => opened.push(close) });
  try {
    return lockSetOf(observation, { resolve, mapSource: sourceMapper(findProject(here)?.project.sourceMap ?? {}) });
  } finally {
    for (const close of opened) close();
  }
}
