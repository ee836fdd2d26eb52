/** The editor's own menu for the selected cells: by the right button, by Shift+F10, and by a button beside the map. */
import type { ControlKit } from "../ui/control-kit.js";
import type { Scene } from "./layout.js";
import { selectionFacts } from "./page-facts.js";
import type { PageSpan, Point } from "./view.js";
import type { MapOptions } from "./widget-options.js";

/** Tells the editor what a menu on these elements would be about; true: something there can be placed. */
export function offerCells(
  elements: readonly HTMLElement[],
  scene: Scene,
  selection: PageSpan | undefined,
  context: MapOptions["cellsContext"],
): boolean {
  const facts = selection === undefined ? undefined : selectionFacts(scene, selection);
  const about = facts === undefined ? undefined : context?.(scene.process, facts);
  for (const { dataset } of elements) {
    if (about === undefined) delete dataset["vscodeContext"];
    else dataset["vscodeContext"] = about;
  }
  return about !== undefined;
}

/** A button that opens the menu where it stands. */
export function cellsMenuButton(kit: ControlKit): HTMLElement {
  const made = kit.button({
    label: "Place in Locked Section…",
    title: "A menu for what lies here (Shift+F10)",
    onClick: () => {
      openMenu(made, { x: 0, y: made.offsetHeight });
    },
  });
  made.setAttribute("aria-haspopup", "menu");
  made.classList.add("cells-menu");
  return made;
}

/** As the right button does it: the editor listens for that. */
export function openMenu(element: HTMLElement, at: Point = { x: 0, y: 0 }): void {
  const { left, top } = element.getBoundingClientRect();
  const point = { clientX: left + at.x, clientY: top + at.y };
  element.dispatchEvent(new MouseEvent("contextmenu", { ...point, bubbles: true, cancelable: true }));
}
