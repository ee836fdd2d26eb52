import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { layout } from "../../../../webview/map/layout.js";
import {
  cellOf,
  cellsHeight,
  fit,
  pageAddressAt,
  pan,
  reveal,
  toScreen,
  touchedPageAt,
  toWorld,
  zoom,
  type View,
} from "../../../../webview/map/view.js";
import { BLANK_VIEW, mapProcess, PAGE, PROGRAM, SCENE_SIZE } from "../../../support/map-process.js";

const scene = layout(mapProcess(), SCENE_SIZE);
const pages = scene.process.pages.address.map((_, page) => page);
const centre = (view: View, page: number) => {
  const cell = cellOf(scene, page);
  return toScreen(view, cell.x + 0.5, cell.y + 0.5);
};

describe("the view of a memory map", () => {
  it("shows all of it when it fits", () => {
    const view = fit(scene, BLANK_VIEW);
    const corner = toScreen(view, scene.columns, scene.height);
    expect(corner.x).toBeLessThanOrEqual(view.width);
    expect(corner.y).toBeLessThanOrEqual(view.height + 1e-6);
  });

  it("leaves room for the band that tells of lost records", () => {
    const lossy = { ...scene, lost: 7 };
    expect(cellsHeight(lossy, BLANK_VIEW)).toBeLessThan(cellsHeight(scene, BLANK_VIEW));
    expect(toScreen(fit(lossy, BLANK_VIEW), 0, scene.height).y).toBeLessThanOrEqual(600 - 24 + 1e-6);
  });

  it("finds under the middle of each cell the page that was drawn there", () => {
    const view = fit(scene, BLANK_VIEW);
    for (const page of pages) expect(touchedPageAt(scene, view, centre(view, page))).toBe(page);
  });

  it("tells a mapped page without a fault from one that is not mapped", () => {
    const view = fit(scene, BLANK_VIEW);
    const cell = cellOf(scene, 0);
    expect(pageAddressAt(scene, view, toScreen(view, cell.x + 1.5, cell.y + 0.5))?.address).toBe(PROGRAM + PAGE);
    expect(touchedPageAt(scene, view, toScreen(view, cell.x + 1.5, cell.y + 0.5))).toBeUndefined();
    expect(pageAddressAt(scene, view, toScreen(view, cell.x + 9.5, cell.y + 0.5))).toBeUndefined();
    expect(pageAddressAt(scene, view, { x: 3, y: 100 })).toBeUndefined();
  });

  it("keeps what is under the pointer there while zooming in", () => {
    fc.assert(
      fc.property(fc.constantFrom(...pages), fc.double({ min: 1.01, max: 6, noNaN: true }), (page, factor) => {
        const before = zoom(scene, fit(scene, BLANK_VIEW), 3, { x: 500, y: 300 });
        const at = { x: 480, y: 310 };
        const world = toWorld(before, at);
        const after = toWorld(zoom(scene, before, factor, at), at);
        // Only the edges of the map may hold it back.
        expect(Math.abs(after.x - world.x)).toBeLessThan(0.5 + scene.columns * 0.01);
        expect(page).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it("never leaves the map, however far it is dragged", () => {
    const amount = fc.integer({ min: -1e6, max: 1e6 });
    fc.assert(
      fc.property(amount, amount, fc.double({ min: 0.1, max: 50, noNaN: true }), (right, down, factor) => {
        const view = pan(scene, zoom(scene, fit(scene, BLANK_VIEW), factor, { x: 500, y: 300 }), right, down);
        expect(view.x).toBeGreaterThanOrEqual(0);
        expect(view.y).toBeGreaterThanOrEqual(0);
        expect(view.x).toBeLessThan(scene.columns);
        expect(view.y).toBeLessThan(scene.height);
      }),
    );
  });

  it("brings a page into sight", () => {
    const near = zoom(scene, fit(scene, BLANK_VIEW), 20, { x: 300, y: 40 });
    for (const page of pages) {
      const view = reveal(scene, near, page);
      expect(touchedPageAt(scene, view, centre(view, page))).toBe(page);
    }
  });
});
