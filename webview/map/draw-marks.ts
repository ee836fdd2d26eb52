/** Search hits, selection, cursor and hover, over the cells. */
import type { Scene } from "./layout.js";
import type { Surface } from "./surface.js";
import { css, type MapTheme } from "./theme.js";
import { cellOf, toScreen, type View } from "./view.js";

export function drawMarks(
  context: Surface,
  scene: Scene,
  view: View,
  theme: MapTheme,
  first: number,
  last: number,
): void {
  const from = scene.rows.firstPage[first] ?? 0;
  const to = scene.rows.firstPage[last + 1] ?? 0;
  const outline = (page: number, width: number, grow: number) => {
    if (page < from || page >= to) return;
    const corner = cellOf(scene, page);
    const at = toScreen(view, corner.x, corner.y);
    // Cells smaller than a few pixels get a mark that can still be seen.
    const w = Math.max(view.scaleX, 5);
    const h = Math.max(view.scaleY, 5);
    context.lineWidth = width;
    context.strokeRect(at.x - grow - 0.5, at.y - grow - 0.5, w + 2 * grow, h + 2 * grow);
  };
  context.strokeStyle = css(theme.match);
  for (const page of view.matches) outline(page, 2, 0);
  if (view.selection !== undefined) {
    context.fillStyle = css(theme.accent, 0.22);
    context.strokeStyle = css(theme.accent);
    const start = Math.max(from, view.selection.first);
    const end = Math.min(to - 1, view.selection.last);
    for (let page = start; page <= end; page++) {
      const corner = cellOf(scene, page);
      const at = toScreen(view, corner.x, corner.y);
      if (view.selection.first !== view.selection.last) {
        context.fillRect(at.x, at.y, Math.max(view.scaleX, 1), Math.max(view.scaleY, 1));
      }
      if (view.scaleX >= 6) outline(page, 1, 0);
    }
  }
  if (view.hover !== undefined) {
    context.strokeStyle = css(theme.text);
    outline(view.hover, 1, 0);
  }
  if (view.cursor !== undefined) {
    context.strokeStyle = css(theme.background);
    outline(view.cursor, 4, 1);
    context.strokeStyle = css(theme.accent);
    outline(view.cursor, 2, 1);
  }
}
