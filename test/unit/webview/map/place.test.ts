import { describe, expect, it } from "vitest";
import { layout } from "../../../../webview/map/layout.js";
import { carriedOver, placeFrom, placeOf, viewAt } from "../../../../webview/map/place.js";
import { approach, cellOf, fit, toScreen, zoom, type View } from "../../../../webview/map/view.js";
import { BLANK_VIEW, HEAP, mapProcess, PAGE, SAMPLE_PAGES, SCENE_SIZE } from "../../../support/map-process.js";

const scene = layout(mapProcess(), SCENE_SIZE);

describe("a place on the map", () => {
  it("is found again, at the same scale, with its cursor", () => {
    const view: View = { ...zoom(scene, fit(scene, BLANK_VIEW), 9, { x: 700, y: 300 }), cursor: 5, heat: "time" };
    const again = viewAt(scene, BLANK_VIEW, placeFrom(structuredClone(placeOf(scene, view, "main")))!);
    expect(again).toEqual({ ...view, selection: { first: 5, last: 5 } });
  });

  it("is all of the map where all of it was seen, however large the window is now", () => {
    const place = placeOf(scene, fit(scene, BLANK_VIEW), "");
    expect(place.near).toBeUndefined();
    const larger = { ...BLANK_VIEW, width: 1400, height: 900 };
    expect(viewAt(scene, larger, place)).toEqual(fit(scene, larger));
  });

  it("is the nearest one where rows are arranged otherwise", () => {
    const view = zoom(scene, fit(scene, BLANK_VIEW), 9, { x: 700, y: 500 });
    const narrow = layout(mapProcess(), { pageSize: PAGE, lost: 0, width: 200, height: 900 });
    const again = viewAt(narrow, { ...BLANK_VIEW, width: 480 }, placeOf(scene, view, ""));
    expect(again.scaleX).toBe(view.scaleX);
    expect(again.y).toBeGreaterThan(0);
  });

  it("is nowhere when it was written by somebody else", () => {
    for (const stranger of [undefined, null, 7, "x", [], {}, { pid: "42", words: "" }, { pid: 42 }]) {
      expect(placeFrom(stranger)).toBeUndefined();
    }
    const near = { address: 1, across: 0, down: 0, scaleX: 1, scaleY: 1 };
    for (const broken of [{ ...near, scaleX: 0 }, { ...near, scaleY: NaN }, { ...near, address: "1" }, null, 1]) {
      expect(placeFrom({ pid: 42, words: "", near: broken })).toMatchObject({ near: undefined });
    }
  });
});

describe("a map that grows", () => {
  const before = layout(mapProcess(SAMPLE_PAGES.slice(2, 6)), SCENE_SIZE);

  it("stays all of it where all of it was seen", () => {
    expect(carriedOver(before, scene, fit(before, BLANK_VIEW))).toEqual(fit(scene, BLANK_VIEW));
  });

  it("keeps what is looked at under the eye, as large, when pages come in above it", () => {
    const view = approach(before, fit(before, BLANK_VIEW), 2);
    const after = layout(mapProcess(), { ...SCENE_SIZE, columns: before.columns });
    const now = carriedOver(before, after, view);
    const at = (there: typeof scene, seen: View, page: number) => {
      const cell = cellOf(there, page);
      return toScreen(seen, cell.x, cell.y);
    };
    expect(at(after, now, 4)).toEqual(at(before, view, 2));
    expect(now.scaleX).toBe(view.scaleX);
  });

  it("keeps the selection, with the pages that came in between", () => {
    const view = { ...fit(before, BLANK_VIEW), cursor: 1, selection: { first: 1, last: 2 }, hover: 3 };
    const pages = [...SAMPLE_PAGES.slice(0, 4), { address: HEAP + 0x1000 }, ...SAMPLE_PAGES.slice(4)];
    const now = carriedOver(before, layout(mapProcess(pages), SCENE_SIZE), view);
    expect(now).toMatchObject({ cursor: 3, selection: { first: 3, last: 5 }, hover: undefined });
  });
});

describe("what is asked for from elsewhere", () => {
  it("comes to the middle, large enough for the names on it to be read", () => {
    const view = approach(scene, fit(scene, BLANK_VIEW), 6);
    const cell = cellOf(scene, 6);
    const at = toScreen(view, cell.x + 0.5, cell.y + 0.5);
    expect(view.scaleX).toBeGreaterThan(100);
    expect(at.x).toBeGreaterThan(232);
    expect(at.x).toBeLessThan(960);
    expect(at.y).toBeGreaterThan(22);
    expect(at.y).toBeLessThan(600);
  });
});
