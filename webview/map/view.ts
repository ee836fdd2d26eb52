/** Which part of the map is seen, and how large: pure arithmetic on world and screen coordinates. */
import type { HeatBy } from "./heat.js";
import { rowAt, type Scene } from "./layout.js";

export interface View {
  /** CSS pixels of the whole canvas. */
  readonly width: number;
  readonly height: number;
  readonly pixelRatio: number;
  /** World coordinates at the upper left corner of the cells. */
  readonly x: number;
  readonly y: number;
  /** CSS pixels a column and a row take. */
  readonly scaleX: number;
  readonly scaleY: number;
  readonly heat: HeatBy;
  /** Touched pages, by index; first ≤ last. */
  readonly selection: PageSpan | undefined;
  readonly cursor: number | undefined;
  readonly hover: number | undefined;
  /** Touched pages that were searched for, ascending. */
  readonly matches: readonly number[];
}

export interface PageSpan {
  readonly first: number;
  readonly last: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Height of the ruler above the cells, and of the band that tells of lost records. */
export const RULER_HEIGHT = 22;
export const LOST_HEIGHT = 24;
/** No cell grows beyond this: there is nothing more to see in it. */
const MAX_SCALE = 900;
const MIN_ROW = 1;
/** Left free at the right of the rows. */
const EDGE = 10;
/** Width to height of a cell, at most and at least, when all of it is shown. */
const FLATTEST = 3;
const TALLEST = 0.8;
/** Width of a cell whose names are written in full more often than not. */
const READABLE = 150;

/** The margin with names and addresses gives way on narrow screens. */
export function marginWidth(width: number): number {
  return width < 380 ? 96 : width < 620 ? 140 : 232;
}

export function cellsWidth(view: View): number {
  return Math.max(1, view.width - marginWidth(view.width));
}

export function cellsHeight(scene: Scene, view: View): number {
  return Math.max(1, view.height - RULER_HEIGHT - (scene.lost > 0 ? LOST_HEIGHT : 0));
}

/** Whether both show the same part at the same size. */
export function isSameView(a: View, b: View): boolean {
  return a.x === b.x && a.y === b.y && a.scaleX === b.scaleX && a.scaleY === b.scaleY;
}

export function toScreen(view: View, x: number, y: number): Point {
  return { x: marginWidth(view.width) + (x - view.x) * view.scaleX, y: RULER_HEIGHT + (y - view.y) * view.scaleY };
}

export function toWorld(view: View, at: Point): Point {
  return {
    x: view.x + (at.x - marginWidth(view.width)) / view.scaleX,
    y: view.y + (at.y - RULER_HEIGHT) / view.scaleY,
  };
}

/** All of the map, as large as it fits; so long that a row would be thinner than a pixel, it scrolls. */
export function fit(scene: Scene, view: View): View {
  const width = Math.max(1, cellsWidth(view) - EDGE);
  const fillX = Math.min(width / scene.columns, scene.largestCell.width);
  const fillY = Math.max(MIN_ROW, Math.min(cellsHeight(scene, view) / scene.height, scene.largestCell.height));
  const scaleY = Math.min(fillY, Math.max(MIN_ROW, fillX / TALLEST));
  const scaleX = Math.min(fillX, Math.max(scaleY * FLATTEST, width / scene.columns / 4));
  return { ...view, x: 0, y: 0, scaleX, scaleY };
}

/** Zooms so that what is under `at` stays there. */
export function zoom(scene: Scene, view: View, factor: number, at: Point): View {
  const least = fit(scene, view);
  const scaleX = clamp(view.scaleX * factor, Math.min(least.scaleX, 2), MAX_SCALE);
  const applied = scaleX / view.scaleX;
  // Rows may not fall behind: what is flat when all is seen becomes readable when it is near.
  const wanted = scaleX > 12 ? Math.max(view.scaleY * applied, scaleX * 0.45) : view.scaleY * applied;
  const scaleY = clamp(scaleX <= least.scaleX ? least.scaleY : wanted, MIN_ROW, MAX_SCALE);
  const world = toWorld(view, at);
  return keepInside(scene, {
    ...view,
    scaleX,
    scaleY,
    x: world.x - (at.x - marginWidth(view.width)) / scaleX,
    y: world.y - (at.y - RULER_HEIGHT) / scaleY,
  });
}

/** Moves by CSS pixels; positive shows what is to the right and below. */
export function pan(scene: Scene, view: View, right: number, down: number): View {
  return keepInside(scene, { ...view, x: view.x + right / view.scaleX, y: view.y + down / view.scaleY });
}

/** The same view with the page in it: moved as little as possible. */
export function reveal(scene: Scene, view: View, page: number): View {
  const { x, y } = cellOf(scene, page);
  const across = cellsWidth(view) / view.scaleX;
  const down = cellsHeight(scene, view) / view.scaleY;
  return keepInside(scene, {
    ...view,
    x: x < view.x ? x : x + 1 > view.x + across ? x + 1 - across : view.x,
    y: y < view.y ? y : y + 1 > view.y + down ? y + 1 - down : view.y,
  });
}

/** The page in the middle, as near as its contents can be read; nearer views stay as near as they are. */
export function approach(scene: Scene, view: View, page: number): View {
  const near = view.scaleX >= READABLE ? view : zoom(scene, view, READABLE / view.scaleX, { x: 0, y: 0 });
  const { x, y } = cellOf(scene, page);
  return keepInside(scene, {
    ...near,
    x: x + 0.5 - cellsWidth(near) / near.scaleX / 2,
    y: y + 0.5 - cellsHeight(scene, near) / near.scaleY / 2,
  });
}

/** World coordinates of a touched page's upper left corner. */
export function cellOf(scene: Scene, page: number): Point {
  const row = scene.rowOfPage[page]!;
  const offset = scene.process.pages.address[page]! - scene.rows.address[row]!;
  return { x: Math.floor(offset / scene.pageSize), y: scene.rows.y[row]! };
}

/** The page address under a point of the screen, with its row; undefined beside the cells. */
export function pageAddressAt(scene: Scene, view: View, at: Point): { address: number; row: number } | undefined {
  if (at.x < marginWidth(view.width) || at.y < RULER_HEIGHT || at.y >= RULER_HEIGHT + cellsHeight(scene, view)) return;
  const world = toWorld(view, at);
  const row = rowAt(scene, world.y);
  if (row < 0 || world.y >= scene.rows.y[row]! + 1 || world.x < 0 || world.x >= scene.columns) return undefined;
  const address = scene.rows.address[row]! + Math.floor(world.x) * scene.pageSize;
  const block = scene.blocks[scene.rows.block[row]!]!;
  return address + scene.pageSize > block.start && address < block.end ? { address, row } : undefined;
}

/** The touched page under a point of the screen. */
export function touchedPageAt(scene: Scene, view: View, at: Point): number | undefined {
  const found = pageAddressAt(scene, view, at);
  if (found === undefined) return undefined;
  const from = scene.rows.firstPage[found.row]!;
  const to = scene.rows.firstPage[found.row + 1]!;
  for (let page = from; page < to; page++) if (scene.process.pages.address[page] === found.address) return page;
  return undefined;
}

function keepInside(scene: Scene, view: View): View {
  const spareX = Math.max(0, scene.columns - cellsWidth(view) / view.scaleX);
  const spareY = Math.max(0, scene.height - cellsHeight(scene, view) / view.scaleY);
  return { ...view, x: clamp(view.x, 0, spareX), y: clamp(view.y, 0, spareY) };
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), Math.max(least, most));
}
