/** What faults cost, as words, colours and bars. */
import { duration, grouped } from "../../core/report/quantities.js";
import { markup, type Markup } from "./markup.js";

export interface Cost {
  readonly faults: number;
  readonly minor: number;
  readonly major: number;
  readonly timeNs: number;
}

/** "12 faults · 3 major · 1.8 ms" */
export function costInWords({ faults, major, timeNs }: Cost): string {
  return [
    `${grouped(faults)} ${faults === 1 ? "fault" : "faults"}`,
    ...(major > 0 ? [`${grouped(major)} major`] : []),
    ...(timeNs > 0 ? [duration(timeNs)] : []),
  ].join(" · ");
}

export function sumOf(rows: readonly Cost[]): Cost {
  const sum = { faults: 0, minor: 0, major: 0, timeNs: 0 };
  for (const row of rows) {
    sum.faults += row.faults;
    sum.minor += row.minor;
    sum.major += row.major;
    sum.timeNs += row.timeNs;
  }
  return sum;
}

/** A class of the style sheet: minor or major, and six steps, logarithmic, so that one hot line does not cool the rest. */
export function heatClass({ faults, major }: Cost, most: number): string {
  const step = most <= 1 ? 0 : Math.min(5, Math.floor((6 * Math.log(Math.max(1, faults))) / (Math.log(most) * 1.0001)));
  return `${major > 0 ? "major" : "minor"} heat-${step}`;
}

/** The share of the most expensive row, major faults at its end. Sizes are attributes: the page allows no inline style. */
export function bar({ faults, major }: Cost, most: number): Markup {
  const width = (count: number) => (most > 0 ? Math.max(count > 0 ? 1 : 0, (BAR_WIDTH * count) / most) : 0).toFixed(1);
  const minor = width(faults - major);
  return markup`<svg class="share" width="${BAR_WIDTH}" height="10" aria-hidden="true"><rect class="minor" width="${minor}" height="10"/><rect class="major" x="${minor}" width="${width(major)}" height="10"/></svg>`;
}

const BAR_WIDTH = 72;
