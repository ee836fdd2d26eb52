/** What the views decide without VS Code: the status bar's text, the library's rows, names of traces, the example's copy. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { english } from "../../../src/core/report/translate.js";
import { decodeRun } from "../../../src/core/trace/decode-run.js";
import { CommandId } from "../../../src/extension/ids.js";
import { copyExample } from "../../../src/extension/views/example-copy.js";
import { statusOf, type RecordingStatus } from "../../../src/extension/views/status.js";
import { tracePathOf } from "../../../src/extension/views/trace-argument.js";
import { nameProblem, traceEntry, type TraceFacts } from "../../../src/extension/views/trace-entry.js";
import { tracesBelow } from "../../../src/extension/views/trace-listing.js";
import { smallReport } from "../../support/small-report.js";

const scratch = mkdtempSync(join(tmpdir(), "faultline-views-"));
afterAll(() => rmSync(scratch, { recursive: true }));

const recording: RecordingStatus = {
  state: "recording",
  command: ["./server", "--port", "1"],
  faults: 1234,
  major: 3,
  lost: 0,
  bytes: 100,
  folder: undefined,
};

const run = decodeRun(
  JSON.stringify({
    version: 1,
    command: ["build/input-thread", "-"],
    startedAt: "2026-11-21T00:32:20.995Z",
    endedAt: "2026-11-21T00:32:21.288Z",
    exit: { code: 0, signal: undefined },
    lost: 0,
    faults: { minor: 170, major: 2, refused: 0 },
  }),
)!;

const facts: TraceFacts = {
  path: "/w/.faultline/traces/20261121T003220Z-input-thread",
  name: "20261121T003220Z-input-thread",
  run,
  modified: 5,
  workspaceFolder: undefined,
};
const entry = (fields: Partial<TraceFacts>) => traceEntry({ ...facts, ...fields }, (when) => `at ${when}`, english);

it("the status bar offers to trace where that is possible, to open a trace elsewhere", () => {
  expect(statusOf(undefined, undefined, true, english)).toMatchObject({
    text: "$(pulse) Faultline",
    command: CommandId.Trace,
  });
  expect(statusOf(undefined, undefined, false, english).command).toBe(CommandId.OpenTrace);
});

it("the status bar counts while a recording runs, and a click stops it", () => {
  const status = statusOf(recording, smallReport(), true, english);
  expect(status).toEqual({
    text: "$(record) 1,234 faults · 3 major",
    tooltip: "Recording page faults of ./server --port 1: click to stop",
    command: CommandId.StopRecording,
    warning: false,
  });
  expect(statusOf({ ...recording, state: "paused" }, undefined, true, english).text).toMatch(
    /^\$\(debug-pause\) 1,234/,
  );
  expect(statusOf({ ...recording, state: "ending" }, undefined, true, english).command).toBeUndefined();
  expect(statusOf({ ...recording, state: "starting" }, undefined, true, english).text).toBe("$(loading~spin) Starting");
});

it("lost records are always in the status bar", () => {
  expect(statusOf({ ...recording, lost: 7 }, undefined, true, english)).toMatchObject({
    text: "$(record) 1,234 faults · 3 major · 7 lost",
    warning: true,
  });
  const completeness = { ...smallReport().completeness, complete: false, lost: 9 };
  expect(statusOf(undefined, smallReport({ completeness }), true, english)).toMatchObject({
    text: "$(pulse) 12 faults · 2 major · 12 µs · 9 lost",
    warning: true,
    command: CommandId.ShowMemoryMap,
  });
});

it("the status bar's tooltip says how complete the trace is, and hides nothing of it", () => {
  const completeness = {
    ...smallReport().completeness,
    complete: false,
    notes: [{ code: "kernel-mode", message: "Faults in system calls are invisible." }],
  };
  expect(statusOf(undefined, smallReport({ completeness }), true, english).tooltip.split("\n")).toEqual([
    "./program --fast",
    "No record was lost, but not every fault could be seen.",
    "Faults in system calls are invisible.",
    "Click to show the memory map",
  ]);
});

it("no name from a trace becomes an icon or a second line", () => {
  const command = ["$(warning)\n\u001b[31m"];
  const status = statusOf({ ...recording, command }, undefined, true, english);
  expect(status.text).toBe("$(record) 1,234 faults · 3 major");
  expect(status.tooltip).not.toContain("\n");
});

it("a trace is listed by its command, when it was made and what it counted", () => {
  expect(entry({})).toMatchObject({
    label: "build/input-thread -",
    description: `at ${Date.parse("2026-11-21T00:32:20.995Z")} · 172 faults · 2 major`,
  });
  expect(entry({ run: { ...run, lost: 1500 } }).description).toMatch(/· 2 major · 1,500 lost$/);
  expect(entry({ workspaceFolder: "server" }).description).toMatch(/· server$/);
});

it("a trace with a name of its own is listed by it", () => {
  expect(entry({ name: "before the fix" })).toMatchObject({
    label: "before the fix",
    description: expect.stringMatching(/^build\/input-thread - · at /),
  });
});

it("a recording that was cut off says so; one without notes is listed by its folder", () => {
  const cut = entry({ run: { ...run, endedAt: undefined, faults: undefined, rusage: undefined } });
  expect(cut.description).toMatch(/ · not counted$/);
  expect(cut.tooltip).toContain("cut off");
  expect(entry({ run: undefined })).toMatchObject({ label: facts.name, when: 5 });
});

it.each([
  ["", "needs a name"],
  ["  ", "needs a name"],
  ["a/b", "slash"],
  ["..", "slash"],
  ["ä".repeat(128), "too long"],
  ["taken", "is a trace of that name"],
])("a trace cannot be called %j", (name, problem) => {
  expect(nameProblem(name, ["taken"], english)).toContain(problem);
});

it("a trace can be called almost anything else", () => {
  expect(nameProblem("before the fix, take 2", ["taken"], english)).toBeUndefined();
});

it("commands take a trace from the library and from the explorer, and nothing else", () => {
  expect(tracePathOf({ path: "/w/trace", label: "x" })).toBe("/w/trace");
  expect(tracePathOf({ scheme: "file", path: "/w/trace", fsPath: "/w/trace" })).toBe("/w/trace");
  for (const nonsense of [undefined, null, 7, "/w", {}, { path: "relative" }, { path: "/a\0b" }, { path: 7 }]) {
    expect(tracePathOf(nonsense)).toBeUndefined();
  }
  expect(tracePathOf({ scheme: "http", path: "/w/trace", fsPath: "/w/trace" })).toBeUndefined();
});

it("traces are found below a folder; what is none, or only pretends to be, does not hold up the others", async () => {
  const traces = join(scratch, "project/.faultline/traces");
  const make = (name: string, files: Readonly<Record<string, string>>) => {
    mkdirSync(join(traces, name), { recursive: true });
    for (const [file, text] of Object.entries(files)) writeFileSync(join(traces, name, file), text);
  };
  make("good", { "perf.data": "", "run.json": JSON.stringify(run) });
  make("pages", { "pages.json": "{}", "run.json": "not JSON" });
  make("huge", { "perf.data": "", "run.json": `"${"x".repeat(2 << 20)}"` });
  make("fifo", { "perf.data": "" });
  expect(spawnSync("mkfifo", [join(traces, "fifo/run.json")]).status).toBe(0);
  make("empty", {});
  writeFileSync(join(traces, "a file"), "");
  const found = await tracesBelow(join(scratch, "project"), "project");
  expect(found.map(({ name, run: record }) => [name, record?.command]).sort()).toEqual([
    ["fifo", undefined],
    ["good", run.command],
    ["huge", undefined],
    ["pages", undefined],
  ]);
  expect(await tracesBelow(join(scratch, "nowhere"), undefined)).toEqual([]);
});

it("the example is copied without what was built or traced, and without a path that leads out of it", async () => {
  const from = join(scratch, "original");
  for (const folder of ["build", ".faultline/traces"]) mkdirSync(join(from, folder), { recursive: true });
  for (const file of ["Makefile", "pointer.c", "build/input-thread"]) writeFileSync(join(from, file), file);
  writeFileSync(join(from, "faultline.json"), readFileSync("examples/input-thread/faultline.json"));
  const to = join(scratch, "copy");
  await copyExample(from, to);
  expect(readdirSync(to).sort()).toEqual(["Makefile", "faultline.json", "pointer.c"]);
  const project = JSON.parse(readFileSync(join(to, "faultline.json"), "utf8")) as Record<string, unknown>;
  expect(project).toMatchObject({ program: "build/input-thread" });
  expect(project).not.toHaveProperty("$schema");
  await expect(copyExample(from, to)).rejects.toThrow(/EEXIST/);
});

it("the example that ships can be built from its copy", async () => {
  const to = join(scratch, "real");
  await copyExample("examples/input-thread", to);
  expect(spawnSync("make", ["-C", to, "--silent"], { encoding: "utf8" })).toMatchObject({ status: 0, stderr: "" });
  expect(readdirSync(join(to, "build")).sort()).toEqual(["input-thread", "send-events"]);
});
