import { describe, expect, it } from "vitest";
import type { MapModel, MapObject } from "../../../../src/core/report/map-model.js";
import { sourcePosition } from "../../../../src/extension/webview/source-position.js";
import { mapProcess, PAGE } from "../../../support/map-process.js";
import { lineRow, smallReport, touched } from "../../../support/small-report.js";

const process = mapProcess();
const undeclared = process.objects.map((object) => ({ ...object, file: undefined, line: undefined }));
const model: MapModel = { pageSize: PAGE, lost: 0, processes: [process, { ...process, pid: 43, objects: undeclared }] };
const report = smallReport({
  lines: [
    lineRow(9, { faults: 1, objects: [touched("history")] }),
    lineRow(5, { faults: 7, objects: [touched("history")] }),
    lineRow(0, { file: "", faults: 90, objects: [touched("history")] }),
    lineRow(7, { faults: 20, objects: [touched("another")] }),
  ],
});

const [main, , history] = process.objects as readonly [MapObject, MapObject, MapObject];

describe("the source of something on the map", () => {
  it("is where it is declared", () => {
    expect(sourcePosition(model, report, { ...history, pid: 42 })).toEqual({ file: "main.c", line: 9 });
  });

  it("is the line that touched it most, where no declaration is known", () => {
    expect(sourcePosition(model, report, { ...history, pid: 43 })).toEqual({ file: "/src/main.c", line: 5 });
  });

  it("is unknown for what no line with a source touched, and for what is not on the map", () => {
    expect(sourcePosition(model, report, { ...main, pid: 43 })).toBeUndefined();
    expect(sourcePosition(model, report, { ...main, pid: 7 })).toBeUndefined();
    expect(sourcePosition(model, report, { ...main, pid: 42, name: "another" })).toBeUndefined();
  });
});
