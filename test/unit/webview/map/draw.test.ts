import { describe, expect, it } from "vitest";
import { Raster } from "../../../../webview/map/draw-raster.js";
import { draw } from "../../../../webview/map/draw.js";
import { layout } from "../../../../webview/map/layout.js";
import type { MapProcess } from "../../../../src/core/report/map-model.js";
import type { Surface } from "../../../../webview/map/surface.js";
import {
  DARK,
  HIGH_CONTRAST,
  inkOn,
  LIGHT,
  luminance,
  type MapTheme,
  type Rgb,
} from "../../../../webview/map/theme.js";
import { fit, pan, zoom, type View } from "../../../../webview/map/view.js";
import { BLANK_VIEW, mapProcess, PAGE, SCENE_SIZE } from "../../../support/map-process.js";

const blank: View = { ...BLANK_VIEW, pixelRatio: 2 };
const scene = layout(mapProcess(), SCENE_SIZE);
const view = fit(scene, blank);

describe("the drawing of a memory map", () => {
  it("fills pages in the colours of their heat, minor and major apart", () => {
    const { fills } = drawn(scene, view);
    expect(fills(LIGHT.minor[0]!)).toBe(4);
    expect(fills(LIGHT.minor[1]!)).toBe(1);
    expect(fills(LIGHT.minor[4]!)).toBe(1);
    expect(fills(LIGHT.major[1]!)).toBe(1);
    expect(fills(LIGHT.major[2]!)).toBe(1);
  });

  it("colours by time when asked to", () => {
    const { fills } = drawn(scene, { ...view, heat: "time" });
    expect(fills(LIGHT.major[3]!)).toBe(2);
  });

  it("hatches major faults, so that they are told without colour", () => {
    expect(drawn(scene, view).lines).toBeGreaterThan(0);
    const minorOnly = layout(mapProcess([{ address: 0x5591_c2e0_0000 }]), SCENE_SIZE);
    expect(drawn(minorOnly, fit(minorOnly, blank)).lines).toBe(0);
  });

  it("names the blocks and the addresses beside them", () => {
    const { texts } = drawn(scene, view);
    expect(texts).toEqual(expect.arrayContaining(["input-thread", "[heap]", "libc.so.6", "5591 c2e0 0000"]));
  });

  it("names what is inside a page when there is room", () => {
    const near = zoom(scene, view, 12, { x: 240, y: 30 });
    const { texts } = drawn(scene, near);
    expect(texts).toEqual(expect.arrayContaining(["2 faults · .text", "main", "dispatch"]));
    expect(drawn(scene, view).texts).not.toContain("dispatch");
  });

  it("tells of lost records in every view", () => {
    const lossy = layout(mapProcess(), { ...SCENE_SIZE, lost: 1204 });
    const views = [fit(lossy, blank), zoom(lossy, fit(lossy, blank), 30, { x: 500, y: 200 })];
    for (const seen of [...views, pan(lossy, views[1]!, 900, 900)]) {
      expect(drawn(lossy, seen).texts.some((text) => text.startsWith("1,204 records were lost"))).toBe(true);
    }
    expect(drawn(scene, view).texts.some((text) => text.includes("lost"))).toBe(false);
  });

  it("paints pages smaller than a few pixels as one image, the hottest page of a pixel on top", () => {
    const pages = Array.from({ length: 40_000 }, (_, i) => ({ address: 0x7f00_0000_0000 + i * PAGE }));
    pages[20_001] = { ...pages[20_001]!, minor: 0, major: 1 } as never;
    const large = layout(mapProcess(pages, []), SCENE_SIZE);
    const { image, fills } = drawn(large, fit(large, blank));
    expect(fills(LIGHT.minor[0]!)).toBe(0);
    expect(count(image!, LIGHT.minor[0]!)).toBeGreaterThan(10_000);
    expect(count(image!, LIGHT.major[0]!)).toBeGreaterThan(0);
  });

  it("paints each picture as if it were the first, and needs the memory of one", () => {
    const large = layout(crowded(40_000), SCENE_SIZE);
    const whole = fit(large, blank);
    const near = { ...zoom(large, whole, 1.2, { x: 500, y: 300 }), scaleX: 3.5, scaleY: 3 };
    const other = layout(mapProcess(), SCENE_SIZE);
    const flat = { ...fit(other, blank), scaleX: 2, scaleY: 2 };
    const pictures = [
      { on: large, seen: whole },
      { on: large, seen: near },
      { on: large, seen: { ...near, heat: "time" as const } },
      { on: large, seen: { ...near, matches: [20_000], selection: { first: 19_000, last: 20_500 } } },
      { on: large, seen: near },
      { on: other, seen: flat },
      { on: large, seen: { ...whole, width: whole.width - 100 } },
    ];
    const raster = new Raster();
    let made = 0;
    for (const { on, seen } of pictures) {
      const again = drawn(on, seen, LIGHT, raster);
      const first = drawn(on, seen);
      expect(new Set(first.image).size).toBeGreaterThan(2);
      expect(again.image!.every((pixel, at) => pixel === first.image![at])).toBe(true);
      made += again.imagesMade;
    }
    // Another one for the other size.
    expect(made).toBe(2);
  });

  it("never measures a hostile name as a whole", () => {
    const name = "x".repeat(1 << 20);
    const hostile = layout(
      mapProcess(
        [{ address: 0x1000 }],
        [{ start: 0x1000, end: 0x2000, kind: "file", name, section: undefined, permissions: "r--p" }],
        [{ start: 0x1000, end: 0x2000, name, kind: "variable", file: undefined, line: undefined }],
      ),
      SCENE_SIZE,
    );
    const { texts, longestMeasured } = drawn(hostile, zoom(hostile, fit(hostile, blank), 10, { x: 260, y: 40 }));
    expect(longestMeasured).toBeLessThan(400);
    expect(texts.some((text) => text.endsWith("…"))).toBe(true);
  });

  it("costs what is on the screen, not what is in the trace", () => {
    const costs = [10_000, 100_000].map((pages) => {
      const large = layout(crowded(pages), SCENE_SIZE);
      const far = fit(large, blank);
      const views = [1, 3, 9, 27, 81].map((factor) => zoom(large, far, factor, { x: 500, y: 300 }));
      return Math.max(...views.map((seen) => drawn(large, seen).calls));
    });
    expect(costs[1]!).toBeLessThan(2 * costs[0]!);
  });

  it("draws an empty process", () => {
    const empty = layout(mapProcess([]), SCENE_SIZE);
    expect(() => drawn(empty, fit(empty, blank))).not.toThrow();
  });
});

describe.each<[string, MapTheme]>([
  ["light", LIGHT],
  ["dark", DARK],
  ["high contrast", HIGH_CONTRAST],
])("the %s theme", (_, theme) => {
  it("has readable words on every colour they stand on (WCAG 2: 4.5)", () => {
    expect(contrast(theme.text, theme.margin)).toBeGreaterThan(7);
    expect(contrast(theme.dim, theme.margin)).toBeGreaterThan(4.5);
    for (const heat of [...theme.minor, ...theme.major]) expect(contrast(inkOn(heat), heat)).toBeGreaterThan(4.5);
  });

  it("has heat that steadily moves away from the background", () => {
    for (const ramp of [theme.minor, theme.major]) {
      const distances = ramp.map((colour) => contrast(colour, theme.background));
      expect(distances).toEqual(distances.toSorted((a, b) => a - b));
      expect(new Set(distances).size).toBe(6);
    }
  });
});

function contrast(a: Rgb, b: Rgb): number {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light! + 0.05) / (dark! + 0.05);
}

/** Every page faulted, and an object on every fifth. */
function crowded(pages: number): MapProcess {
  const first = 0x7e00_0000_0000;
  const region = { kind: "anonymous", name: "anonymous memory", section: undefined, permissions: "rw-p" } as const;
  return mapProcess(
    Array.from({ length: pages }, (_, i) => ({ address: first + (i + (i >> 3)) * PAGE, minor: 1 + (i % 19) })),
    [{ ...region, start: first, end: first + pages * 2 * PAGE }],
    Array.from({ length: pages / 5 }, (_, i) => ({
      start: first + i * 20_000,
      end: first + i * 20_000 + 512,
      name: `object_${i}`,
      kind: "variable",
      file: "main.c",
      line: i,
    })),
  );
}

/** Draws on a surface that writes down what it is told. */
function drawn(on: typeof scene, seen: View, theme = LIGHT, raster?: Raster) {
  const rectangles = new Map<string, number>();
  const texts: string[] = [];
  let pending = 0;
  let lines = 0;
  let calls = 0;
  let imagesMade = 0;
  let longestMeasured = 0;
  let image: Uint32Array | undefined;
  const fill = (count: number) => {
    rectangles.set(String(surface.fillStyle), (rectangles.get(String(surface.fillStyle)) ?? 0) + count);
  };
  const nothing = () => undefined;
  const surface = {
    fillStyle: "",
    strokeStyle: "",
    font: "",
    lineWidth: 1,
    textAlign: "left",
    textBaseline: "top",
    setTransform: nothing,
    save: nothing,
    restore: nothing,
    clip: nothing,
    stroke: nothing,
    strokeRect: nothing,
    moveTo: nothing,
    lineTo: () => lines++,
    beginPath: () => (pending = 0),
    rect: () => pending++,
    fill: () => {
      fill(pending);
    },
    fillRect: nothing,
    fillText: (text: string) => texts.push(text),
    measureText: (text: string) => {
      longestMeasured = Math.max(longestMeasured, text.length);
      return { width: text.length * 6.6 };
    },
    createImageData: (width: number, height: number) => {
      imagesMade += 1;
      return { width, height, data: new Uint8ClampedArray(4 * width * height) };
    },
    putImageData: ({ data }: ImageData) => (image = new Uint32Array(data.buffer).slice()),
  } as unknown as Surface;
  const counted = new Proxy(surface, {
    get: (target, name: keyof Surface) => {
      calls += 1;
      return target[name];
    },
  });
  draw(counted, on, seen, theme, raster);
  return {
    calls,
    imagesMade,
    texts,
    lines,
    longestMeasured,
    image: image as Uint32Array | undefined,
    fills: ([r, g, b]: Rgb) => rectangles.get(`rgb(${r} ${g} ${b})`) ?? 0,
  };
}

function count(image: Uint32Array, [red, green, blue]: Rgb): number {
  const wanted = ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
  return image.reduce((sum, pixel) => sum + (pixel === wanted ? 1 : 0), 0);
}
