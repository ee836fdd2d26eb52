/** What a running process has locked, mapping by mapping, and where its other pages can go. */
import type { LockedMemory, SwapDevice } from "../core/report/lock-text.js";
import { readProc } from "../host/proc-snapshot.js";
import { lockLimits } from "./campaign/target-facts.js";
import { mappingFacts } from "./evict/mapping-facts.js";

/** undefined: the process is gone, or not ours to look into. */
export function lockedMemory(pid: number): LockedMemory | undefined {
  const facts = mappingFacts(pid);
  if (facts.length === 0) return undefined;
  const { softBytes, privileged } = lockLimits(pid);
  const locked = Number(/^VmLck:\s+(\d+) kB$/m.exec(readProc(`${pid}/status`) ?? "")?.[1] ?? 0);
  return {
    version: 1,
    pid,
    name: (readProc(`${pid}/comm`) ?? "").trim(),
    lockedBytes: locked * 1024,
    limitBytes: softBytes,
    privileged,
    mappings: facts.map((mapping) => ({
      address: `0x${mapping.start.toString(16)}`,
      size: mapping.end - mapping.start,
      resident: mapping.resident,
      locked: mapping.locked,
      onFault: mapping.onFault,
      swapped: mapping.swapped,
      name: mapping.name === "" ? "anonymous" : mapping.name,
    })),
    swap: swapDevices(),
  };
}

/** /proc/swaps: path, type, kilobytes, used, priority. */
function swapDevices(): readonly SwapDevice[] {
  const [, ...lines] = (readProc("swaps") ?? "").trim().split("\n");
  return lines.flatMap((line) => {
    const [path, , size, used] = line.split(/\s+/);
    if (path === undefined || used === undefined) return [];
    return [
      { path, zram: /^\/dev\/(?:block\/)?zram\d/.test(path), size: Number(size) * 1024, used: Number(used) * 1024 },
    ];
  });
}
