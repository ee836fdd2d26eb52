/** What of a process is in memory, locked, locked on fault and swapped: by mapping, from /proc/PID/smaps and /proc/swaps. */
import { parseSmaps, type SmapsEntry } from "../proc/smaps.js";

export interface LockedMapping {
  /** Path, "[heap]", "[stack]" …; "" for anonymous memory. */
  readonly name: string;
  /** "0x…" */
  readonly address: string;
  /** "r-xp" */
  readonly rights: string;
  readonly bytes: number;
  readonly residentBytes: number;
  readonly swappedBytes: number;
  /** A lock holds all of a mapping; pages of one locked on fault are held once they were touched. */
  readonly lock: "none" | "locked" | "on-fault";
}

export interface MemorySums {
  readonly bytes: number;
  readonly residentBytes: number;
  readonly swappedBytes: number;
  /** Of mappings that are locked, on fault or not: what counts against the limit. */
  readonly lockedBytes: number;
  /** Of them, locked on fault. */
  readonly onFaultBytes: number;
}

export interface MappedFile extends MemorySums {
  readonly name: string;
  readonly mappings: readonly LockedMapping[];
}

export interface LockedMemory extends MemorySums {
  /** Mappings of one name together: what has locks first, then the largest in memory. */
  readonly files: readonly MappedFile[];
}

export interface SwapDevice {
  readonly name: string;
  readonly bytes: number;
  readonly usedBytes: number;
  /** Compressed, in memory: swapped in without a disk, but not without a fault. */
  readonly zram: boolean;
}

/** A running process's memory with what bounds it, as `faultline lock --show --json` prints it. */
export interface ProcessMemory extends LockedMemory {
  readonly version: 1;
  readonly kind: "memory";
  readonly pid: number;
  /** As /proc/PID/comm had it. */
  readonly processName: string;
  /** RLIMIT_MEMLOCK, soft; undefined: none. */
  readonly limitBytes: number | undefined;
  /** CAP_IPC_LOCK: the limit does not bind it. */
  readonly privileged: boolean;
  readonly swap: readonly SwapDevice[];
  /** Locked by `faultline lock` and not taken back: since when (ISO 8601), bytes, and whether later mappings are, too. */
  readonly added: { readonly at: string; readonly bytes: number; readonly future: boolean } | undefined;
}

/** @param smaps text of /proc/PID/smaps; lines it does not understand are left out. */
export function lockedMemory(smaps: string): LockedMemory {
  const files = new Map<string, LockedMapping[]>();
  for (const entry of parseSmaps(smaps)) {
    const mapping = mappingOf(entry);
    const known = files.get(mapping.name);
    if (known === undefined) files.set(mapping.name, [mapping]);
    else known.push(mapping);
  }
  const groups = [...files]
    .map(([name, mappings]) => ({ name, mappings, ...sumsOf(mappings) }))
    .sort((a, b) => b.lockedBytes - a.lockedBytes || b.residentBytes - a.residentBytes || b.bytes - a.bytes);
  return { files: groups, ...sumsOf(groups.flatMap(({ mappings }) => mappings)) };
}

/** @param swaps text of /proc/swaps. */
export function swapDevices(swaps: string): readonly SwapDevice[] {
  return swaps.split("\n").flatMap((line) => {
    const found = /^(\S+)\s+(?:partition|file)\s+(\d+)\s+(\d+)\s/.exec(line);
    if (found === null) return [];
    // The kernel writes blanks in a path as \040 (seq_path).
    const name = found[1]!.replaceAll("\\040", " ");
    const [bytes, usedBytes] = [Number(found[2]) * 1024, Number(found[3]) * 1024];
    return [{ name, bytes, usedBytes, zram: /\/zram\d+$/.test(name) }];
  });
}

function mappingOf(mapping: SmapsEntry): LockedMapping {
  return {
    name: mapping.name,
    address: `0x${mapping.start.toString(16)}`,
    rights: [
      mapping.readable ? "r" : "-",
      mapping.writable ? "w" : "-",
      mapping.executable ? "x" : "-",
      mapping.shared ? "s" : "p",
    ].join(""),
    bytes: mapping.end - mapping.start,
    residentBytes: mapping.resident,
    swappedBytes: mapping.swapped,
    lock: mapping.flags.has("lf") ? "on-fault" : mapping.flags.has("lo") ? "locked" : "none",
  };
}

function sumsOf(mappings: readonly LockedMapping[]): MemorySums {
  const sum = (count: (mapping: LockedMapping) => number) => mappings.reduce((all, one) => all + count(one), 0);
  return {
    bytes: sum(({ bytes }) => bytes),
    residentBytes: sum(({ residentBytes }) => residentBytes),
    swappedBytes: sum(({ swappedBytes }) => swappedBytes),
    lockedBytes: sum(({ lock, bytes }) => (lock === "none" ? 0 : bytes)),
    onFaultBytes: sum(({ lock, bytes }) => (lock === "on-fault" ? bytes : 0)),
  };
}
