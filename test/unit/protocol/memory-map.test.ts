import { describe, expect, it } from "vitest";
import type { BinaryLayout } from "../../../src/core/report/binary-layout.js";
import type { MapModel } from "../../../src/core/report/map-model.js";
import { layoutEventOf, layoutMessage, shownLayoutOf } from "../../../src/protocol/binary-layout.js";
import {
  cellsContext,
  mapCellsOf,
  mapEventOf,
  mapMessage,
  memoryMapArguments,
  shownMapOf,
  type ShownMap,
} from "../../../src/protocol/memory-map.js";
import { mapProcess, PAGE } from "../../support/map-process.js";

const model: MapModel = { pageSize: PAGE, lost: 3, counted: "faults", processes: [mapProcess()] };
const shown: ShownMap = {
  kind: "trace",
  path: "/work/traces/one",
  title: "input-thread",
  heat: "faults",
  progress: "ended",
  own: ["/home/dev/build/input-thread"],
  map: mapMessage(model),
  select: undefined,
};

describe("a memory map as a message", () => {
  it("arrives as it was sent", () => {
    const arrived = shownMapOf(structuredClone(shown));
    expect(arrived.kind === "trace" ? arrived.map : undefined).toEqual(model);
  });

  it("carries columns that own no more memory than they need", () => {
    for (const column of Object.values(mapMessage(model).processes[0]!.pages)) {
      expect(column.buffer.byteLength).toBe(8 * model.processes[0]!.pages.address.length);
    }
  });

  it("cuts names of a megabyte", () => {
    const name = "n".repeat(1 << 20);
    const process = mapProcess();
    const hostile = {
      ...process,
      name,
      objects: [{ ...process.objects[0]!, name, file: name }],
      regions: [{ ...process.regions[0]!, name, section: name }],
    };
    const message = mapMessage({ ...model, processes: [hostile] });
    expect(JSON.stringify(message.processes[0]!.objects).length).toBeLessThan(20_000);
    expect(JSON.stringify(message.processes[0]!.regions).length).toBeLessThan(20_000);
    expect(() => shownMapOf({ ...shown, map: message })).not.toThrow();
  });

  it("is refused when any of it is not what was agreed on", () => {
    const [process] = shown.map.processes;
    const broken = [
      undefined,
      { kind: "script" },
      { ...shown, path: 7 },
      { ...shown, heat: "cold" },
      { ...shown, progress: "done" },
      { ...shown, own: [7] },
      { ...shown, map: undefined },
      { ...shown, map: { ...shown.map, pageSize: "4096" } },
      { ...shown, map: { ...shown.map, processes: [{ ...process, pages: undefined }] } },
      { ...shown, map: { ...shown.map, processes: [{ ...process, pages: { ...process!.pages, minor: [1, 2] } }] } },
      {
        ...shown,
        map: { ...shown.map, processes: [{ ...process, pages: { ...process!.pages, minor: new Float64Array(1) } }] },
      },
      { ...shown, map: { ...shown.map, processes: [{ ...process, regions: [{ start: NaN, end: 1, name: "" }] }] } },
      { ...shown, map: { ...shown.map, processes: [{ ...process, objects: [{ start: 0, end: 1 }] }] } },
    ];
    for (const each of broken) expect(() => shownMapOf(each)).toThrow();
  });
});

describe("an event for the memory map", () => {
  it("is known by its type", () => {
    const live = { state: "recording", faults: 12, major: 1, lost: 0 };
    expect(mapEventOf({ type: "live", live })).toEqual({ type: "live", live });
    expect(mapEventOf({ type: "live", live: undefined })).toEqual({ type: "live", live: undefined });
    expect(mapEventOf({ type: "select", target: { object: "history" } })).toMatchObject({
      target: { object: "history" },
    });
    expect(mapEventOf({ type: "traceChanged", shown: { kind: "nothing" } })).toEqual({
      type: "traceChanged",
      shown: { kind: "nothing" },
    });
    expect(mapEventOf({ type: "run", command: "workbench.action.terminal.new" })).toBeUndefined();
    expect(mapEventOf("live")).toBeUndefined();
  });
});

describe("the arguments of the webview's requests", () => {
  it("are refused when they are of another kind", () => {
    expect(memoryMapArguments.revealSource([42, 4096, "main", true])).toEqual([42, 4096, "main", true]);
    const wrong = [
      [],
      ["42", 0, "main", true],
      [42, -1, "main", true],
      [42, 0.5, "main", true],
      [42, NaN, "main", false],
      [42, 0, 7, true],
      [42, 0, "n".repeat(1 << 20), true],
      [42, 0, "main", "yes"],
    ];
    for (const args of wrong) {
      expect(() => memoryMapArguments.revealSource(args)).toThrow();
    }
    expect(memoryMapArguments.save(["csv", new Uint8Array([1, 2])])).toEqual(["csv", new Uint8Array([1, 2])]);
    for (const args of [["exe", new Uint8Array(1)], ["csv", "text"], ["csv"], [undefined, new Uint8Array(1)]]) {
      expect(() => memoryMapArguments.save(args)).toThrow();
    }
  });
});

describe("a binary layout as a message", () => {
  const layout: BinaryLayout = {
    path: "/bin/program",
    buildId: "ab12",
    machine: "x86-64",
    kind: "executable",
    pageSize: PAGE,
    segments: [
      {
        type: 1,
        flags: { read: true, write: false, execute: true },
        fileOffset: 0,
        fileSize: 64,
        address: 0,
        memorySize: 64,
      },
    ],
    sections: [
      {
        index: 1,
        name: ".text",
        type: 1,
        flags: { write: false, allocated: true, execute: true, tls: false },
        address: 0x1000,
        fileOffset: 0x1000,
        size: 64,
        nobits: false,
      },
    ],
    symbols: [
      { name: "_Z4mainv", displayName: "main()", kind: "function", address: 0x1000, size: 16, section: ".text" },
      { name: "x", displayName: "n".repeat(1 << 20), kind: "object", address: 0x1010, size: 4, section: undefined },
    ],
    problems: ["no line information"],
  };

  it("arrives with its symbols as columns and their names cut", () => {
    const arrived = shownLayoutOf(structuredClone({ kind: "layout", layout: layoutMessage(layout) }));
    if (arrived.kind !== "layout") throw new Error("refused");
    expect(arrived.layout).toMatchObject({ path: layout.path, segments: layout.segments, sections: layout.sections });
    expect(arrived.layout.symbols.address).toEqual([0x1000, 0x1010]);
    expect(arrived.layout.symbols.name[0]).toBe("main()");
    expect(arrived.layout.symbols.name[1]!.length).toBeLessThan(1000);
    expect(arrived.layout.leftOut).toBe(0);
  });

  it("is refused when it is not what was agreed on", () => {
    const message = layoutMessage(layout);
    for (const broken of [
      undefined,
      { ...message, sections: [{}] },
      { ...message, symbols: { ...message.symbols, address: new Float64Array(1) } },
    ]) {
      expect(() => layoutEventOf({ type: "layoutChanged", shown: { kind: "layout", layout: broken } })).toThrow();
    }
    expect(layoutEventOf({ type: "live" })).toBeUndefined();
  });
});

describe("the cells a menu is about", () => {
  const cells = { trace: "/traces/one", pid: 42, start: 4096, end: 2 ** 52 };

  it("arrive as they were sent, with what VS Code adds", () => {
    const context = JSON.parse(cellsContext(cells)) as object;
    expect(mapCellsOf({ ...context, webview: "faultline.memoryMap" })).toEqual(cells);
  });

  it("are none when any of it is not what was agreed on", () => {
    const context = JSON.parse(cellsContext(cells)) as object;
    const broken = [
      ...[
        undefined,
        "cells",
        [context],
        { cells },
        { ...context, cells: undefined },
        { ...context, webviewSection: "" },
      ],
      ...[{ pid: "42" }, { start: NaN }, { end: [1] }, { trace: 7 }].map((part) => ({
        ...context,
        cells: { ...cells, ...part },
      })),
    ];
    for (const one of broken) expect(mapCellsOf(one), JSON.stringify(one)).toBeUndefined();
  });
});
