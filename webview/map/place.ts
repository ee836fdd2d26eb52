/** Where in a map somebody was, in terms that outlive the window: addresses instead of rows and pixels. */
import type { HeatBy } from "./heat.js";
import { rowAt, type Scene } from "./layout.js";
import { fit, pan, type View } from "./view.js";

export interface MapPlace {
  readonly pid: number;
  readonly heat: HeatBy;
  readonly words: string;
  /** undefined when all of it was seen. */
  readonly near:
    { readonly address: number; readonly column: number; readonly scaleX: number; readonly scaleY: number } | undefined;
  /** Address of the page the cursor was on. */
  readonly cursor: number | undefined;
}

export function placeOf(scene: Scene, view: View, words: string): MapPlace {
  const whole = fit(scene, view);
  const row = Math.max(0, rowAt(scene, view.y));
  const address = scene.rows.address[row];
  const all = view.scaleX === whole.scaleX && view.scaleY === whole.scaleY && view.y === whole.y;
  return {
    pid: scene.process.pid,
    heat: view.heat,
    words,
    near:
      all || address === undefined ? undefined : { address, column: view.x, scaleX: view.scaleX, scaleY: view.scaleY },
    cursor: view.cursor === undefined ? undefined : scene.process.pages.address[view.cursor],
  };
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
    x: near.column,
    y: scene.rows.y[row] ?? 0,
  };
  // Nothing is moved but what would be outside.
  return pan(scene, placed, 0, 0);
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

function nearFrom(value: unknown): MapPlace["near"] {
  if (typeof value !== "object" || value === null) return undefined;
  const { address, column, scaleX, scaleY } = value as Record<string, unknown>;
  const numbers = [address, column, scaleX, scaleY];
  const sound = numbers.every((number) => typeof number === "number" && Number.isFinite(number) && number >= 0);
  if (!sound || !(Number(scaleX) > 0) || !(Number(scaleY) > 0)) return undefined;
  return { address: Number(address), column: Number(column), scaleX: Number(scaleX), scaleY: Number(scaleY) };
}
