/** The shared object the kernel maps into every process (man 7 vdso): our own copy of it is everybody's. */
import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { parseMaps } from "../core/proc/maps.js";

/** Name of the copy in a trace folder. */
export const VDSO_FILE = "vdso.so";

/** Bytes of this process's vdso; undefined where there is none or it may not be read. */
export function readVdso(): Uint8Array | undefined {
  const mapping = parseMaps(readFileSync("/proc/self/maps", "utf8")).find(({ name }) => name === "[vdso]");
  if (mapping === undefined) return undefined;
  const bytes = new Uint8Array(Math.min(mapping.end - mapping.start, LARGEST_VDSO));
  let memory: number | undefined;
  try {
    memory = openSync("/proc/self/mem", "r");
    return bytes.subarray(0, readSync(memory, bytes, 0, bytes.length, mapping.start));
  } catch {
    return undefined; // A sandbox without /proc/self/mem: its code stays without names.
  } finally {
    if (memory !== undefined) closeSync(memory);
  }
}

/** Two pages on x86-64 and arm64; pages of 64 kB at the most. */
const LARGEST_VDSO = 1 << 18;
