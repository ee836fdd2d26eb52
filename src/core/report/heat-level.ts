/** How hot a line is among the lines of its trace: what a terminal shades and an editor's gutter shows. */

/** 0 (cold) … 3 (hot). */
export type HeatLevel = 0 | 1 | 2 | 3;

/** Logarithmic, so that one hot line does not make all others look cold. */
export function heatLevel(faults: number, most: number): HeatLevel {
  const level = Math.floor((4 * Math.log1p(faults)) / (Math.log1p(most) * 1.0001));
  return level >= 3 ? 3 : level >= 2 ? 2 : level >= 1 ? 1 : 0;
}
