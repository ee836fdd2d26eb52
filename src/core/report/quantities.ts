/** Numbers as people read them. */

/** "850 ns", "12 µs", "3.4 ms", "1.2 s": three significant digits at the most. */
export function duration(ns: number): string {
  const [value, unit] =
    ns < 1e3 ? [ns, "ns"] : ns < 1e6 ? [ns / 1e3, "µs"] : ns < 1e9 ? [ns / 1e6, "ms"] : [ns / 1e9, "s"];
  return `${threeDigits(value)} ${unit}`;
}

/** "4 kB", "1.5 MB": multiples of 1,024, as the kernel and RLIMIT_MEMLOCK count. */
export function bytes(count: number): string {
  const [value, unit] =
    count < 1024
      ? [count, "B"]
      : count < 2 ** 20
        ? [count / 1024, "kB"]
        : count < 2 ** 30
          ? [count / 2 ** 20, "MB"]
          : [count / 2 ** 30, "GB"];
  return `${threeDigits(value)} ${unit}`;
}

/** 1234567 → "1,234,567". */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}

function threeDigits(value: number): string {
  if (value >= 100 || Number.isInteger(value)) return String(Math.round(value));
  return value.toFixed(value >= 10 ? 1 : 2).replace(/\.?0+$/, "");
}
