/** What eviction must know of each mapping: /proc/PID/smaps, and what its flags mean. */
import { parseSmaps, type SmapsEntry } from "../../core/proc/smaps.js";
import { readProc } from "../../host/proc-snapshot.js";

export interface MappingFacts extends Omit<SmapsEntry, "flags"> {
  readonly locked: boolean;
  /** Locked when it is first touched. */
  readonly onFault: boolean;
  /** Pages of the kernel or a device: nothing evicts them, and locking them does nothing. */
  readonly special: boolean;
}

/** In address order; empty when the process is gone or not ours to read. */
export function mappingFacts(pid: number): MappingFacts[] {
  return parseSmaps(readProc(`${pid}/smaps`) ?? "").map(({ flags, ...mapping }) => ({
    ...mapping,
    locked: flags.has("lo"),
    onFault: flags.has("lf"),
    special: [...flags].some((flag) => SPECIAL_FLAGS.has(flag)) || SPECIAL_NAME.test(mapping.name),
  }));
}

/** Memory-mapped I/O, raw page frames, huge pages of hugetlbfs: never reclaimed. */
const SPECIAL_FLAGS: ReadonlySet<string> = new Set(["io", "pf", "ht"]);
const SPECIAL_NAME = /^\[(vvar|vvar_vclock|vdso|vsyscall|uprobes)\]$/;
