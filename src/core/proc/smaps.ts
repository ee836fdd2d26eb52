/** /proc/PID/smaps (proc(5)): the mappings of a process with what is in memory of each, and its flags. */
import { parseMaps, type ProcMapping } from "./maps.js";

export interface SmapsEntry extends ProcMapping {
  /** Bytes in memory. */
  readonly resident: number;
  /** Private pages in memory, and in swap, bytes. */
  readonly anonymous: number;
  readonly swapped: number;
  /** Touched since the accessed bits were cleared (/proc/PID/clear_refs), bytes. */
  readonly referenced: number;
  /** VmFlags, two letters each: "lo" is locked, "lf" locked on fault, "io" and "pf" are devices'. */
  readonly flags: ReadonlySet<string>;
}

/** In address order; blocks it does not understand are left out. */
export function parseSmaps(text: string): SmapsEntry[] {
  return text.split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m).flatMap((block) => {
    const end = block.indexOf("\n");
    const [mapping] = parseMaps(block.slice(0, end < 0 ? undefined : end));
    if (mapping === undefined) return [];
    const bytes = (field: string): number =>
      Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(block)?.[1] ?? 0) * 1024;
    return [
      {
        ...mapping,
        resident: bytes("Rss"),
        anonymous: bytes("Anonymous"),
        swapped: bytes("Swap"),
        referenced: bytes("Referenced"),
        flags: new Set(/^VmFlags:(.*)$/m.exec(block)?.[1]?.trim().split(" ") ?? []),
      },
    ];
  });
}
