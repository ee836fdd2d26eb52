import { describe, expect, it } from "vitest";
import type { Findings, Site } from "../../../../src/core/attribution/findings.js";
import { annotationsOf } from "../../../../src/core/report/annotations.js";
import { callSiteRows } from "../../../../src/core/report/line-rows.js";

const here = (file: string) => file;

/** One site with as many minor faults; frames as "function:line", innermost first. */
function findings(faults: number, ...frames: readonly string[]): Findings {
  const site: Site = {
    image: "/program",
    address: 0x1000,
    section: ".text",
    label: "",
    called: false,
    unknown: undefined,
    frames: frames.map((frame, depth) => {
      const [name = "", line] = frame.split(":");
      const place = { file: "/main.c", line: Number(line), column: 0 };
      const inlined = depth < frames.length - 1;
      return { ...place, function: name, linkageName: name, inlined, declaration: undefined };
    }),
  };
  const none = new Float64Array(1);
  const row = new Uint32Array(1);
  const cells = { length: 1, site: row, object: row, thread: row, other: none, kernel: none, timeNs: none };
  return {
    sites: [site],
    objects: [],
    threads: [],
    cells: { ...cells, minor: new Float64Array([faults]), major: none },
  } as unknown as Findings;
}

/** "function:line faults" of each call site. */
function callSites(of: Findings): readonly string[] {
  return callSiteRows(of, here).map(({ function: name, line, faults }) => `${name}:${line} ${faults}`);
}

describe("code that was inlined", () => {
  it("counts at each call it was inlined through", () => {
    expect(callSites(findings(3, "touch:1", "twice:5", "main:9"))).toEqual(["main:9 3", "twice:5 3"]);
  });

  it("counts once on a line that it was inlined through twice, at the outer call", () => {
    const nested = findings(3, "touch:1", "inner:5", "outer:5", "main:9");
    expect(callSites(nested)).toEqual(["main:9 3", "outer:5 3"]);
    const [line] = annotationsOf({ lines: [], callSites: callSiteRows(nested, here) }, "/main.c");
    expect(line).toMatchObject({ line: 5, inlined: { faults: 3 } });
  });

  it("counts once where a function was inlined into itself", () => {
    expect(callSites(findings(3, "leaf:1", "again:5", "again:5", "main:9"))).toEqual(["main:9 3", "again:5 3"]);
  });

  it("counts on its own line as that line's, not as a call's", () => {
    expect(callSites(findings(3, "touch:5", "twice:5", "main:9"))).toEqual(["main:9 3"]);
  });

  it("a call without a line counts nowhere", () => {
    expect(callSites(findings(3, "touch:1", "twice:0", "main:9"))).toEqual(["main:9 3"]);
  });
});
