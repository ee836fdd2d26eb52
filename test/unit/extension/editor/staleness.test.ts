import { describe, expect, it } from "vitest";
import { stalenessOf, type Evidence } from "../../../../src/extension/editor/staleness.js";

const fresh: Evidence = {
  dirty: false,
  contents: "unknown",
  source: 100,
  arrivedAt: undefined,
  images: [200],
  tracedAt: 300,
};
const given = (evidence: Partial<Evidence>) => stalenessOf({ ...fresh, ...evidence });

describe("a file's numbers", () => {
  it("are good while source, program and trace were written in that order", () => {
    expect(given({})).toBeUndefined();
  });

  it("are stale from the first edit, and after it is saved", () => {
    expect(given({ dirty: true })).toBe("edited");
    expect(given({ source: 301 })).toBe("edited");
  });

  it("are stale when the source was written after the program was built, even before the trace", () => {
    expect(given({ source: 250 })).toBe("edited");
    expect(given({ source: 250, images: [200, 260] })).toBeUndefined();
  });

  it("are stale when any of its programs was built again", () => {
    expect(given({ images: [200, 301] })).toBe("rebuilt");
    expect(given({ images: [301], source: 301, dirty: true })).toBe("rebuilt");
  });

  it("are believed where nothing is known against them", () => {
    expect(given({ source: undefined, images: [undefined] })).toBeUndefined();
    expect(given({ images: [] })).toBeUndefined();
  });

  it("are good, and stale, by what the source holds, where that was recorded, whenever it was written", () => {
    expect(given({ source: 400, contents: "as-compiled" })).toBeUndefined();
    expect(given({ source: 100, contents: "other" })).toBe("edited");
    expect(given({ contents: "as-compiled", dirty: true })).toBe("edited");
    expect(given({ contents: "as-compiled", images: [301] })).toBe("rebuilt");
  });

  it("are believed of a source that came with its folder after the program was built, but not before", () => {
    expect(given({ source: 400, arrivedAt: 390 })).toBeUndefined();
    expect(given({ source: 250, arrivedAt: 240 })).toBeUndefined();
    expect(given({ source: 250, arrivedAt: 190 })).toBe("edited");
    expect(given({ source: 400, arrivedAt: 390, images: [] })).toBeUndefined();
    expect(given({ source: 400, arrivedAt: 290, images: [] })).toBe("edited");
  });
});
