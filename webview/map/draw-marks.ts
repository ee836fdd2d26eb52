/** Search hits, selection, cursor and hover, over the cells. */
import type { Scene } from "./layout.js";
import type { Surface } from "./surface.js";
import { css, type MapTheme } from "./theme.js";
import { cellOf, toScreen, type View } from "./view.js";

/** Smaller cells are coloured as a whole instead of outlined. */
const OUTLINE_FROM = 10;
/** A single page is marked at least this large, in CSS pixels. */
const LEAST_MARK = 5;

/** `coloured` tells that selection and hits are in the picture already. */
export function drawMarks(
  context: Surface,
  scene: Scene,
  view: View,
  theme: MapTheme,
  rows: { readonly first: number; readonly last: number; readonly coloured: boolean },
): void {
  const from = scene.rows.firstPage[rows.first] ?? 0;
  const to = scene.rows.firstPage[rows.last + 1] ?? 0;
  if (!rows.coloured) {
    drawMany(context, scene, view, within(view.matches, from, to), css(theme.match), css(theme.match, 0.6));
    if (view.selection !== undefined && view.selection.first !== view.selection.last) {
      const first = Math.max(from, view.selection.first);
      const last = Math.min(to - 1, view.selection.last);
      const selected = Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
      drawMany(context, scene, view, selected, css(theme.accent), css(theme.accent, 0.3));
    }
  }
  const outline = (page: number, width: number, grow: number) => {
    if (page < from || page >= to) return;
    const corner = cellOf(scene, page);
    const at = toScreen(view, corner.x, corner.y);
    const w = Math.max(view.scaleX, LEAST_MARK);
    const h = Math.max(view.scaleY, LEAST_MARK);
    context.lineWidth = width;
    context.strokeRect(at.x - grow - 0.5, at.y - grow - 0.5, w + 2 * grow, h + 2 * grow);
  };
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

/** One path for all of them. */
function drawMany(
  context: Surface,
  scene: Scene,
  view: View,
  pages: readonly number[],
  line: string,
  fill: string,
): void {
  if (pages.length === 0) return;
  const outlined = Math.min(view.scaleX, view.scaleY) >= OUTLINE_FROM;
  context.beginPath();
  for (const page of pages) {
    const corner = cellOf(scene, page);
    const at = toScreen(view, corner.x, corner.y);
    context.rect(at.x + (outlined ? 0.5 : 0), at.y + (outlined ? 0.5 : 0), view.scaleX - 1, view.scaleY - 1);
  }
  context.strokeStyle = line;
  context.fillStyle = fill;
  context.lineWidth = 2;
  if (outlined) context.stroke();
  else context.fill();
}

/** The part of an ascending list that is in [from, to). */
function within(pages: readonly number[], from: number, to: number): readonly number[] {
  const first = pages.findIndex((page) => page >= from);
  if (first < 0) return [];
  const after = pages.findLastIndex((page) => page < to);
  return pages.slice(first, after + 1);
}
