/** The line above the map that says what is not the whole of it: a recording under way, or one that did not end. */
import { grouped } from "../../src/core/report/quantities.js";
import type { LiveCounts, TraceProgress } from "../../src/protocol/memory-map.js";
import { element } from "../map/elements.js";

/** The map that stands below the line. */
export interface MapExtent {
  readonly progress: TraceProgress;
  readonly faults: number;
}

export function showLive(line: HTMLElement, live: LiveCounts | undefined, map: MapExtent | undefined): void {
  const partial = map === undefined ? "" : partialWords(map, live !== undefined);
  line.hidden = live === undefined && partial === "";
  line.replaceChildren(
    ...(live === undefined
      ? []
      : [
          element("span", { class: `dot ${live.state}`, "aria-hidden": "true" }),
          element("strong", {}, STATES[live.state]),
          element("span", {}, live.state === "starting" ? "" : words(live)),
        ]),
    element("span", { class: "partial" }, partial),
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
    amount(faults),
    ...(major > 0 ? [`${grouped(major)} major`] : []),
    ...(lost > 0 ? [`${grouped(lost)} records lost`] : []),
  ].join(" · ");
}

function partialWords({ progress, faults }: MapExtent, isLive: boolean): string {
  switch (progress) {
    case "ended":
      return "";
    case "recording":
      // Its counts are told apart: reading the trace takes a moment, and the map is behind by it.
      return isLive ? `Live, partial: the map shows ${amount(faults)} so far` : `Partial: ${amount(faults)}`;
    case "unfinished":
      return `Partial: this recording has not ended; ${amount(faults)} so far`;
  }
}

function amount(faults: number): string {
  return `${grouped(faults)} ${faults === 1 ? "fault" : "faults"}`;
}
