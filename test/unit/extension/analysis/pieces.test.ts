import fc from "fast-check";
import { expect, it } from "vitest";
import { launchSources } from "../../../../src/extension/analysis/launch-source-map.js";
import { putBack, takeApart } from "../../../../src/extension/analysis/pieces.js";

it("what is taken apart and put back is the same, whatever the piece size", () => {
  fc.assert(
    fc.property(
      fc.jsonValue(),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 7 }),
      (value, most, piece) => {
        const { frame, lists } = takeApart(value, most);
        const copy: unknown = structuredClone(frame);
        for (const { path, rows } of lists) {
          for (let at = 0; at < rows.length; at += piece) putBack(copy, path, rows.slice(at, at + piece));
        }
        expect(copy).toEqual(value);
      },
    ),
  );
});

it("no list longer than asked stays in the frame", () => {
  const { frame, lists } = takeApart({ a: [1, 2, 3], b: [{ c: [1, 2, 3, 4] }] }, 3);
  expect(frame).toEqual({ a: [1, 2, 3], b: [{ c: [] }] });
  expect(lists).toEqual([{ path: ["b", 0, "c"], rows: [1, 2, 3, 4] }]);
});

it("launch configurations say where sources are", () => {
  const configurations = [
    {
      sourceFileMap: {
        "/build": "${workspaceFolder}/src",
        "/long": { editorPath: "/there", useForBreakpoints: false },
      },
    },
    { sourceMap: { "/build": "/other", "/lldb": "sub", "/glob/*": "/x", "/bad": 7 } },
    "nonsense",
  ];
  expect(launchSources(configurations, "/w")).toEqual([
    { from: "/build", to: "/w/src" },
    { from: "/long", to: "/there" },
    { from: "/build", to: "/other" },
    { from: "/lldb", to: "/w/sub" },
  ]);
  expect(launchSources(undefined, "/w")).toEqual([]);
});
