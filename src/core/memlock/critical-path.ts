/** Which faults count where the verdict is about critical functions only: those in them and below them. */
import type { LiveProcess } from "./live-process.js";

/** Where call chains of Linux programs end: a chain that got there has seen all callers. */
const OUTERMOST: ReadonlySet<string> = new Set([
  "_start",
  "main",
  "start_thread",
  "clone",
  "clone3",
  "__clone",
  "__clone3",
  "__libc_start_main",
  "__libc_start_call_main",
]);

/**
 * Whether a fault was certainly taken outside of the critical functions. A chain that breaks off (code without frame
 * pointers) may have been below one: then it counts.
 * @param chain run-time addresses of user code, innermost first.
 */
export function isOutside(process: LiveProcess, chain: readonly number[], critical: ReadonlySet<string>): boolean {
  let outermost: readonly string[] = [];
  for (const [depth, address] of chain.entries()) {
    // Every address but the innermost is a return address, behind its call.
    const names = process.functionsAt(depth === 0 ? address : address - 1);
    if (names.some((name) => critical.has(name))) return false;
    outermost = names;
  }
  return outermost.some((name) => OUTERMOST.has(name));
}
