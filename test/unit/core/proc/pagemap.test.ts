import fc from "fast-check";
import { expect, it } from "vitest";
import { addRuns, withoutPresent, type PageRun } from "../../../../src/core/proc/pagemap.js";

const PRESENT = 1n << 63n;
const SWAPPED = 1n << 62n;
const FILE = 1n << 61n;
const PAGE = 4096;

function entries(states: readonly bigint[], littleEndian = true): Uint8Array {
  const bytes = new Uint8Array(states.length * 8);
  const view = new DataView(bytes.buffer);
  states.forEach((state, index) => view.setBigUint64(index * 8, state, littleEndian));
  return bytes;
}

function runsOf(states: readonly bigint[], littleEndian = true): PageRun[] {
  const runs: PageRun[] = [];
  addRuns(runs, entries(states, littleEndian), 0x1000, PAGE, littleEndian);
  return runs;
}

it("pages in the same state are one run, whatever frame they lie in", () => {
  expect(runsOf([PRESENT | 17n, PRESENT | 99n, 0n, PRESENT | FILE, SWAPPED | 5n])).toEqual([
    { start: 0x1000, pages: 2, kind: "anonymous", swapped: false },
    { start: 0x4000, pages: 1, kind: "file", swapped: false },
    { start: 0x5000, pages: 1, kind: "anonymous", swapped: true },
  ]);
});

it("a run goes on over the border between two reads", () => {
  const runs: PageRun[] = [];
  addRuns(runs, entries([0n, PRESENT]), 0, PAGE);
  addRuns(runs, entries([PRESENT, 0n]), 2 * PAGE, PAGE);
  expect(runs).toEqual([{ start: PAGE, pages: 2, kind: "anonymous", swapped: false }]);
});

it("both byte orders read the same", () => {
  expect(runsOf([PRESENT | FILE, 0n, SWAPPED], false)).toEqual(runsOf([PRESENT | FILE, 0n, SWAPPED], true));
});

it("an entry cut off is left out", () => {
  const runs: PageRun[] = [];
  addRuns(runs, entries([PRESENT, PRESENT]).subarray(0, 15), 0, PAGE);
  expect(runs).toEqual([{ start: 0, pages: 1, kind: "anonymous", swapped: false }]);
});

it("what was present before is taken out, page by page, as a set says", () => {
  const state = fc.constantFrom(0n, PRESENT, PRESENT | FILE, SWAPPED);
  fc.assert(
    fc.property(fc.array(fc.tuple(state, state), { maxLength: 64 }), (pages) => {
      const before = runsOf(pages.map(([old]) => old));
      const after = runsOf(pages.map(([, now]) => now));
      const came = new Set(withoutPresent(after, before, PAGE).flatMap(pagesOf));
      const expected = pages.flatMap(([old, now], index) =>
        now !== 0n && (old & PRESENT) === 0n ? [0x1000 + index * PAGE] : [],
      );
      expect([...came]).toEqual(expected);
    }),
  );
});

function pagesOf(run: PageRun): number[] {
  return Array.from({ length: run.pages }, (_, index) => run.start + index * PAGE);
}
