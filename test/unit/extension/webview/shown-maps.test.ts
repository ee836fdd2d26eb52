import { expect, it } from "vitest";
import type { BinaryLayout } from "../../../../src/core/report/binary-layout.js";
import type { MapModel } from "../../../../src/core/report/map-model.js";
import { ShownMaps } from "../../../../src/extension/webview/shown-maps.js";
import { mapProcess, PAGE, PROGRAM } from "../../../support/map-process.js";

const OWN = "/home/dev/build/input-thread";
const model: MapModel = { pageSize: PAGE, lost: 0, processes: [mapProcess()] };
const flags = { write: false, allocated: true, execute: true, tls: false };
const symbol = (name: string, address: number, size: number, kind: "function" | "object" | "tls" = "function") => ({
  ...{ name, displayName: name, address, size, kind, section: kind === "function" ? ".text" : ".data" },
});
/** Linked at 0x10000; the sample's process has it at PROGRAM. */
const layout: BinaryLayout = {
  ...{
    path: OWN,
    buildId: undefined,
    machine: "x86-64",
    kind: "executable",
    pageSize: PAGE,
    segments: [],
    problems: [],
  },
  sections: [{ index: 1, name: ".text", type: 1, flags, address: 0x10000, fileOffset: 0, size: 0x930, nobits: false }],
  symbols: [
    symbol("_start", 0x10000, 0x20),
    symbol("main", 0x10100, 0x80),
    symbol("main.cold", 0x10180, 0x10),
    symbol("rotate", 0x10200, 0x40),
    symbol("label", 0x10300, 0),
    symbol("stderr@GLIBC_2.2.5", 0x10400, 8, "object"),
    symbol("completed.0", 0x10408, 1, "object"),
    symbol("of_a_thread", 0x12000, 8, "tls"),
    symbol("history", 0x12800, 0x810, "object"),
  ],
};
const asked: string[] = [];

function shown(): ShownMaps {
  const maps = new ShownMaps((image) => {
    asked.push(image);
    return Promise.resolve(layout);
  });
  maps.show({}, { path: "/traces/one", model, own: [OWN] });
  return maps;
}

async function names(cells: Partial<Record<"start" | "end" | "pid", number>> & { trace?: string }, maps = shown()) {
  const found = await maps.symbolsOn({ trace: "/traces/one", pid: 42, start: PROGRAM, end: PROGRAM + PAGE, ...cells });
  return found.map(({ object }) => object);
}

it("functions and globals that reach into the cells are found, touched or not, and what no source defines is not", async () => {
  expect(await names({})).toEqual(["main", "rotate"]);
  expect(await names({ end: PROGRAM + 4 * PAGE })).toEqual(["main", "rotate", "history"]);
  // It starts on the page before, and ends on this one.
  const cells = { trace: "/traces/one", pid: 42, start: PROGRAM + 0x3000, end: PROGRAM + 0x4000 };
  expect(await shown().symbolsOn(cells)).toEqual([
    {
      ...{ object: "history", kind: "variable", image: OWN, near: OWN, section: ".data" },
      source: { file: "main.c", line: 9 },
    },
  ]);
});

it("what no open map shows is not looked up, nor files that are not the workspace's", async () => {
  asked.length = 0;
  expect(await names({ pid: 43 })).toEqual([]);
  expect(await names({ trace: "/etc/passwd" })).toEqual([]);
  expect(await names({ start: 0, end: 2 ** 53 - 1 }, new ShownMaps(() => Promise.reject(new Error())))).toEqual([]);
  const libraries = { start: 0x7f3a_1e80_0000, end: 0x7f3a_1e90_0000 };
  expect(await names(libraries)).toEqual([]);
  expect(asked).toEqual([]);
  const owner = {};
  const maps = shown();
  maps.show(owner, { path: "/traces/two", model, own: [OWN] });
  maps.show(owner, undefined);
  expect(await names({ trace: "/traces/two" }, maps)).toEqual([]);
});
