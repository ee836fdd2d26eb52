/** The one drawing of the memory map: a value in, pixels out. Serves the report and the editor alike. */
import { hexAddress, addressOf } from "../../src/core/base/address.js";
import { drawCells } from "./draw-cells.js";
import { drawMarks } from "./draw-marks.js";
import { Raster } from "./draw-raster.js";
import { GAP_HEIGHT, rowAt, type Scene } from "./layout.js";
import { shortName } from "./page-kind.js";
import { clipText, type Surface } from "./surface.js";
import { css, type MapTheme } from "./theme.js";
import { vocabulary } from "./vocabulary.js";
import { cellsHeight, LOST_HEIGHT, marginWidth, RULER_HEIGHT, toScreen, type View } from "./view.js";

/** Below this many pixels a cell is not a rectangle but a pixel of a picture. */
const RASTER_BELOW = 4;
/** Height of a row that has room for its address. */
const ADDRESSES_FROM = 11.5;
const MONO = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace";
const SANS = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif";

/** Draws everything, in CSS pixels times view.pixelRatio. `raster` changes nothing in the picture, and saves time in the next. */
export function draw(context: Surface, scene: Scene, view: View, theme: MapTheme, raster: Raster = new Raster()): void {
  const margin = marginWidth(view.width);
  const bottom = RULER_HEIGHT + cellsHeight(scene, view);
  context.setTransform(view.pixelRatio, 0, 0, view.pixelRatio, 0, 0);
  context.fillStyle = css(theme.background);
  context.fillRect(0, 0, view.width, view.height);

  const first = Math.max(0, rowAt(scene, view.y));
  const last = rowAt(scene, view.y + cellsHeight(scene, view) / view.scaleY);
  context.save();
  context.beginPath();
  context.rect(margin, RULER_HEIGHT, view.width - margin, bottom - RULER_HEIGHT);
  context.clip();
  const coloured = Math.min(view.scaleX, view.scaleY) < RASTER_BELOW;
  if (coloured) raster.draw(context, scene, view, theme, first, last);
  else drawCells(context, scene, view, theme, first, last);
  drawGaps(context, scene, view, theme);
  drawMarks(context, scene, view, theme, { first, last, coloured });
  context.restore();

  drawMargin(context, scene, view, theme, first, last, bottom);
  drawRuler(context, scene, view, theme);
  if (scene.lost > 0) drawLost(context, scene, view, theme, bottom);
}

function drawGaps(context: Surface, scene: Scene, view: View, theme: MapTheme): void {
  context.font = `11px ${SANS}`;
  context.textBaseline = "middle";
  context.fillStyle = css(theme.dim);
  const left = marginWidth(view.width);
  const right = Math.min(view.width, toScreen(view, scene.columns, 0).x);
  for (const gap of scene.gaps) {
    const { y } = toScreen(view, 0, gap.y);
    const height = GAP_HEIGHT * view.scaleY;
    if (y + height < RULER_HEIGHT || y > view.height || height < 11) continue;
    const words = `${bytesInWords(gap.bytes)} ${gap.mapped ? vocabulary(scene.counted).gap : "in between"}`;
    const middle = y + height / 2;
    context.fillText(words, left + 8, middle);
    const from = left + 16 + context.measureText(words).width;
    context.fillStyle = css(theme.line);
    context.fillRect(from, Math.round(middle), Math.max(0, right - from - 8), 1);
    context.fillStyle = css(theme.dim);
  }
}

/** Names at the left stay in sight while any of their rows is; addresses where there is room for each. */
function drawMargin(
  context: Surface,
  scene: Scene,
  view: View,
  theme: MapTheme,
  first: number,
  last: number,
  bottom: number,
): void {
  const width = marginWidth(view.width);
  const narrow = width < 150;
  context.fillStyle = css(theme.margin);
  context.fillRect(0, 0, width, view.height);
  context.fillStyle = css(theme.line);
  context.fillRect(width - 1, 0, 1, view.height);
  context.save();
  context.beginPath();
  context.rect(0, RULER_HEIGHT, width - 1, bottom - RULER_HEIGHT);
  context.clip();
  context.textBaseline = "middle";
  if (view.scaleY >= ADDRESSES_FROM && !narrow) {
    context.font = `10.5px ${MONO}`;
    context.textAlign = "right";
    context.fillStyle = css(theme.dim);
    for (let row = first; row <= last; row++) {
      const middle = toScreen(view, 0, scene.rows.y[row]!).y + Math.min(view.scaleY, 60) / 2;
      context.fillText(addressInWords(scene.rows.address[row]!), width - 10, middle);
    }
    context.textAlign = "left";
  }
  context.font = `600 12px ${SANS}`;
  context.fillStyle = css(theme.text);
  for (const { text, y } of blockLabels(scene, view, first, last, bottom)) {
    context.fillText(clipText(context, text, width - (narrow || view.scaleY < ADDRESSES_FROM ? 20 : 118)), 10, y);
  }
  context.restore();
}

/** The blocks in sight that can be named without one name over another: those with more faults first. */
function blockLabels(
  scene: Scene,
  view: View,
  first: number,
  last: number,
  bottom: number,
): readonly { readonly text: string; readonly y: number }[] {
  const half = 7;
  const seen = new Set<number>();
  for (let row = first; row <= last; row++) seen.add(scene.rows.block[row]!);
  const wanted = [...seen].sort((a, b) => scene.blocks[b]!.faults - scene.blocks[a]!.faults);
  const taken: number[] = [];
  const labels: { text: string; y: number }[] = [];
  for (const index of wanted) {
    const block = scene.blocks[index]!;
    const top = toScreen(view, 0, scene.rows.y[block.firstRow]!).y;
    const end = toScreen(view, 0, scene.rows.y[block.lastRow]! + 1).y;
    const rowHalf = Math.min(view.scaleY, 60) / 2;
    const y = Math.min(Math.max(top + rowHalf, RULER_HEIGHT + half + 3), Math.max(end - rowHalf, top + rowHalf));
    if (y > bottom || taken.some((other) => Math.abs(other - y) < 2 * half)) continue;
    taken.push(y);
    labels.push({ text: shortName(block.name), y });
  }
  return labels;
}

function drawRuler(context: Surface, scene: Scene, view: View, theme: MapTheme): void {
  const margin = marginWidth(view.width);
  context.fillStyle = css(theme.margin);
  context.fillRect(0, 0, view.width, RULER_HEIGHT);
  context.fillStyle = css(theme.line);
  context.fillRect(0, RULER_HEIGHT - 1, view.width, 1);
  context.textBaseline = "middle";
  context.fillStyle = css(theme.dim);
  context.font = `11px ${SANS}`;
  context.fillText(
    clipText(context, `${scene.columns} pages of ${bytesInWords(scene.pageSize)} a row`, margin - 20),
    10,
    RULER_HEIGHT / 2,
  );
  context.font = `10px ${MONO}`;
  context.save();
  context.beginPath();
  context.rect(margin, 0, view.width - margin, RULER_HEIGHT);
  context.clip();
  let step = 1;
  while (step * view.scaleX < 62) step *= 2;
  for (let column = 0; column < scene.columns; column += step) {
    const { x } = toScreen(view, column, 0);
    if (x + step * view.scaleX < margin || x > view.width) continue;
    context.fillStyle = css(theme.line);
    context.fillRect(Math.round(x), RULER_HEIGHT - 6, 1, 5);
    context.fillStyle = css(theme.dim);
    context.fillText(`+${(column * scene.pageSize).toString(16)}`, x + 4, RULER_HEIGHT / 2);
  }
  context.restore();
}

function drawLost(context: Surface, scene: Scene, view: View, theme: MapTheme, top: number): void {
  context.fillStyle = css(theme.background);
  context.fillRect(0, top, view.width, LOST_HEIGHT);
  context.fillStyle = css(theme.warning, theme.highContrast ? 1 : 0.16);
  context.fillRect(0, top, view.width, LOST_HEIGHT);
  context.fillStyle = css(theme.warning);
  context.fillRect(0, top, view.width, 2);
  context.fillStyle = theme.highContrast ? css(theme.background) : css(theme.warning);
  context.font = `600 12px ${SANS}`;
  context.textBaseline = "middle";
  const records = scene.lost === 1 ? "1 record was" : `${scene.lost.toLocaleString("en")} records were`;
  const words = `${records} lost while recording: a page that looks quiet here may have taken faults.`;
  context.fillText(clipText(context, words, view.width - 20), 10, top + LOST_HEIGHT / 2 + 1);
}

/** "5591 3a2c 0000": groups of four are read without counting. */
function addressInWords(address: number): string {
  const { granule, offset } = addressOf(address);
  return hexAddress(granule, offset)
    .padStart(12, "0")
    .replace(/(?=(?:.{4})+$)(?!^)/g, " ");
}

function bytesInWords(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB", "PB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value < 10 && unit > 0 && value % 1 !== 0 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}
