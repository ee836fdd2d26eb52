import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { namesFile, sourceTarget } from "../../../../src/extension/editor/source-target.js";
import { lineRow, smallReport, touched } from "../../../support/small-report.js";

describe("the argument of RevealSource", () => {
  it("is a file and a line", () => {
    expect(sourceTarget({ file: "/src/a.c", line: 7, more: 1 })).toEqual({ file: "/src/a.c", line: 7 });
    expect(sourceTarget({ file: "/src/a.c", line: 0 })).toEqual({ file: "/src/a.c", line: 1 });
    expect(sourceTarget({ file: "./elf/rtld.c", line: 9 })).toEqual({ file: "./elf/rtld.c", line: 9 });
  });

  it.each([
    [undefined],
    ["/src/a.c"],
    [{ file: "", line: 1 }],
    [{ file: "/src/a\0.c", line: 1 }],
    [{ file: "/src/a.c", line: 1.5 }],
    [{ file: "/src/a.c", line: Infinity }],
    [{ file: "/src/a.c", line: "1" }],
    [{ file: ["/src/a.c"], line: 1 }],
  ])("is not %j", (argument) => {
    expect(sourceTarget(argument)).toBeUndefined();
  });

  it("may be anything without harm", () => {
    fc.assert(
      fc.property(fc.anything(), (argument) => {
        const target = sourceTarget(argument);
        expect(target === undefined || target.line >= 1).toBe(true);
      }),
    );
  });
});

it("a report names the files of its lines, callers, functions and objects, and no others", () => {
  const inlinedInto = [{ function: "g", file: "/src/caller.c", line: 3 }];
  const declaration = { file: "/src/object.h", line: 1, column: 1 };
  const report = smallReport({
    lines: [lineRow(1, { inlinedInto, objects: [{ ...touched("x"), declaration }] })],
    callSites: [{ file: "/src/site.c", line: 1, function: "g", faults: 1, minor: 1, major: 0, timeNs: 0 }],
  });
  for (const file of ["/src/main.c", "/src/caller.c", "/src/object.h", "/src/site.c"]) {
    expect(namesFile(report, file)).toBe(true);
  }
  for (const file of ["/etc/passwd", "/src", ""]) expect(namesFile(report, file)).toBe(false);
});
