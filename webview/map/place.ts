/** Where in a map somebody was, in terms that outlive the window: addresses instead of rows and pixels. */
import { lastAtOrBelow } from "../../src/core/base/bisect.js";
import type { HeatBy } from "./heat.js";
import { rowAt, type Scene } from "./layout.js";
import { fit, pan, type PageSpan, type View } from "./view.js";

export interface MapPlace {
  readonly pid: number;
  readonly heat: HeatBy;
  readonly words: string;
  /** undefined when all of it was seen. */
  readonly near: NearPlace | undefined;
  /** Address of the page the cursor was on. */
  readonly cursor: number | undefined;
}

/** The upper left corner, and how large a page is drawn. */
interface NearPlace {
  /** Of a row's first page. */
  readonly address: number;
  /** From there, in pages to the right and in rows down. */
  readonly across: number;
  readonly down: number;
  readonly scaleX: number;
  readonly scaleY: number;
}

export function placeOf(scene: Scene, view: View, words: string): MapPlace {
  const whole = fit(scene, view);
  const row = Math.max(0, rowAt(scene, view.y));
  const address = scene.rows.address[row];
  const { x, y, scaleX, scaleY } = view;
  const all = scaleX === whole.scaleX && scaleY === whole.scaleY && y === whole.y;
  return {
    pid: scene.process.pid,
    heat: view.heat,
    words,
    near:
      all || address === undefined ? undefined : { address, across: x, down: y - scene.rows.y[row]!, scaleX, scaleY },
    cursor: view.cursor === undefined ? undefined : scene.process.pages.address[view.cursor],
  };
}

/** Nobody went anywhere: all of the process is seen, and nothing was searched for or selected. */
export function isStart({ near, cursor, words, pid }: MapPlace, first: number): boolean {
  return near === undefined && cursor === undefined && words === "" && pid === first;
}

/** The view of that place; the layout may have changed since. */
export function viewAt(scene: Scene, view: View, { near, cursor, heat }: MapPlace): View {
  const index = cursor === undefined ? -1 : scene.process.pages.address.indexOf(cursor);
  const selected =
    index < 0 ? { ...view, heat } : { ...view, heat, cursor: index, selection: { first: index, last: index } };
  if (near === undefined) return fit(scene, selected);
  const row = Math.max(
    0,
    scene.rows.address.findLastIndex((address) => address <= near.address),
  );
  const placed = {
    ...selected,
    scaleX: near.scaleX,
    scaleY: near.scaleY,
    x: near.across,
    y: (scene.rows.y[row] ?? 0) + near.down,
  };
  // Nothing is moved but what would be outside.
  return pan(scene, placed, 0, 0);
}

/** The same view after pages came in: the same place, and the same pages selected, with what came between them. */
export function carriedOver(before: Scene, after: Scene, view: View): View {
  const place = placeOf(before, view, "");
  const blank = { ...view, cursor: undefined, selection: undefined, hover: undefined, matches: [] };
  const placed = viewAt(after, blank, place);
  return view.selection === undefined ? placed : { ...placed, selection: spanIn(after, before, view.selection) };
}

function spanIn(after: Scene, before: Scene, { first, last }: PageSpan): PageSpan | undefined {
  const known = before.process.pages.address;
  const now = after.process.pages.address;
  const span = { first: lastAtOrBelow(now, known[first]! - 1) + 1, last: lastAtOrBelow(now, known[last]!) };
  return span.first <= span.last ? span : undefined;
}

/** What a page remembered, which an older version may have written; undefined when it is no place. */
export function placeFrom(value: unknown): MapPlace | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { pid, heat, words, near, cursor } = value as Partial<Record<keyof MapPlace, unknown>>;
  if (typeof pid !== "number" || typeof words !== "string") return undefined;
  return {
    pid,
    heat: heat === "time" || heat === "symbols" ? heat : "faults",
    words,
    near: nearFrom(near),
    cursor: typeof cursor === "number" ? cursor : undefined,
  };
}

function nearFrom(value: unknown): NearPlace | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { address, across, down, scaleX, scaleY } = value as Partial<Record<keyof NearPlace, unknown>>;
  const place = [address, across, down, scaleX, scaleY].map((given) => (typeof given === "number" ? given : NaN));
  const [at = NaN, x = NaN, y = NaN, width = NaN, height = NaN] = place;
  if (!place.every(Number.isFinite) || !(width > 0 && height > 0)) return undefined;
  return { address: at, across: x, down: y, scaleX: width, scaleY: height };
}
