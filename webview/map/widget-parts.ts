/** The elements a memory map is made of. */
import { element } from "./elements.js";

export interface WidgetParts {
  readonly canvas: HTMLCanvasElement;
  readonly tip: HTMLElement;
  readonly tools: HTMLElement;
  readonly details: HTMLElement;
  readonly legend: HTMLElement;
  readonly table: HTMLElement;
  /** Says what is selected to those who do not see it. */
  readonly live: HTMLElement;
  /** In their order in the page. */
  readonly all: readonly HTMLElement[];
}

export function widgetParts(): WidgetParts {
  const canvas = element("canvas", { tabindex: "0", role: "application", "aria-roledescription": "memory map" });
  const tip = element("div", { class: "map-tip" });
  tip.hidden = true;
  const live = element("div", { class: "hidden-live", "aria-live": "polite" });
  const details = element("aside", { class: "map-details", "aria-label": "Selection", tabindex: "0" });
  const legend = element("div", { class: "map-legend" });
  const table = element("div");
  const tools = element("div");
  const frame = element("div", { class: "map-frame" }, element("div", { class: "map-canvas" }, canvas, tip), details);
  return { all: [tools, frame, legend, live, table], tools, canvas, tip, live, details, legend, table };
}
