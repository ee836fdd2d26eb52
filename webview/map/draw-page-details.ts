/** What is inside a page, when a cell is large enough to say it: its objects at their place, by name. */
import type { MapObject } from "../../src/core/report/map-model.js";
import { heatStep } from "./heat.js";
import type { Scene } from "./layout.js";
import { objectsOnPage } from "./page-facts.js";
import { shortName } from "./page-kind.js";
import { clipText, type Surface } from "./surface.js";
import { css, inkOn, type MapTheme } from "./theme.js";
import { cellOf, toScreen, type View } from "./view.js";

const LINE_HEIGHT = 13;
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
      const title = region?.section ?? (region === undefined ? "" : shortName(region.name));
      drawPage(context, at, view, {
        background: css(colour),
        ink: css(inkOn(colour)),
        title: scene.counted === "pages" ? title : `${faults} ${faults === 1 ? "fault" : "faults"} · ${title}`,
        lines: linesOf(objectsOnPage(scene, page), Math.floor((view.scaleY - 26) / LINE_HEIGHT)),
      });
    }
  }
}

interface PageText {
  readonly background: string;
  readonly ink: string;
  readonly title: string;
  readonly lines: readonly string[];
}

function drawPage(context: Surface, at: { readonly x: number; readonly y: number }, view: View, page: PageText): void {
  const room = view.scaleX - 12;
  const write = (text: string, y: number) => {
    const shown = clipText(context, text, room);
    if (shown === "") return;
    // A plain ground under the words, or the hatch of a major fault runs through them.
    context.fillStyle = page.background;
    context.fillRect(at.x + 4, y - 1, Math.min(room, context.measureText(shown).width) + 4, LINE_HEIGHT);
    context.fillStyle = page.ink;
    context.fillText(shown, at.x + 6, y);
  };
  context.font = BOLD;
  write(page.title, at.y + 5);
  context.font = FONT;
  page.lines.forEach((line, index) => {
    write(line, at.y + 20 + index * LINE_HEIGHT);
  });
}

function linesOf(objects: readonly MapObject[], room: number): readonly string[] {
  if (objects.length <= room) return objects.map(({ name }) => name);
  const shown = objects.slice(0, Math.max(0, room - 1)).map(({ name }) => name);
  return room > 0 ? [...shown, `and ${objects.length - shown.length} more`] : [];
}
