/** Pages as pixels, when there are more of them than there is room for: the hottest page of a pixel gives its colour. */
import type { MapProcess } from "../../src/core/report/map-model.js";
import { HEAT_STEPS, heatStep, type HeatBy } from "./heat.js";
import type { Scene } from "./layout.js";
import type { Surface } from "./surface.js";
import type { MapTheme, Rgb } from "./theme.js";
import { cellsHeight, cellsWidth, marginWidth, RULER_HEIGHT, type View } from "./view.js";

/** 0 is nothing, 1 a mapped page, from 2 on heat: minor before major. Marks are added on top. */
const QUIET = 1;
const FIRST_HEAT = 2;
const SELECTED = 16;
const FOUND = 32;

/**
 * What one picture is made in, kept for the next: each has megabytes, and as many a frame would have the page stop for
 * its garbage. Whoever draws again and again has one of these.
 */
export class Raster {
  private image: ImageData | undefined;
  /** One byte a pixel of the image, all 0 between two pictures. */
  private cells = new Uint8Array(0);
  private heat: { readonly process: MapProcess; readonly by: HeatBy; readonly values: Uint8Array } | undefined;

  /** Rows first … last of the scene, in device pixels: an image ignores the transformation. */
  draw(context: Surface, scene: Scene, view: View, theme: MapTheme, first: number, last: number): void {
    const ratio = view.pixelRatio;
    const width = Math.max(1, Math.round(cellsWidth(view) * ratio));
    const height = Math.max(1, Math.round(cellsHeight(scene, view) * ratio));
    if (this.image?.width !== width || this.image.height !== height) {
      this.image = context.createImageData(width, height);
      this.cells = new Uint8Array(width * height);
    }
    const { image, cells } = this;
    bin(scene, view, this.heatOf(scene.process, view.heat), { first, last }, { cells, width, height });
    const colours = palette(theme);
    const pixels = new Uint32Array(image.data.buffer, image.data.byteOffset, width * height);
    for (let i = 0; i < pixels.length; i++) pixels[i] = colours[cells[i]!]!;
    cells.fill(0);
    context.putImageData(image, Math.round(marginWidth(view.width) * ratio), Math.round(RULER_HEIGHT * ratio));
  }

  /** Of each page, its value in the picture. */
  private heatOf(process: MapProcess, by: HeatBy): Uint8Array {
    if (this.heat?.process !== process || this.heat.by !== by) {
      const { address, minor, major, timeNs } = process.pages;
      const values = new Uint8Array(address.length);
      for (let page = 0; page < values.length; page++) {
        const majors = major[page]!;
        const step = heatStep(by, minor[page]! + majors, timeNs[page]!);
        values[page] = FIRST_HEAT + step + (majors > 0 ? HEAT_STEPS : 0);
      }
      this.heat = { process, by, values };
    }
    return this.heat.values;
  }
}

interface Cells {
  readonly cells: Uint8Array;
  readonly width: number;
  readonly height: number;
}

function bin(
  scene: Scene,
  view: View,
  heat: Uint8Array,
  { first, last }: { readonly first: number; readonly last: number },
  { cells, width, height }: Cells,
): void {
  const { pages } = scene.process;
  const { rows, columns, pageSize } = scene;
  const stepX = view.scaleX * view.pixelRatio;
  const stepY = view.scaleY * view.pixelRatio;
  const left = new Int32Array(columns + 1);
  for (let column = 0; column <= columns; column++) left[column] = Math.floor((column - view.x) * stepX);
  const marks = marksOf(view, pages.address.length);
  let fromY = 0;
  let toY = 0;
  let quietLine = -1;
  const paint = (from: number, to: number, value: number) => {
    const fromX = Math.max(0, left[from]!);
    const toX = Math.min(width, Math.max(fromX + 1, left[to]!));
    for (let y = fromY; y < toY; y++) {
      for (let x = fromX, at = y * width + fromX; x < toX; x++, at++) {
        const old = cells[at]!;
        cells[at] = Math.max(old & 15, value & 15) | ((old | value) & (SELECTED | FOUND));
      }
    }
  };
  for (let row = first; row <= last; row++) {
    fromY = Math.max(0, Math.floor((rows.y[row]! - view.y) * stepY));
    toY = Math.min(height, Math.max(fromY + 1, Math.floor((rows.y[row]! + 1 - view.y) * stepY)));
    const address = rows.address[row]!;
    // Where many rows share a line of pixels, the first one's extent stands for all.
    if (fromY !== quietLine) {
      const block = scene.blocks[rows.block[row]!]!;
      const from = Math.max(0, Math.floor((block.start - address) / pageSize));
      paint(from, Math.min(columns, Math.ceil((block.end - address) / pageSize)), QUIET);
      quietLine = fromY;
    }
    const end = rows.firstPage[row + 1]!;
    for (let page = rows.firstPage[row]!; page < end; page++) {
      const column = Math.floor((pages.address[page]! - address) / pageSize);
      paint(column, column + 1, heat[page]! | (marks === undefined ? 0 : marks[page]!));
    }
  }
}

function marksOf({ selection, matches }: View, pages: number): Uint8Array | undefined {
  if (matches.length === 0 && (selection === undefined || selection.first === selection.last)) return undefined;
  const marks = new Uint8Array(pages);
  if (selection !== undefined) marks.fill(SELECTED, selection.first, selection.last + 1);
  for (const page of matches) marks[page]! |= FOUND;
  return marks;
}

/** A colour for each value a pixel may have. */
function palette(theme: MapTheme): Uint32Array {
  const heat = [...theme.minor.slice(0, HEAT_STEPS), ...theme.major.slice(0, HEAT_STEPS)];
  const plain = [theme.background, theme.quiet, ...heat];
  const colours = new Uint32Array(2 * FOUND);
  plain.forEach((colour, value) => {
    colours[value] = pack(colour);
    colours[value | SELECTED] = pack(mix(colour, theme.accent, 0.35));
    colours[value | FOUND] = pack(mix(colour, theme.match, 0.75));
    colours[value | SELECTED | FOUND] = pack(mix(mix(colour, theme.match, 0.75), theme.accent, 0.35));
  });
  return colours;
}

function mix(a: Rgb, b: Rgb, share: number): Rgb {
  const part = (index: 0 | 1 | 2) => Math.round(a[index] + (b[index] - a[index]) * share);
  return [part(0), part(1), part(2)];
}

/** Canvas bytes are red, green, blue, alpha; every machine a browser runs on is little-endian. */
function pack([red, green, blue]: Rgb): number {
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}
