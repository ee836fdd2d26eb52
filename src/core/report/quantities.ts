/** Numbers as people read them. */

/** "850 ns", "12.3 µs", "3.4 ms", "1.2 s": three significant digits at the most. */
export function duration(ns: number): string {
  return scaled(ns, 1000, ["ns", "µs", "ms", "s"]);
}

/** "4 kB", "1.5 MB": multiples of 1,024, as the kernel and RLIMIT_MEMLOCK count. */
export function bytes(count: number): string {
  return scaled(count, 1024, ["B", "kB", "MB", "GB", "TB"]);
}

/** 1234567 → "1,234,567". */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** In the largest unit that leaves at least one, judged after rounding: never "1000 µs". */
function scaled(value: number, factor: number, units: readonly string[]): string {
  let unit = 0;
  while (unit < units.length - 1 && Math.round(value) >= factor) {
    value /= factor;
    unit++;
  }
  return `${threeDigits(value)} ${units[unit]!}`;
}

function threeDigits(value: number): string {
  if (value >= 99.95) return String(Math.round(value));
  return String(Number(value.toFixed(value >= 9.995 ? 1 : 2)));
}
