/** Mouse, pen, touch and keyboard become intentions; what they do to the map is decided elsewhere. */
import type { Point } from "./view.js";

export type Intention =
  | { readonly kind: "pan"; readonly right: number; readonly down: number }
  | { readonly kind: "zoom"; readonly factor: number; readonly at: Point | undefined }
  | { readonly kind: "fit" }
  | { readonly kind: "hover"; readonly at: Point | undefined }
  | { readonly kind: "pick"; readonly at: Point; readonly extend: boolean }
  /** Before the editor's menu: it is about the selection, or about the page under the pointer outside of it. */
  | { readonly kind: "menu"; readonly at: Point }
  | { readonly kind: "open-menu" }
  | { readonly kind: "step"; readonly to: Step; readonly extend: boolean }
  | { readonly kind: "next-match"; readonly backwards: boolean }
  | { readonly kind: "open"; readonly at: Point | undefined }
  | { readonly kind: "find" }
  | { readonly kind: "clear" };

export type Step = "left" | "right" | "up" | "down" | "first" | "last";

/** CSS pixels: less is a click, and what a key moves. */
const CLICK_SLACK = 4;
const KEY_PAN = 80;
const KEY_ZOOM = 1.5;

export function listen(canvas: HTMLCanvasElement, act: (intention: Intention) => void): void {
  const at = (event: MouseEvent): Point => ({ x: event.offsetX, y: event.offsetY });
  let drag: { readonly start: Point; last: Point; moved: boolean; readonly selects: boolean } | undefined;

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button === 2) act({ kind: "menu", at: at(event) });
    if (event.button !== 0) return;
    canvas.setPointerCapture(event.pointerId);
    drag = { start: at(event), last: at(event), moved: false, selects: event.shiftKey };
    if (event.shiftKey) act({ kind: "pick", at: at(event), extend: true });
  });
  canvas.addEventListener("pointermove", (event) => {
    const here = at(event);
    if (drag === undefined) {
      act({ kind: "hover", at: here });
      return;
    }
    if (Math.hypot(here.x - drag.start.x, here.y - drag.start.y) > CLICK_SLACK) drag.moved = true;
    if (!drag.moved) return;
    if (drag.selects) act({ kind: "pick", at: here, extend: true });
    else act({ kind: "pan", right: drag.last.x - here.x, down: drag.last.y - here.y });
    drag.last = here;
  });
  canvas.addEventListener("pointerup", (event) => {
    if (drag !== undefined && !drag.moved && !drag.selects) act({ kind: "pick", at: at(event), extend: false });
    drag = undefined;
  });
  canvas.addEventListener("dblclick", (event) => {
    act({ kind: "open", at: at(event) });
  });
  canvas.addEventListener("pointercancel", () => (drag = undefined));
  canvas.addEventListener("pointerleave", () => {
    act({ kind: "hover", at: undefined });
  });
  canvas.addEventListener(
    "wheel",
    (event) => {
      if (event.ctrlKey || event.metaKey) {
        event.preventDefault();
        act({ kind: "zoom", factor: Math.exp(-pixels(event, event.deltaY) / 240), at: at(event) });
      } else if (event.shiftKey) {
        event.preventDefault();
        act({ kind: "pan", right: pixels(event, event.deltaY || event.deltaX), down: 0 });
      }
      // A plain wheel scrolls the page the map is in.
    },
    { passive: false },
  );
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const intention = intentionOfKey(event.key, event.shiftKey);
    if (intention === undefined) return;
    event.preventDefault();
    act(intention);
  });
}

/** What a key means while the map has the focus. */
export function intentionOfKey(key: string, shift: boolean): Intention | undefined {
  const step = STEPS[key];
  if (step !== undefined) return { kind: "step", to: step, extend: shift };
  if (key === "ContextMenu" || (key === "F10" && shift)) return { kind: "open-menu" };
  switch (key.length === 1 ? key.toLowerCase() : key) {
    case "w":
      return { kind: "pan", right: 0, down: -KEY_PAN };
    case "s":
      return { kind: "pan", right: 0, down: KEY_PAN };
    case "a":
      return { kind: "pan", right: -KEY_PAN, down: 0 };
    case "d":
      return { kind: "pan", right: KEY_PAN, down: 0 };
    case "+":
    case "=":
      return { kind: "zoom", factor: KEY_ZOOM, at: undefined };
    case "-":
      return { kind: "zoom", factor: 1 / KEY_ZOOM, at: undefined };
    case "0":
      return { kind: "fit" };
    case "n":
      return { kind: "next-match", backwards: shift };
    case "/":
      return { kind: "find" };
    case "Enter":
      return { kind: "open", at: undefined };
    case "Escape":
      return { kind: "clear" };
    default:
      return undefined;
  }
}

const STEPS: Readonly<Record<string, Step>> = {
  ArrowLeft: "left",
  ArrowRight: "right",
  ArrowUp: "up",
  ArrowDown: "down",
  Home: "first",
  End: "last",
};

function pixels(event: WheelEvent, delta: number): number {
  return event.deltaMode === WheelEvent.DOM_DELTA_LINE ? delta * 16 : delta;
}
