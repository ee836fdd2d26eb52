/** Pages as pixels, when there are more of them than there is room for: the hottest page of a pixel gives its colour. */
import { HEAT_STEPS, heatStep } from "./heat.js";
import type { Scene } from "./layout.js";
import type { Surface } from "./surface.js";
import type { MapTheme, Rgb } from "./theme.js";
import { cellsHeight, cellsWidth, marginWidth, RULER_HEIGHT, type View } from "./view.js";

/** 0 is nothing, 1 a mapped page, from 2 on heat: minor before major. */
const QUIET = 1;
const FIRST_HEAT = 2;

/** Rows first … last of the scene, in device pixels: an image ignores the transformation. */
export function drawRaster(
  context: Surface,
  scene: Scene,
  view: View,
  theme: MapTheme,
  first: number,
  last: number,
): void {
  const ratio = view.pixelRatio;
  const width = Math.max(1, Math.round(cellsWidth(view) * ratio));
  const height = Math.max(1, Math.round(cellsHeight(scene, view) * ratio));
  const cells = bin(scene, view, first, last, width, height);
  const image = context.createImageData(width, height);
  const colours = new Uint32Array(
    [theme.background, theme.quiet, ...theme.minor.slice(0, HEAT_STEPS), ...theme.major.slice(0, HEAT_STEPS)].map(pack),
  );
  const pixels = new Uint32Array(image.data.buffer, image.data.byteOffset, width * height);
  for (let i = 0; i < pixels.length; i++) pixels[i] = colours[cells[i]!]!;
  context.putImageData(image, Math.round(marginWidth(view.width) * ratio), Math.round(RULER_HEIGHT * ratio));
}

function bin(scene: Scene, view: View, first: number, last: number, width: number, height: number): Uint8Array {
  const cells = new Uint8Array(width * height);
  const { pages } = scene.process;
  const stepX = view.scaleX * view.pixelRatio;
  const stepY = view.scaleY * view.pixelRatio;
  const fill = (left: number, right: number, top: number, bottom: number, value: number) => {
    const fromX = Math.max(0, Math.floor((left - view.x) * stepX));
    const toX = Math.min(width, Math.max(fromX + 1, Math.floor((right - view.x) * stepX)));
    const fromY = Math.max(0, Math.floor((top - view.y) * stepY));
    const toY = Math.min(height, Math.max(fromY + 1, Math.floor((bottom - view.y) * stepY)));
    for (let y = fromY; y < toY; y++) {
      for (let x = fromX, at = y * width + fromX; x < toX; x++, at++) if (cells[at]! < value) cells[at] = value;
    }
  };
  let quietLine = -1;
  for (let row = first; row <= last; row++) {
    const y = scene.rows.y[row]!;
    const address = scene.rows.address[row]!;
    const line = Math.floor((y - view.y) * stepY);
    if (line !== quietLine) {
      const block = scene.blocks[scene.rows.block[row]!]!;
      const from = Math.max(0, (block.start - address) / scene.pageSize);
      const to = Math.min(scene.columns, (block.end - address) / scene.pageSize);
      fill(Math.floor(from), Math.ceil(to), y, y + 1, QUIET);
      quietLine = line;
    }
    const end = scene.rows.firstPage[row + 1]!;
    for (let page = scene.rows.firstPage[row]!; page < end; page++) {
      const major = pages.major[page]!;
      const heat = heatStep(view.heat, pages.minor[page]! + major, pages.timeNs[page]!);
      const column = Math.floor((pages.address[page]! - address) / scene.pageSize);
      fill(column, column + 1, y, y + 1, FIRST_HEAT + heat + (major > 0 ? HEAT_STEPS : 0));
    }
  }
  return cells;
}

/** Canvas bytes are red, green, blue, alpha; every machine a browser runs on is little-endian. */
function pack([red, green, blue]: Rgb): number {
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}
