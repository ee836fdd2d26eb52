/** What the colours mean: drawn with the same brush as the map. */
import { hatch } from "./draw-cells.js";
import { element } from "./elements.js";
import { heatLabels, type HeatBy } from "./heat.js";
import type { Scene } from "./layout.js";
import { KIND_LABELS, pageKind } from "./page-kind.js";
import { css, inkOn, PAGE_KINDS, type MapTheme, type Rgb } from "./theme.js";
import { vocabulary } from "./vocabulary.js";

const STEP = { width: 20, height: 12 };

export function showLegend(legend: HTMLElement, scene: Scene, heat: HeatBy, theme: MapTheme): void {
  const { regions, pages } = scene.process;
  const labels = heatLabels(heat);
  const range = `${labels[0]} to ${labels[labels.length - 1]} ${heat === "time" ? "" : heat}`;
  const present = new Set(pages.region.map((index) => pageKind(regions[index])));
  const heats =
    scene.counted === "pages"
      ? [element("div", {}, swatch(theme.minor[0]!, theme), "came in")]
      : scene.counted === "symbols"
        ? [element("div", { title: labels.join(", ") }, ramp(theme.minor, false, theme), range)]
        : [
            element("div", { title: labels.join(", ") }, ramp(theme.minor, false, theme), `minor only, ${range}`),
            element("div", { title: labels.join(", ") }, ramp(theme.major, true, theme), "with major faults"),
          ];
  legend.replaceChildren(
    ...heats,
    scene.counted === "symbols"
      ? ""
      : element("div", {}, swatch(theme.quiet, theme), vocabulary(scene.counted).legendQuiet),
    ...PAGE_KINDS.filter((kind) => present.has(kind)).map((kind) =>
      element("div", {}, line(theme.kinds[kind]), KIND_LABELS[kind]),
    ),
  );
}

function ramp(colours: readonly Rgb[], hatched: boolean, theme: MapTheme): HTMLCanvasElement {
  return picture(colours.length * STEP.width, STEP.height, (context) => {
    colours.forEach((colour, step) => {
      context.fillStyle = css(colour);
      context.fillRect(step * STEP.width, 0, STEP.width - 1, STEP.height);
      if (!hatched) return;
      context.strokeStyle = css(inkOn(colour), theme.highContrast ? 0.9 : 0.45);
      context.beginPath();
      hatch(context, { x: step * STEP.width, y: 0 }, STEP.width - 1, STEP.height);
      context.stroke();
    });
  });
}

function swatch(colour: Rgb, theme: MapTheme): HTMLCanvasElement {
  return picture(STEP.width, STEP.height, (context) => {
    context.fillStyle = css(colour);
    context.fillRect(0, 0, STEP.width, STEP.height);
    context.strokeStyle = css(theme.line);
    context.strokeRect(0.5, 0.5, STEP.width - 1, STEP.height - 1);
  });
}

function line(colour: Rgb): HTMLCanvasElement {
  return picture(STEP.width, STEP.height, (context) => {
    context.fillStyle = css(colour);
    context.fillRect(0, STEP.height / 2 - 1.5, STEP.width, 3);
  });
}

function picture(width: number, height: number, paint: (context: CanvasRenderingContext2D) => void): HTMLCanvasElement {
  const ratio = window.devicePixelRatio;
  const canvas = element("canvas", {
    width: String(Math.round(width * ratio)),
    height: String(Math.round(height * ratio)),
  });
  canvas.ariaHidden = "true";
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const context = canvas.getContext("2d");
  if (context !== null) {
    context.scale(ratio, ratio);
    paint(context);
  }
  return canvas;
}
