import { describe, expect, it } from "vitest";
import { annotationsOf } from "../../../../src/core/report/annotations.js";
import type { Report } from "../../../../src/core/report/report.js";
import { english } from "../../../../src/core/report/translate.js";
import { HOVER_COMMANDS, hoverText, type HoverContext } from "../../../../src/extension/editor/hover-text.js";
import { lineRow, smallReport, touched } from "../../../support/small-report.js";

function hoverOf(report: Report, staleness?: HoverContext["staleness"]): string {
  const [annotation] = annotationsOf(report, "/src/main.c");
  const real = { path: "/src/main.c", realPath: (file: string) => file };
  const context = { report, ...real, staleness, translate: english };
  return hoverText(annotation!, context).join("\n\n");
}

/** As a reader sees it: without links' targets, escapes and emphasis. */
function read(markdown: string): string {
  return markdown
    .replace(/\]\([^)]*\)/g, "]")
    .replace(/\\(.)/g, "$1")
    .replaceAll("**", "");
}

describe("a line's hover", () => {
  const input = { pid: 42, tid: 43, name: "input" };
  const objects = [{ ...touched("history", 9), image: "/bin/program" }];
  const threads = [{ ...input, faults: 9 }];
  const line = lineRow(5, { faults: 9, minor: 7, major: 2, timeNs: 1_800_000, objects, threads });

  it("tells the cost, what was touched, where that lies and where it is declared", () => {
    expect(read(hoverOf(smallReport({ lines: [line] })))).toBe(
      [
        "9 faults · 7 minor · 2 major · 1.8 ms (200 µs each) in main",
        "touched\n- history variable in .bss: 9 faults · declared in [main.c:1] · [on the map]",
        "taken by input (thread 43)",
      ].join("\n\n"),
    );
  });

  it("leaves the section out where objects of one name lie in several", () => {
    const report = smallReport({ lines: [line] });
    const twice = [report.objects[0]!, { ...report.objects[0]!, section: ".data" }];
    expect(read(hoverOf({ ...report, objects: twice }))).toContain("history variable: 9 faults");
  });

  it("sums the instances of a template, and tells each", () => {
    const lines = [lineRow(5, { function: "f<int>", faults: 2 }), lineRow(5, { function: "f<char>", faults: 1 })];
    const text = read(hoverOf(smallReport({ lines })));
    expect(text).toMatch(/^3 faults/);
    expect(text).toContain("2 faults · 1 minor · 1.5 µs (750 ns each) in f<int>");
    expect(text).toContain("1 fault · 1 minor · 1.5 µs in f<char>");
  });

  it("leads up the chain of calls that were inlined", () => {
    const inlinedInto = [
      { function: "outer", file: "/src/outer.c", line: 20 },
      { function: "main", file: "/src/main.c", line: 3 },
    ];
    const text = hoverOf(smallReport({ lines: [lineRow(5, { inlinedInto })] }));
    expect(read(text)).toContain("inlined into outer ([outer.c:20]), inlined into main ([main.c:3])");
    expect(decodeURIComponent(text)).toContain('command:faultline.revealSource?[{"file":"/src/outer.c","line":20}]');
  });

  it("tells the faults of code that was inlined there, and leads to it", () => {
    const callSites = [{ file: "/src/main.c", line: 5, function: "main", faults: 4, minor: 3, major: 1, timeNs: 2000 }];
    const inlinedInto = [{ function: "main", file: "/src/main.c", line: 5 }];
    const lines = [lineRow(30, { function: "clamp", file: "/src/clamp.h", inlinedInto })];
    expect(read(hoverOf(smallReport({ lines, callSites })))).toBe(
      "4 faults in code inlined here · 1 major · 2 µs\n- clamp ([clamp.h:30])",
    );
  });

  it("tells the threads apart, and their processes where there are several", () => {
    const main = { pid: 42, tid: 42, name: "main" };
    const rows = [
      lineRow(5, { threads: [{ ...input, faults: 2 }] }),
      lineRow(5, {
        function: "f",
        threads: [
          { ...main, faults: 5 },
          { ...input, faults: 1 },
        ],
      }),
    ];
    const report = smallReport({ lines: rows });
    expect(read(hoverOf(report))).toContain("taken by main (thread 42) ×5, input (thread 43) ×3");
    const child = { ...report.threads[0]!, pid: 50, tid: 50 };
    expect(read(hoverOf({ ...report, threads: [...report.threads, child] }))).toContain(
      "taken by main (thread 42 of process 42) ×5",
    );
  });

  it("says why it is stale", () => {
    const report = smallReport({ lines: [line] });
    expect(read(hoverOf(report, "edited"))).toContain("Stale: this file is newer");
    expect(read(hoverOf(report, "rebuilt"))).toContain("Stale: the program was built again");
  });

  it("bounds what a hostile trace can make it say, and links to nothing but its own commands", () => {
    const name = `[x](command:evil)<b>${"y".repeat(100_000)}`;
    const objects = Array.from({ length: 20 }, (_, index) =>
      touched(index === 1 ? "[x](command:evil)" : `${name}${index}`),
    );
    const rows = Array.from({ length: 1000 }, (_, index) => lineRow(5, { function: `${name}${index}`, objects }));
    const text = hoverOf(smallReport({ lines: rows }));
    expect(text.length).toBeLessThan(60_000);
    const commands = [...text.matchAll(/(?<!\\)\]\(command:([^?)]*)/g)].map(([, command]) => command!);
    expect(commands.length).toBeGreaterThan(0);
    expect(commands.filter((command) => !HOVER_COMMANDS.includes(command))).toEqual([]);
    expect(read(text)).toContain("… and 995 more functions with this line");
  });
});
