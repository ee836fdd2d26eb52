/** The line above the map while something is recorded. */
import { grouped } from "../../src/core/report/quantities.js";
import type { LiveCounts } from "../../src/protocol/memory-map.js";
import { element } from "../map/elements.js";

export function showLive(line: HTMLElement, live: LiveCounts | undefined): void {
  line.hidden = live === undefined;
  if (live === undefined) return;
  line.replaceChildren(
    element("span", { class: `dot ${live.state}`, "aria-hidden": "true" }),
    element("strong", {}, STATES[live.state]),
    live.state === "starting" ? "" : words(live),
  );
}

const STATES: Readonly<Record<LiveCounts["state"], string>> = {
  starting: "Starting",
  recording: "Recording",
  paused: "Paused",
  ending: "Writing the trace",
};

function words({ faults, major, lost }: LiveCounts): string {
  return [
    `${grouped(faults)} ${faults === 1 ? "fault" : "faults"}`,
    ...(major > 0 ? [`${grouped(major)} major`] : []),
    ...(lost > 0 ? [`${grouped(lost)} records lost`] : []),
  ].join(" · ");
}
