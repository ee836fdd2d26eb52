/** What is inside a page, when a cell is large enough to say it: its objects at their place, by name. */
import type { MapObject } from "../../src/core/report/map-model.js";
import { heatStep } from "./heat.js";
import type { Scene } from "./layout.js";
import { objectsOnPage, regionsOnPage } from "./page-facts.js";
import { shortName } from "./page-kind.js";
import { clipText, type Surface } from "./surface.js";
import { css, inkOn, type MapTheme } from "./theme.js";
import { vocabulary } from "./vocabulary.js";
import { cellOf, toScreen, type Point, type View } from "./view.js";

/** From this size of a cell on, what is inside is written into it, in CSS pixels. */
export const DETAILS_FROM = { width: 84, height: 34 };
const LINE_HEIGHT = 13;
const FIRST_LINE = 20;
const FONT = "11px ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace";
const BOLD = "600 11px system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif";

export function drawPageDetails(
  context: Surface,
  scene: Scene,
  view: View,
  theme: MapTheme,
  first: number,
  last: number,
): void {
  const { pages, regions } = scene.process;
  context.textBaseline = "top";
  for (let row = first; row <= last; row++) {
    const end = scene.rows.firstPage[row + 1]!;
    for (let page = scene.rows.firstPage[row]!; page < end; page++) {
      const corner = cellOf(scene, page);
      const at = toScreen(view, corner.x, corner.y);
      if (at.x + view.scaleX < 0 || at.x > view.width) continue;
      const major = pages.major[page]!;
      const faults = pages.minor[page]! + major;
      const colour = (major > 0 ? theme.major : theme.minor)[heatStep(view.heat, faults, pages.timeNs[page]!)]!;
      const region = regions[pages.region[page]!];
      const title =
        scene.counted === "symbols"
          ? regionsOnPage(scene, pages.address[page]!)
              .map(({ section }) => section ?? "")
              .join(" ")
          : (region?.section ?? (region === undefined ? "" : shortName(region.name)));
      drawPage(context, at, view, {
        background: css(colour),
        ink: css(inkOn(colour)),
        title: [vocabulary(scene.counted).inCell(faults), title].filter((part) => part !== "").join(" · "),
        lines: linesOf(objectsOnPage(scene, page), room(view)),
      });
    }
  }
}

/** Which of a page's objects is written at this height of the screen; undefined where none is. */
export function objectAtPoint(
  scene: Scene,
  view: View,
  page: number,
  objects: readonly MapObject[],
  at: Point,
): MapObject | undefined {
  if (view.scaleX < DETAILS_FROM.width || view.scaleY < DETAILS_FROM.height) return undefined;
  const cell = cellOf(scene, page);
  const height = at.y - toScreen(view, cell.x, cell.y).y;
  const line = Math.floor((height - FIRST_LINE) / LINE_HEIGHT);
  return line < linesOf(objects, room(view)).length ? objects[line] : undefined;
}

interface PageText {
  readonly background: string;
  readonly ink: string;
  readonly title: string;
  readonly lines: readonly string[];
}

function drawPage(context: Surface, at: { readonly x: number; readonly y: number }, view: View, page: PageText): void {
  const width = view.scaleX - 12;
  const write = (text: string, y: number) => {
    const shown = clipText(context, text, width);
    if (shown === "") return;
    // A plain ground under the words, or the hatch of a major fault runs through them.
    context.fillStyle = page.background;
    context.fillRect(at.x + 4, y - 1, Math.min(width, context.measureText(shown).width) + 4, LINE_HEIGHT);
    context.fillStyle = page.ink;
    context.fillText(shown, at.x + 6, y);
  };
  context.font = BOLD;
  write(page.title, at.y + 5);
  context.font = FONT;
  page.lines.forEach((line, index) => {
    write(line, at.y + FIRST_LINE + index * LINE_HEIGHT);
  });
}

/** Lines of names a cell has room for. */
function room(view: View): number {
  return Math.floor((view.scaleY - 26) / LINE_HEIGHT);
}

function linesOf(objects: readonly MapObject[], most: number): readonly string[] {
  if (objects.length <= most) return objects.map(({ name }) => name);
  const shown = objects.slice(0, Math.max(0, most - 1)).map(({ name }) => name);
  return most > 0 ? [...shown, `and ${objects.length - shown.length} more`] : [];
}
