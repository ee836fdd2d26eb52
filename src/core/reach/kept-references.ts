/** What the relocations that the linker kept tell of a function. */
import type { CodeRange } from "./function-index.js";
import type { Reference } from "./references.js";
import type { StaticRelocation } from "./static-relocations.js";

/**
 * @param kept by place.
 * @param readToo the code was disassembled as well, which knows more of the vague ones.
 */
export function keptReferences(
  kept: readonly StaticRelocation[],
  { address, size }: CodeRange,
  readToo: boolean,
): readonly Reference[] {
  let low = 0;
  let high = kept.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (kept[middle]!.place < address) low = middle + 1;
    else high = middle;
  }
  const found: Reference[] = [];
  for (let at = low; at < kept.length && kept[at]!.place < address + size; at++) {
    const { place, kind, target, vague } = kept[at]!;
    if (target !== undefined && !(vague && readToo)) found.push({ kind, site: place, target: target.value, width: 0 });
  }
  return found;
}
