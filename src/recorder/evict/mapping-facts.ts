/** What eviction must know of each mapping: /proc/PID/smaps (proc(5)). */
import { parseMaps, type ProcMapping } from "../../core/proc/maps.js";
import { readProc } from "../../host/proc-snapshot.js";

export interface MappingFacts extends ProcMapping {
  /** In memory, bytes. */
  readonly resident: number;
  /** Private pages in memory, and in swap, bytes: what MADV_DONTNEED would destroy. */
  readonly anonymous: number;
  readonly swapped: number;
  /** Touched since the accessed bits were cleared (/proc/PID/clear_refs), bytes. */
  readonly referenced: number;
  readonly locked: boolean;
  /** Locked when it is first touched. */
  readonly onFault: boolean;
  /** Pages of the kernel or a device: nothing evicts them, and locking them does nothing. */
  readonly special: boolean;
}

/** In address order; empty when the process is gone or not ours to read. */
export function mappingFacts(pid: number): MappingFacts[] {
  const blocks = (readProc(`${pid}/smaps`) ?? "").split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m);
  return blocks.flatMap((block) => {
    const [mapping] = parseMaps(block.slice(0, block.indexOf("\n")));
    if (mapping === undefined) return [];
    const bytes = (field: string): number =>
      Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(block)?.[1] ?? 0) * 1024;
    const flags = /^VmFlags:(.*)$/m.exec(block)?.[1]?.trim().split(" ") ?? [];
    return [
      {
        ...mapping,
        resident: bytes("Rss"),
        anonymous: bytes("Anonymous"),
        swapped: bytes("Swap"),
        referenced: bytes("Referenced"),
        locked: flags.includes("lo"),
        onFault: flags.includes("lf"),
        special: flags.some((flag) => SPECIAL_FLAGS.has(flag)) || SPECIAL_NAME.test(mapping.name),
      },
    ];
  });
}

/** Memory-mapped I/O, raw page frames, huge pages of hugetlbfs: never reclaimed. */
const SPECIAL_FLAGS: ReadonlySet<string> = new Set(["io", "pf", "ht"]);
const SPECIAL_NAME = /^\[(vvar|vvar_vclock|vdso|vsyscall|uprobes)\]$/;
