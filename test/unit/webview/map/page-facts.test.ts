import { describe, expect, it } from "vitest";
import { layout } from "../../../../webview/map/layout.js";
import {
  findPages,
  objectsOnPage,
  pagesOfTarget,
  regionsOnPage,
  selectionFacts,
} from "../../../../webview/map/page-facts.js";
import { spokenPage } from "../../../../webview/map/words.js";
import { mapProcess, PAGE, PROGRAM } from "../../../support/map-process.js";

const scene = layout(mapProcess(), { pageSize: PAGE, lost: 0, width: 700, height: 550 });

describe("what is on a page", () => {
  it("names all sections that share it", () => {
    expect(regionsOnPage(scene, PROGRAM).map(({ section }) => section)).toEqual([".text", "input_code"]);
  });

  it("names objects that begin on it and those that reach into it", () => {
    expect(objectsOnPage(scene, 0).map(({ name }) => name)).toEqual(["main", "dispatch"]);
    expect(objectsOnPage(scene, 1).map(({ name }) => name)).toEqual(["history"]);
    expect(objectsOnPage(scene, 2).map(({ name }) => name)).toEqual(["history"]);
    expect(objectsOnPage(scene, 3)).toEqual([]);
  });

  it("is one sentence for a screen reader", () => {
    expect(spokenPage(scene, 1)).toBe(
      "Page 0x5591c2e02000: 2 faults · 1 major · 201 µs, /home/dev/build/input-thread .data; on it history.",
    );
  });
});

describe("search", () => {
  it("finds pages by object, section, file and address, whatever the case", () => {
    expect(findPages(scene, "HISTORY")).toEqual([1, 2]);
    expect(findPages(scene, ".rodata")).toEqual([7]);
    expect(findPages(scene, "libc")).toEqual([5, 6, 7]);
    expect(findPages(scene, "0x5591c2e03")).toEqual([2]);
  });

  it("finds a section that has only a part of a page", () => {
    expect(findPages(scene, "input_code")).toEqual([0]);
  });

  it("finds nothing for nothing", () => {
    expect(findPages(scene, "  ")).toEqual([]);
    expect(findPages(scene, "no such thing")).toEqual([]);
  });
});

describe("what is asked for from elsewhere", () => {
  it("is found by exact name, by an address inside, by section and by region", () => {
    expect(pagesOfTarget(scene, { object: "history" })).toEqual([1, 2]);
    expect(pagesOfTarget(scene, { object: "histor" })).toEqual([]);
    expect(pagesOfTarget(scene, { address: "0x5591c2e02abc" })).toEqual([1]);
    expect(pagesOfTarget(scene, { address: "0x5591c2e01000" })).toEqual([]);
    expect(pagesOfTarget(scene, { section: "input_code" })).toEqual([0]);
    expect(pagesOfTarget(scene, { region: "/usr/lib/libc.so.6", section: ".text" })).toEqual([5, 6]);
  });

  it("is a region where what was touched has no finer name", () => {
    expect(pagesOfTarget(scene, { object: "[heap]" })).toEqual([3, 4]);
  });

  it("is nothing where nothing is asked for", () => {
    expect(pagesOfTarget(scene, {})).toEqual([]);
    expect(pagesOfTarget(scene, { address: "nowhere" })).toEqual([]);
  });
});

describe("a selection", () => {
  it("is summed over its pages, regions with more faults first", () => {
    const facts = selectionFacts(scene, { first: 0, last: 3 });
    expect(facts).toMatchObject({ pages: 4, faults: 6, minor: 5, major: 1 });
    expect(facts.regions.map(({ region, faults }) => [region?.section ?? region?.name, faults])).toEqual([
      [".data", 3],
      [".text", 2],
      ["[heap]", 1],
    ]);
    expect(facts.objects.map(({ name }) => name)).toEqual(["main", "dispatch", "history"]);
  });
});
