/** Pages as cells, when there is room for cells: batched by colour, details inside when they are large. */
import { heatStep, HEAT_STEPS } from "./heat.js";
import type { Scene } from "./layout.js";
import { regionAt } from "./layout.js";
import { DETAILS_FROM, drawPageDetails } from "./draw-page-details.js";
import { pageKind } from "./page-kind.js";
import type { Surface } from "./surface.js";
import { css, inkOn, PAGE_KINDS, type MapTheme } from "./theme.js";
import { toScreen, type View } from "./view.js";

/** From these sizes on, a cell has room for its kind and a hatch. */
const KIND_FROM = 8;
const HATCH_FROM = 7;

/** Rows first … last of the scene, in CSS pixels. */
export function drawCells(
  context: Surface,
  scene: Scene,
  view: View,
  theme: MapTheme,
  first: number,
  last: number,
): void {
  const space = Math.min(view.scaleX, view.scaleY) >= 7 ? 1 : 0;
  drawQuiet(context, scene, view, theme, first, last, space);
  drawTouched(context, scene, view, theme, first, last, space);
  if (view.scaleX >= DETAILS_FROM.width && view.scaleY >= DETAILS_FROM.height) {
    drawPageDetails(context, scene, view, theme, first, last);
  }
}

/** Mapped pages without a fault, and under every page a line in the colour of its kind. */
function drawQuiet(
  context: Surface,
  scene: Scene,
  view: View,
  theme: MapTheme,
  first: number,
  last: number,
  space: number,
): void {
  const { columns, pageSize, process } = scene;
  const spans = PAGE_KINDS.map(() => [] as number[]);
  for (let row = first; row <= last; row++) {
    const block = scene.blocks[scene.rows.block[row]!]!;
    const address = scene.rows.address[row]!;
    const end = Math.min(block.end, address + columns * pageSize);
    const y = scene.rows.y[row]!;
    for (let at = Math.max(block.start, address); at < end;) {
      const index = regionAt(process.regions, at);
      const region = process.regions[index];
      const next = index >= 0 ? region!.end : nextStart(process.regions, at, end);
      const until = Math.min(end, Math.max(next, at + 1));
      if (region !== undefined || block.firstRegion < 0) {
        spans[PAGE_KINDS.indexOf(pageKind(region))]!.push((at - address) / pageSize, (until - address) / pageSize, y);
      }
      at = until;
    }
  }
  context.fillStyle = css(theme.quiet);
  context.strokeStyle = css(theme.line);
  context.lineWidth = 1;
  for (const list of spans) {
    for (let i = 0; i < list.length; i += 3) {
      if (space === 0 && !theme.highContrast) {
        const from = toScreen(view, Math.floor(list[i]!), list[i + 2]!);
        const width = (Math.ceil(list[i + 1]!) - Math.floor(list[i]!)) * view.scaleX;
        context.fillRect(from.x, from.y, width, view.scaleY);
        continue;
      }
      // A section that ends within a page still makes the whole page mapped.
      for (let column = Math.floor(list[i]!); column < list[i + 1]!; column++) {
        const at = toScreen(view, column, list[i + 2]!);
        if (at.x + view.scaleX < 0 || at.x > view.width) continue;
        if (theme.highContrast) {
          context.strokeRect(at.x + 0.5, at.y + 0.5, view.scaleX - space - 1, view.scaleY - space - 1);
        } else context.fillRect(at.x, at.y, view.scaleX - space, view.scaleY - space);
      }
    }
  }
  if (view.scaleY < KIND_FROM) return;
  const thick = kindHeight(view);
  spans.forEach((list, kind) => {
    context.fillStyle = css(theme.kinds[PAGE_KINDS[kind]!]);
    for (let i = 0; i < list.length; i += 3) {
      const from = toScreen(view, list[i]!, list[i + 2]!);
      const to = toScreen(view, list[i + 1]!, 0).x - space;
      context.fillRect(from.x, from.y + view.scaleY - space - thick, Math.max(1, to - from.x), thick);
    }
  });
}

function kindHeight(view: View): number {
  return view.scaleY >= 40 ? 4 : view.scaleY >= 18 ? 3 : 2;
}

function nextStart(regions: readonly { readonly start: number }[], at: number, end: number): number {
  let low = 0;
  let high = regions.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (regions[middle]!.start <= at) low = middle + 1;
    else high = middle;
  }
  return regions[low]?.start ?? end;
}

/** One path a colour: the number of fills does not grow with the number of pages. */
function drawTouched(
  context: Surface,
  scene: Scene,
  view: View,
  theme: MapTheme,
  first: number,
  last: number,
  space: number,
): void {
  const { pages } = scene.process;
  const buckets: number[][] = Array.from({ length: 2 * HEAT_STEPS }, () => []);
  for (let row = first; row <= last; row++) {
    const end = scene.rows.firstPage[row + 1]!;
    for (let page = scene.rows.firstPage[row]!; page < end; page++) {
      const faults = pages.minor[page]! + pages.major[page]!;
      const step = heatStep(view.heat, faults, pages.timeNs[page]!);
      buckets[(pages.major[page]! > 0 ? HEAT_STEPS : 0) + step]!.push(page);
    }
  }
  const width = view.scaleX - space;
  const height = view.scaleY - space - (view.scaleY >= KIND_FROM ? kindHeight(view) + space : 0);
  buckets.forEach((list, bucket) => {
    if (list.length === 0) return;
    const major = bucket >= HEAT_STEPS;
    const colour = (major ? theme.major : theme.minor)[bucket % HEAT_STEPS]!;
    context.fillStyle = css(colour);
    context.beginPath();
    for (const page of list) {
      const at = screenOf(scene, view, page);
      if (at.x + width >= 0 && at.x <= view.width) context.rect(at.x, at.y, width, height);
    }
    context.fill();
    if (major && Math.min(width, height) >= HATCH_FROM) {
      context.strokeStyle = css(inkOn(colour), theme.highContrast ? 0.9 : 0.45);
      context.lineWidth = theme.highContrast ? 1.5 : 1;
      context.beginPath();
      for (const page of list) hatch(context, screenOf(scene, view, page), width, height);
      context.stroke();
    }
  });
}

function screenOf(scene: Scene, view: View, page: number): { readonly x: number; readonly y: number } {
  const row = scene.rowOfPage[page]!;
  const offset = scene.process.pages.address[page]! - scene.rows.address[row]!;
  return toScreen(view, Math.floor(offset / scene.pageSize), scene.rows.y[row]!);
}

/** Diagonals inside the rectangle: major faults are told without colour as well. */
export function hatch(
  context: Surface,
  at: { readonly x: number; readonly y: number },
  width: number,
  height: number,
): void {
  const step = Math.min(width, height) > 30 ? 9 : 5;
  for (let along = step; along < width + height; along += step) {
    const fromX = Math.min(along, width);
    const toY = Math.min(along, height);
    context.moveTo(at.x + fromX, at.y + along - fromX);
    context.lineTo(at.x + along - toY, at.y + toY);
  }
}
