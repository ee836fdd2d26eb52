import { expect, it } from "vitest";
import {
  faultTree,
  groupingsOf,
  type FaultNode,
  type FaultTreeOptions,
} from "../../../../src/core/report/fault-tree.js";
import type { Report } from "../../../../src/core/report/report.js";
import { english } from "../../../../src/core/report/translate.js";
import { lineRow, smallReport, touched } from "../../../support/small-report.js";

const cost = (faults: number, timeNs = faults * 1000) => ({ faults, minor: faults, major: 0, timeNs });

function tree(fields: Partial<Report> = {}, options: Partial<FaultTreeOptions> = {}): readonly FaultNode[] {
  return faultTree(smallReport(fields), { grouping: "function", order: "faults", filter: "", ...options }, english);
}

function labels(nodes: readonly FaultNode[] | undefined): readonly string[] {
  return (nodes ?? []).map(({ label, description }) => (description === "" ? label : `${label} | ${description}`));
}

function below(nodes: readonly FaultNode[], ...path: readonly string[]): readonly FaultNode[] {
  return path.reduce((level, label) => level.find((node) => node.label === label)?.children?.() ?? [], nodes);
}

it("a function opens to its lines, a line to what it touched", () => {
  const roots = tree();
  expect(labels(roots)).toEqual([
    "main | 9 · 2 major · 9 µs · main.c:3",
    "handle | 3 · 3 µs · program",
    "another | 1 · 1 µs · program",
  ]);
  expect(roots[0]!.spoken).toBe("9 faults · 2 major · 9 µs · main.c:3");
  expect(labels(below(roots, "main"))).toEqual(["main.c:5 | 9 · 2 major · 1.5 µs · main"]);
  expect(labels(below(roots, "main", "main.c:5"))).toEqual(["history | 9 · variable"]);
  expect(below(roots, "main", "main.c:5")[0]!.source).toEqual({ file: "/src/main.c", line: 1 });
});

it("a line of inlined code stands below the function whose code it is part of", () => {
  const inlinedInto = [
    { function: "twice", file: "/src/main.c", line: 9 },
    { function: "handle", file: "/src/main.c", line: 12 },
  ];
  const roots = tree({ lines: [lineRow(50, { function: "remember", inlinedInto })] });
  const [line] = below(roots, "handle");
  expect(line).toMatchObject({ label: "main.c:50", source: { file: "/src/main.c", line: 50 } });
  expect(line!.tooltip).toContain("inlined into twice (main.c:9)");
  expect(roots.find(({ label }) => label === "main")!.children).toBeUndefined();
});

it("code without lines opens to what it touched at once", () => {
  const roots = tree({ lines: [lineRow(0, { file: "", function: "handle", objects: [touched("stdout", 2)] })] });
  expect(labels(below(roots, "handle"))).toEqual(["stdout | 2 · variable"]);
});

it("an object opens to the lines that touched it, with only the faults on it", () => {
  const declaration = { file: "/src/main.c", line: 1, column: 1 };
  const objects = [{ ...smallReport().objects[0]!, image: undefined, declaration }];
  const lines = [
    lineRow(5, { faults: 9, objects: [touched("history", 4), touched("other", 5)] }),
    lineRow(7, { faults: 1, objects: [touched("history", 1)] }),
  ];
  const roots = tree({ lines, objects }, { grouping: "object" });
  expect(labels(roots)).toEqual(["history | 9 · 9 µs · .bss"]);
  expect(labels(below(roots, "history"))).toEqual(["main.c:5 | 4 · main", "main.c:7 | 1 · main"]);
});

it("things of one name in two files keep their own lines", () => {
  const object = (image: string) => ({ ...smallReport().objects[0]!, name: ".dynamic", image });
  const touch = (image: string) => ({ ...touched(".dynamic"), image, declaration: undefined });
  const roots = tree(
    {
      objects: [object("/lib/a.so"), object("/lib/b.so")],
      lines: [lineRow(5, { objects: [touch("/lib/a.so")] }), lineRow(7, { objects: [touch("/lib/b.so")] })],
    },
    { grouping: "object" },
  );
  expect(roots.map((node) => labels(node.children?.()).join())).toEqual(["main.c:5 | 1 · main", "main.c:7 | 1 · main"]);
  expect(labels(below(tree({ lines: [lineRow(5, { objects: [touch("/lib/a.so")] })] }), "main", "main.c:5"))).toEqual([
    ".dynamic | 1 · variable · a.so",
  ]);
});

it("two static variables of one name keep their own lines", () => {
  const declared = (line: number) => ({ file: "/src/main.c", line, column: 1 });
  const object = (line: number) => ({
    ...smallReport().objects[0]!,
    name: "count",
    image: undefined,
    declaration: declared(line),
  });
  const touch = (line: number) => ({ ...touched("count", 1), declaration: declared(line) });
  const roots = tree(
    {
      objects: [object(1), object(2)],
      lines: [lineRow(5, { objects: [touch(1)] }), lineRow(7, { objects: [touch(2)] })],
    },
    { grouping: "object" },
  );
  expect(roots.map((node) => labels(node.children?.()).join())).toEqual(["main.c:5 | 1 · main", "main.c:7 | 1 · main"]);
});

it("an image opens to its sections and these to their pages; other regions open to pages at once", () => {
  const report = smallReport();
  const fields = {
    regions: [...report.regions, { kind: "heap" as const, name: "[heap]", pages: 1, ...cost(1) }],
    sections: [...report.sections, { image: "/bin/program", section: ".text", pages: 1, ...cost(3) }],
    pages: [
      ...report.pages,
      { address: "0x1000", pid: 42, region: "[heap]", section: undefined, objects: [], ...cost(1) },
    ],
  };
  const roots = tree(fields, { grouping: "region" });
  expect(labels(roots)).toEqual(["program | 12 · 12 µs · 4 pages (16 kB)", "[heap] | 1 · 1 µs · 1 page (4 kB)"]);
  expect(labels(below(roots, "program"))).toEqual([
    ".bss | 9 · 9 µs · 3 pages (12 kB)",
    ".text | 3 · 3 µs · 1 page (4 kB)",
  ]);
  expect(labels(below(roots, "program", ".bss"))).toEqual(["0x5591c2e02000 | 9 · 9 µs · history"]);
  expect(labels(below(roots, "[heap]"))).toEqual(["0x1000 | 1 · 1 µs"]);
  expect(below(roots, "[heap]")[0]!.map).toEqual({ pid: 42, address: "0x1000" });
});

it("pages name their process where there are several", () => {
  const threads = [
    { pid: 42, tid: 42, name: "server", ...cost(2) },
    { pid: 50, tid: 50, name: "client", ...cost(9) },
  ];
  expect(labels(tree({}, { grouping: "page" }))[0]).toBe("0x5591c2e02000 | 9 · 9 µs · history");
  expect(labels(tree({ threads }, { grouping: "page" }))).toEqual([
    "0x5591c2e02000 | 9 · 9 µs · history · pid 42",
    "0x7f3a1e800000 | 3 · 3 µs · pid 42",
  ]);
});

it("threads stand below their processes when there are several", () => {
  expect(labels(tree({}, { grouping: "thread" }))).toEqual(["input | 12 · 12 µs · tid 43"]);
  const threads = [
    { pid: 42, tid: 42, name: "server", ...cost(2) },
    { pid: 42, tid: 43, name: "input", ...cost(5) },
    { pid: 50, tid: 50, name: "client", ...cost(9) },
  ];
  const roots = tree({ threads }, { grouping: "thread" });
  expect(labels(roots)).toEqual(["client | 9 · 9 µs · pid 50", "server | 7 · 7 µs · pid 42"]);
  expect(labels(below(roots, "server"))).toEqual(["input | 5 · 5 µs · tid 43", "server | 2 · 2 µs · tid 42"]);
});

it("a thread opens to the lines it took faults on, with only its own", () => {
  const threads = [{ pid: 42, tid: 43, name: "input", faults: 2 }];
  const lines = [lineRow(5, { faults: 9, threads }), lineRow(7, { threads: [] })];
  const roots = tree({ lines }, { grouping: "thread" });
  expect(labels(below(roots, "input"))).toEqual(["main.c:5 | 2 · main"]);
});

it("the order is by faults, by time or by name, lines by their numbers", () => {
  const functions = [
    { name: "b", image: undefined, file: undefined, line: undefined, ...cost(2, 10) },
    { name: "C", image: undefined, file: undefined, line: undefined, ...cost(1, 90) },
    { name: "a", image: undefined, file: undefined, line: undefined, ...cost(1, 20) },
  ];
  const order = (by: FaultTreeOptions["order"]) => tree({ functions }, { order: by }).map(({ label }) => label);
  expect([order("faults"), order("time"), order("name")]).toEqual([
    ["b", "C", "a"],
    ["C", "a", "b"],
    ["a", "b", "C"],
  ]);
  const lines = [lineRow(110), lineRow(9), lineRow(50)];
  expect(below(tree({ lines }, { order: "name" }), "main").map(({ label }) => label)).toEqual([
    "main.c:9",
    "main.c:50",
    "main.c:110",
  ]);
});

it("a filter keeps what matches and what leads there, in any case", () => {
  expect(labels(tree({}, { filter: "HAND" }))).toEqual(["handle | 3 · 3 µs · program"]);
  const lines = [lineRow(5, { objects: [touched("history")] }), lineRow(6, { objects: [touched("table")] })];
  const roots = tree({ lines }, { filter: "history" });
  expect(roots.map(({ label }) => label)).toEqual(["main"]);
  expect(below(roots, "main").map(({ label }) => label)).toEqual(["main.c:5"]);
  expect(below(tree({ lines }, { filter: "main" }), "main", "main.c:5").map(({ label }) => label)).toEqual(["history"]);
  expect(tree({}, { filter: "no such thing" })).toEqual([]);
  expect(tree({}, { filter: "0x5591", grouping: "page" })).toHaveLength(1);
});

it("what is open stays open: ids do not depend on order or filter", () => {
  const ids = (options: Partial<FaultTreeOptions>) => new Map(tree({}, options).map(({ label, id }) => [label, id]));
  expect(ids({ order: "name" }).get("handle")).toBe(ids({ order: "time" }).get("handle"));
  expect(ids({ filter: "hand" }).get("handle")).toBe(ids({}).get("handle"));
});

it("lost records come first, whatever the filter", () => {
  const completeness = {
    ...smallReport().completeness,
    complete: false,
    lost: 1200,
    notes: [{ code: "lost", message: "1200 records were dropped." }],
  };
  const roots = tree({ completeness }, { filter: "no such thing" });
  expect(labels(roots)).toEqual(["Incomplete: 1,200 records were lost."]);
  expect(labels(roots[0]!.children?.())).toEqual(["1200 records were dropped."]);
});

it("where only pages were counted they are called pages, and functions are not offered", () => {
  const fields = { counted: "pages" as const, functions: [], lines: [] };
  expect(groupingsOf(smallReport(fields))).toEqual(["object", "region", "thread", "page"]);
  expect(labels(tree(fields))).toEqual(["history | 9 pages · 9 µs · .bss · program"]);
});

it("heat is against the hottest sibling", () => {
  expect(tree().map(({ heat }) => heat)).toEqual([3, 2, 1]);
});

it("hostile names become one harmless line, and their ids stay short and distinct", () => {
  const name = (end: string) => `\u001b[31m\n<img src=x>[a](command:b)\u202e${"x".repeat(1 << 20)}${end}`;
  const functions = ["1", "2"].map((end) => ({
    name: name(end),
    image: undefined,
    file: undefined,
    line: undefined,
    ...cost(1),
  }));
  const roots = tree({ functions });
  expect(new Set(roots.map(({ id }) => id)).size).toBe(2);
  for (const { id, label, tooltip } of roots) {
    expect(id.length).toBeLessThan(1000);
    expect(label).toMatch(/^\\u\{1b\}\[31m\\u\{a\}<img/);
    expect(label.length).toBeLessThan(200);
    expect(tooltip.split("\n")).toHaveLength(2);
  }
});

it("a hundred thousand pages are listed quickly, the first thousand and how many there are more", () => {
  const pages = Array.from({ length: 100_000 }, (_, index) => ({
    address: `0x${(index * 4096).toString(16)}`,
    pid: 1,
    region: "[heap]",
    section: undefined,
    objects: [`block ${index}`],
    ...cost(1 + (index % 7)),
  }));
  const report = smallReport({ pages });
  const started = performance.now();
  const roots = faultTree(report, { grouping: "page", order: "faults", filter: "" }, english);
  const took = performance.now() - started;
  expect(roots).toHaveLength(1001);
  expect(roots.at(-1)).toMatchObject({ kind: "more", label: "… and 99,000 more" });
  expect(took).toBeLessThan(500);
});
