/** How hot a page is: six steps, the same for every trace, so that two pictures can be compared. */

export type HeatBy = "faults" | "time" | "symbols";

export const HEAT_STEPS = 6;

/** Upper ends of the first five steps: faults, nanoseconds, symbols. */
const ENDS: Readonly<Record<HeatBy, readonly number[]>> = {
  faults: [1, 2, 4, 8, 16],
  time: [1e3, 1e4, 1e5, 1e6, 1e7],
  symbols: [0, 4, 16, 64, 256],
};
const LABELS: Readonly<Record<HeatBy, readonly string[]>> = {
  faults: ["1", "2", "3–4", "5–8", "9–16", "17+"],
  time: ["≤ 1 µs", "≤ 10 µs", "≤ 0.1 ms", "≤ 1 ms", "≤ 10 ms", "> 10 ms"],
  symbols: ["none", "1–4", "5–16", "17–64", "65–256", "257+"],
};

/** 0 (cool) … 5 (hot). Pages whose service time is unknown are cool. */
export function heatStep(by: HeatBy, faults: number, timeNs: number): number {
  const value = by === "time" ? timeNs : faults;
  const ends = ENDS[by];
  let step = 0;
  while (step < ends.length && value > ends[step]!) step++;
  return step;
}

export function heatLabels(by: HeatBy): readonly string[] {
  return LABELS[by];
}
