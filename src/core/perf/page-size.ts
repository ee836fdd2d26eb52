/** The page size of the traced machine, where the trace does not say it. */
import type { LifeEvent } from "../trace/life-event.js";

/** Architectures whose kernels come with several page sizes; all others use 4 kB. */
const SEVERAL_PAGE_SIZES = /^(aarch64|arm64|ppc64|ppc64le|mips64|loongarch64|ia64)/;
const LARGER_PAGE_SIZES = [65536, 16384];
const SMALLEST_PAGE_SIZE = 4096;
/** Mappings that must agree: by chance one in 4^n of n small-page mappings would. */
const ENOUGH_MAPPINGS = 4;

/** Mappings begin and end on page boundaries, so a page is the largest size that all of them are multiples of. */
export function inferPageSize(arch: string | undefined, events: readonly LifeEvent[]): number {
  if (arch === undefined || !SEVERAL_PAGE_SIZES.test(arch)) return SMALLEST_PAGE_SIZE;
  const mappings = events.flatMap((event) => (event.kind === "map" ? [event.mapping] : []));
  if (mappings.length < ENOUGH_MAPPINGS) return SMALLEST_PAGE_SIZE;
  const fits = (size: number) => mappings.every(({ start, end }) => start % size === 0 && end % size === 0);
  return LARGER_PAGE_SIZES.find(fits) ?? SMALLEST_PAGE_SIZE;
}
