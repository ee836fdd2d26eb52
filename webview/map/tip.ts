/** The words beside the pointer, or beside the cursor of who uses the keyboard. */
import { grouped } from "../../src/core/report/quantities.js";
import { element } from "./elements.js";
import type { Scene } from "./layout.js";
import { cellOf, pageAddressAt, toScreen, type Point, type View } from "./view.js";
import { pageWords } from "./words.js";

/** Shown for the page under `at`, a point of the canvas; hidden where there is none. */
export function showTip(tip: HTMLElement, scene: Scene, view: View, at: Point | undefined): void {
  const found = at === undefined ? undefined : pageAddressAt(scene, view, at);
  tip.hidden = found === undefined;
  if (at === undefined || found === undefined) return;
  const { pages } = scene.process;
  const page = view.hover ?? (pages.address[view.cursor ?? -1] === found.address ? view.cursor : undefined);
  const words = pageWords(scene, found.address, page);
  const rest = words.objects.length - MOST_OBJECTS;
  tip.replaceChildren(
    element("div", { class: "lead" }, words.cost),
    element("div", {}, words.place),
    ...words.objects.slice(0, MOST_OBJECTS).map((name) => element("div", { class: "name" }, name)),
    rest > 0 ? element("div", { class: "dim" }, `and ${grouped(rest)} more`) : "",
    element("div", { class: "dim name" }, words.address),
  );
  const { width, height } = tip.getBoundingClientRect();
  tip.style.left = `${Math.max(4, Math.min(at.x + 14, view.width - width - 4))}px`;
  tip.style.top = `${at.y + 18 + height > view.height ? Math.max(4, at.y - height - 10) : at.y + 18}px`;
}

/** The middle of the cursor's cell. */
export function cursorPoint(scene: Scene, view: View): Point | undefined {
  if (view.cursor === undefined) return undefined;
  const cell = cellOf(scene, view.cursor);
  return toScreen(view, cell.x + 0.5, cell.y + 0.5);
}

const MOST_OBJECTS = 8;
