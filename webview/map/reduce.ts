/** What an intention does to the view: a pure step from one view to the next. */
import type { Intention, Step } from "./input.js";
import type { Scene } from "./layout.js";
import {
  cellOf,
  cellsHeight,
  cellsWidth,
  fit,
  marginWidth,
  pan,
  reveal,
  RULER_HEIGHT,
  touchedPageAt,
  zoom,
} from "./view.js";
import type { PageSpan, Point, View } from "./view.js";

export function reduce(scene: Scene, view: View, intention: Intention): View {
  switch (intention.kind) {
    case "pan":
      return pan(scene, { ...view, hover: undefined }, intention.right, intention.down);
    case "zoom":
      return zoom(scene, view, intention.factor, intention.at ?? middle(scene, view));
    case "fit":
      return fit(scene, view);
    case "hover":
      return { ...view, hover: intention.at === undefined ? undefined : touchedPageAt(scene, view, intention.at) };
    case "pick": {
      const page = touchedPageAt(scene, view, intention.at);
      if (page === undefined) return intention.extend ? view : { ...view, cursor: undefined, selection: undefined };
      return select(view, page, intention.extend);
    }
    case "menu": {
      const page = touchedPageAt(scene, view, intention.at);
      const { selection } = view;
      const isWithin = page !== undefined && selection && selection.first <= page && page <= selection.last;
      return isWithin === true ? view : reduce(scene, view, { ...intention, kind: "pick", extend: false });
    }
    case "step": {
      const page = stepFrom(scene, view.cursor, intention.to);
      return page === undefined ? view : reveal(scene, select(view, page, intention.extend), page);
    }
    case "next-match": {
      const page = nextMatch(view, intention.backwards);
      return page === undefined ? view : reveal(scene, select(view, page, false), page);
    }
    case "open":
    case "open-menu":
    case "find":
      return view; // The widget's own: nothing moves.
    case "clear":
      return { ...view, cursor: undefined, selection: undefined };
  }
}

/** Where the zoom keys zoom: at the cursor if there is one in sight. */
function middle(scene: Scene, view: View): Point {
  const width = cellsWidth(view);
  const height = cellsHeight(scene, view);
  const centre = { x: marginWidth(view.width) + width / 2, y: RULER_HEIGHT + height / 2 };
  if (view.cursor === undefined) return centre;
  const cell = cellOf(scene, view.cursor);
  const x = (cell.x + 0.5 - view.x) * view.scaleX;
  const y = (cell.y + 0.5 - view.y) * view.scaleY;
  if (!(x >= 0 && x < width && y >= 0 && y < height)) return centre;
  return { x: marginWidth(view.width) + x, y: RULER_HEIGHT + y };
}

/** Extending keeps the end of the selection that the cursor is not at. */
function select(view: View, page: number, extend: boolean): View {
  const anchor =
    !extend || view.cursor === undefined || view.selection === undefined ? page : anchorOf(view.selection, view.cursor);
  return { ...view, cursor: page, selection: { first: Math.min(anchor, page), last: Math.max(anchor, page) } };
}

function anchorOf({ first, last }: PageSpan, cursor: number): number {
  return cursor === first ? last : first;
}

function stepFrom(scene: Scene, cursor: number | undefined, to: Step): number | undefined {
  const count = scene.process.pages.address.length;
  if (count === 0) return undefined;
  if (to === "first" || cursor === undefined) return 0;
  switch (to) {
    case "last":
      return count - 1;
    case "left":
      return Math.max(0, cursor - 1);
    case "right":
      return Math.min(count - 1, cursor + 1);
    case "up":
    case "down":
      return nearestInRow(scene, cursor, to === "up" ? -1 : 1);
  }
}

/** The touched page of the next row that has any, nearest to the cursor's column. */
function nearestInRow(scene: Scene, cursor: number, direction: -1 | 1): number {
  const { firstPage, length } = scene.rows;
  const column = cellOf(scene, cursor).x;
  for (let row = scene.rowOfPage[cursor]! + direction; row >= 0 && row < length; row += direction) {
    const from = firstPage[row]!;
    const to = firstPage[row + 1]!;
    if (from === to) continue;
    let best = from;
    for (let page = from; page < to; page++) {
      if (Math.abs(cellOf(scene, page).x - column) < Math.abs(cellOf(scene, best).x - column)) best = page;
    }
    return best;
  }
  return cursor;
}

function nextMatch({ matches, cursor }: View, backwards: boolean): number | undefined {
  if (backwards) return matches.findLast((page) => page < (cursor ?? Infinity)) ?? matches.at(-1);
  return matches.find((page) => page > (cursor ?? -1)) ?? matches[0];
}
