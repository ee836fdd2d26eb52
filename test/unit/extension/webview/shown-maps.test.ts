import { expect, it } from "vitest";
import type { MapModel } from "../../../../src/core/report/map-model.js";
import { ShownMaps } from "../../../../src/extension/webview/shown-maps.js";
import { mapProcess, PAGE, PROGRAM, SAMPLE_OBJECTS } from "../../../support/map-process.js";

const objects = [
  ...SAMPLE_OBJECTS,
  { start: PROGRAM + 0x2900, end: PROGRAM + 0x2908, name: "jump table", kind: "jump-table", file: "main.c", line: 12 },
  {
    start: PROGRAM + 0x2a00,
    end: PROGRAM + 0x2a08,
    name: "nowhere",
    kind: "variable",
    file: undefined,
    line: undefined,
  },
] as const;
const model: MapModel = { pageSize: PAGE, lost: 0, processes: [mapProcess(undefined, undefined, objects)] };

function shown(): ShownMaps {
  const maps = new ShownMaps();
  maps.show({}, { path: "/traces/one", model });
  return maps;
}
const names = (maps: ShownMaps, start: number, end: number, pid = 42, trace = "/traces/one") =>
  maps.symbolsOn({ trace, pid, start, end }).map(({ object }) => object);

it("functions and globals that reach into the cells are found, with what a placement needs", () => {
  expect(names(shown(), PROGRAM, PROGRAM + PAGE)).toEqual(["main", "dispatch"]);
  expect(names(shown(), PROGRAM, PROGRAM + 4 * PAGE)).toEqual(["main", "dispatch", "history"]);
  // It starts on the page before, and ends on this one.
  expect(shown().symbolsOn({ trace: "/traces/one", pid: 42, start: PROGRAM + 0x3000, end: PROGRAM + 0x4000 })).toEqual([
    {
      ...{ object: "history", kind: "variable", region: "/home/dev/build/input-thread" },
      source: { file: "main.c", line: 9 },
    },
  ]);
});

it("what no open map shows is not looked up", () => {
  expect(names(shown(), PROGRAM, PROGRAM + PAGE, 43)).toEqual([]);
  expect(names(shown(), PROGRAM, PROGRAM + PAGE, 42, "/etc/passwd")).toEqual([]);
  expect(names(shown(), PROGRAM + PAGE, PROGRAM)).toEqual([]);
  const owner = {};
  const maps = new ShownMaps();
  maps.show(owner, { path: "/traces/one", model });
  maps.show(owner, undefined);
  expect(names(maps, PROGRAM, PROGRAM + PAGE)).toEqual([]);
});
