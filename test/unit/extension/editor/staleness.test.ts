import { describe, expect, it } from "vitest";
import { stalenessOf, type Evidence } from "../../../../src/extension/editor/staleness.js";

const fresh: Evidence = { dirty: false, source: 100, images: [200], tracedAt: 300 };
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
});
