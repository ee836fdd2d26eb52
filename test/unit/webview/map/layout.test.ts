import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { layout, regionAt, type Scene } from "../../../../webview/map/layout.js";
import { LIBRARY, mapProcess, PAGE, PROGRAM, SAMPLE_REGIONS } from "../../../support/map-process.js";

const size = { pageSize: PAGE, lost: 0, width: 800, height: 600 };

describe("the layout of a memory map", () => {
  it("keeps an image's sections together and gives every mapping a block of its own", () => {
    const scene = layout(mapProcess(), size);
    expect(scene.blocks.map(({ name, faults }) => [name, faults])).toEqual([
      ["/home/dev/build/input-thread", 5],
      ["[heap]", 2],
      ["/usr/lib/libc.so.6", 13],
    ]);
  });

  it("starts every row at a multiple of its length, as a hex dump does", () => {
    const scene = layout(mapProcess(), size);
    for (const address of scene.rows.address) expect(address % (scene.columns * PAGE)).toBe(0);
  });

  it("leaves out what has no fault, and says how much that is", () => {
    const scene = layout(mapProcess(), { ...size, width: 500 });
    const rowBytes = scene.columns * PAGE;
    const inLibrary = scene.gaps.filter(({ mapped }) => mapped);
    expect(inLibrary).toHaveLength(1);
    const quietRows = Math.floor(0x154000 / rowBytes) - 1;
    expect(inLibrary[0]!.bytes).toBe(quietRows * rowBytes);
    const toHeap = scene.gaps.find(({ mapped }) => !mapped);
    expect(toHeap!.bytes).toBeGreaterThan(0x5591_c3a1_2000 - (PROGRAM + 0x3020) - rowBytes);
  });

  it("puts every page into the one row that covers it, in order, without overlap", () => {
    const page = fc.integer({ min: 0, max: 5000 });
    fc.assert(
      fc.property(fc.uniqueArray(page, { minLength: 1, maxLength: 300 }), (numbers) => {
        const addresses = numbers.sort((a, b) => a - b).map((number) => PROGRAM + number * PAGE);
        const scene = layout(mapProcess(addresses.map((address) => ({ address }))), size);
        expectCovered(scene, addresses);
      }),
    );
  });

  it("takes pages that are in no known region", () => {
    const scene = layout(mapProcess([{ address: 0x1000 }, { address: LIBRARY }], SAMPLE_REGIONS.slice(4)), size);
    expect(scene.blocks.map(({ name }) => name)).toEqual(["not in a known region", "/usr/lib/libc.so.6"]);
  });

  it("is empty but valid without pages", () => {
    const scene = layout(mapProcess([]), size);
    expect([scene.rows.length, scene.blocks.length]).toEqual([0, 0]);
    expect(scene.height).toBeGreaterThan(0);
  });

  it("follows the page size of the trace", () => {
    const big = 65536;
    const process = mapProcess([{ address: 0x10_0000 }, { address: 0x11_0000 }], []);
    const scene = layout(process, { ...size, pageSize: big });
    expect(scene.rows.length).toBe(1);
    expect([...scene.rows.firstPage]).toEqual([0, 2]);
  });
});

describe("regionAt", () => {
  it("finds the region by address and nothing between regions", () => {
    expect(regionAt(SAMPLE_REGIONS, PROGRAM + 0x930)).toBe(1);
    expect(regionAt(SAMPLE_REGIONS, PROGRAM + 0x1fff)).toBe(-1);
    expect(regionAt(SAMPLE_REGIONS, 0)).toBe(-1);
  });
});

function expectCovered(scene: Scene, addresses: readonly number[]): void {
  const { rows, columns, pageSize } = scene;
  addresses.forEach((address, page) => {
    const row = scene.rowOfPage[page]!;
    expect(address).toBeGreaterThanOrEqual(rows.address[row]!);
    expect(address).toBeLessThan(rows.address[row]! + columns * pageSize);
    expect(page).toBeGreaterThanOrEqual(rows.firstPage[row]!);
    expect(page).toBeLessThan(rows.firstPage[row + 1]!);
  });
  for (let row = 1; row < rows.length; row++) expect(rows.y[row]!).toBeGreaterThanOrEqual(rows.y[row - 1]! + 1);
}
