import { describe, expect, it } from "vitest";
import { intentionOfKey } from "../../../../webview/map/input.js";
import { layout } from "../../../../webview/map/layout.js";
import { reduce } from "../../../../webview/map/reduce.js";
import { cellOf, fit, toScreen, type View } from "../../../../webview/map/view.js";
import { BLANK_VIEW, mapProcess, SCENE_SIZE } from "../../../support/map-process.js";

const scene = layout(mapProcess(), SCENE_SIZE);
const start: View = fit(scene, BLANK_VIEW);

/** "Shift+ArrowRight" and the like, one after the other. */
function keys(view: View, ...presses: readonly string[]): View {
  return presses.reduce((now, press) => {
    const shift = press.startsWith("Shift+");
    const intention = intentionOfKey(shift ? press.slice(6) : press, shift);
    expect(intention, press).toBeDefined();
    return reduce(scene, now, intention!);
  }, view);
}

describe("keys on the memory map", () => {
  it("go from page to page, skipping what had no fault", () => {
    expect(keys(start, "Home").cursor).toBe(0);
    expect(keys(start, "Home", "ArrowRight", "ArrowRight").cursor).toBe(2);
    expect(keys(start, "End").cursor).toBe(0);
    expect(keys(start, "Home", "End").cursor).toBe(7);
    expect(keys(start, "Home", "End", "ArrowRight").cursor).toBe(7);
  });

  it("go down to the nearest page of the next row that has one", () => {
    const down = keys(start, "Home", "ArrowDown").cursor!;
    expect(scene.rowOfPage[down]!).toBeGreaterThan(scene.rowOfPage[0]!);
    expect(keys(start, "Home", "ArrowDown", "ArrowUp").cursor).toBeLessThan(3);
  });

  it("select with Shift, in both directions from where it began", () => {
    const right = keys(start, "Home", "ArrowRight", "ArrowRight", "Shift+ArrowRight", "Shift+ArrowRight");
    expect(right.selection).toEqual({ first: 2, last: 4 });
    const back = keys(right, "Shift+ArrowLeft", "Shift+ArrowLeft", "Shift+ArrowLeft");
    expect(back.selection).toEqual({ first: 1, last: 2 });
  });

  it("zoom at the cursor and back to all of it", () => {
    const near = keys(start, "Home", "+", "+", "+");
    expect(near.scaleX).toBeCloseTo(start.scaleX * 1.5 ** 3);
    expect(keys(near, "0")).toMatchObject({ x: 0, y: 0, scaleX: start.scaleX, scaleY: start.scaleY });
  });

  it("pan with W, A, S and D, capital or not", () => {
    const near = keys(start, "Home", "+", "+", "+", "+");
    expect(keys(near, "s").y).toBeGreaterThan(near.y);
    expect(keys(near, "S", "W").y).toBeCloseTo(near.y);
    expect(keys(near, "d").x).toBeGreaterThan(near.x);
  });

  it("go round what was found", () => {
    const found = { ...start, matches: [1, 5] };
    expect(keys(found, "n").cursor).toBe(1);
    expect(keys(found, "n", "n").cursor).toBe(5);
    expect(keys(found, "n", "n", "n").cursor).toBe(1);
    expect(keys(found, "Shift+N").cursor).toBe(5);
  });

  it("leave keys alone that mean something else", () => {
    for (const key of ["Tab", "x", "F5", " "]) expect(intentionOfKey(key, false)).toBeUndefined();
  });

  it("select nothing after Escape", () => {
    expect(keys(start, "Home", "Escape")).toMatchObject({ cursor: undefined, selection: undefined });
  });
});

describe("the pointer on the memory map", () => {
  const at = (page: number) => {
    const cell = cellOf(scene, page);
    return toScreen(start, cell.x + 0.5, cell.y + 0.5);
  };

  it("selects the page that is clicked, and up to another one with Shift", () => {
    const one = reduce(scene, start, { kind: "pick", at: at(1), extend: false });
    expect(one.selection).toEqual({ first: 1, last: 1 });
    const more = reduce(scene, one, { kind: "pick", at: at(6), extend: true });
    expect(more.selection).toEqual({ first: 1, last: 6 });
  });

  it("selects nothing where there is nothing", () => {
    const one = reduce(scene, start, { kind: "pick", at: at(1), extend: false });
    expect(reduce(scene, one, { kind: "pick", at: { x: 955, y: 590 }, extend: false }).selection).toBeUndefined();
  });
});
